//! The catalogue: when two texts name the same title or the same system, and how a search finds a release of a title.
//! Pure: no I/O, no clock, no database.
//!
//! All text is folded here, once. The databases store and compare what this crate gives, byte by byte: a search is a match
//! of prefixes among the lexemes of a [`Release`].

mod bounds;
mod correction;
mod expression;
mod fold;
mod numerals;
mod query;
mod release;
mod sorting;
pub mod spelling;
pub mod systems;
pub mod titles;
mod tokens;

pub use self::{
    correction::correct, expression::Expression, fold::fold, query::Query, release::Release,
};

/// The number of the rule by which keys and lexemes are made. A change of the rule needs a new number, by which the rows
/// of the old rule are found.
pub const RULE: i32 = 1;
