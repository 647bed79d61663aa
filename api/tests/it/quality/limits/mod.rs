//! Limits on requests, answers, inputs and connections.

mod answers;
mod connections;
pub mod inputs;
pub mod requests;
