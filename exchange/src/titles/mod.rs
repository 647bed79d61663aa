//! Titles of games: what all spellings of a name have in common.

mod find;
mod merge;
mod suggest;

pub(crate) use self::suggest::listed;
pub use self::{
    find::{by_keys, find},
    merge::{MergeError, Merged, merge},
    suggest::{DEFAULT_SUGGESTIONS, MAX_SUGGESTIONS, Suggestions, suggest},
};
