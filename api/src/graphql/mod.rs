//! The GraphQL surface: the same rules as REST, through the same use cases.
//!
//! A request arrives through [`transport`] (HTTP, server-sent events or a WebSocket), [`limits`] bounds its document before anything
//! runs, and the types in [`schema`] resolve it.

mod batching;
pub mod limits;
mod null_propagation;
mod parameters;
mod rejection;
mod schema;
mod schema_types;
mod subscription_ack;
mod transport;

use std::sync::Arc;

use axum::{Router, http::HeaderValue};

use self::limits::Limits;
pub use self::schema::sdl;
use crate::{admission::Gate, app::App};

/// Serves `/graphql`. Operations over a WebSocket pass `gate`, as requests do. Pages of this host and of `origins` may open a
/// WebSocket. With `hide_schema`, clients can neither query the schema nor learn of it by suggestions.
pub fn router(app: App, gate: Arc<Gate>, origins: Vec<HeaderValue>, hide_schema: bool) -> Router {
    let mut schema = schema::builder();
    if hide_schema {
        schema = schema.disable_suggestions();
    }
    let limits = Limits::new(!hide_schema);
    transport::router(app, gate, schema.finish(), limits, origins)
}
