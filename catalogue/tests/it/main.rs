//! The tests of the catalogue, in one binary.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

mod correction;
mod expressions;
mod folding;
mod keys;
mod properties;
mod queries;
mod ranking;
mod releases;
mod spelling;
mod support;
mod systems;
