//! Promises that hold for every operation: privacy, limits, durability, bounded work, and no lost update.

mod client_disconnects;
mod connection_pool;
mod documents;
mod durability;
mod generated;
mod language;
pub mod limits;
mod map;
mod metrics;
mod migrations;
mod panics;
mod plans;
mod privacy;
mod process;
mod races;
pub mod statements;
mod storm;
