//! The protocols of both surfaces, independent of a resource.

mod client_quirks;
pub mod graphql;
mod idempotency;
mod live;
pub mod pagination;
pub mod rest;
mod revisions;
mod texts;
