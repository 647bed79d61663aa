//! The GraphQL surface: the same rules as REST, through the same use cases.
//!
//! A request comes in through [`transport`] (HTTP, server-sent events or a WebSocket), is weighed by [`limits`] before anything runs, and is
//! resolved by the types, one file each. A resolver makes one call into [`crate::exchange`] or [`crate::identity`];
//! relations go through [`loaders`]. [`errors`] is the one place that maps failures.
//!
//! To add a type, give it a file and reach it from [`query`]; if it has an id, add it to [`ids`] and to
//! [`query::Node`]; if there are lists of it, to [`total_count`], and what they are filtered by to [`filter`]. To add a mutation, add
//! it to its file in [`mutation`]; what is told as it happens is in [`subscription`]. Then run `cargo run -- schema >
//! schema.graphql` and read the difference: it is what clients will see.

mod prefetch;
mod subscription_ack;
mod connection;
mod errors;
mod filter;
mod game;
pub mod limits;
mod ids;
mod loaders;
mod batching;
mod mutation;
mod null_propagation;
mod offer;
mod query;
mod rejection;
mod parameters;
mod subscription;
mod text;
mod time;
mod transport;
mod schema_types;
mod user;
mod total_count;

use std::sync::Arc;

use async_graphql::{SDLExportOptions, SchemaBuilder};
use axum::{Router, http::HeaderValue};

use self::{limits::Limits, mutation::Mutation, query::Query, subscription::Subscription};
use crate::{admission::Gate, app::App};

/// The schema with its resolvers. What they work with comes with each request.
type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// `/graphql`. What comes over a WebSocket passes `gate`, as requests do. Pages of `origins` may open a WebSocket, as those of this host may. Where the schema is hidden, clients can neither
/// ask for it nor learn of it by suggestions.
pub fn router(app: App, gate: Arc<Gate>, origins: Vec<HeaderValue>, hide_schema: bool) -> Router {
    let mut schema = builder();
    if hide_schema {
        schema = schema.disable_suggestions();
    }
    let limits = Limits::new(!hide_schema);
    transport::router(app, gate, schema.finish(), limits, origins)
}

/// The schema in the schema definition language, as it is kept in `schema.graphql`.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items()
        .include_specified_by()
        .use_space_ident();
    let mut sdl = String::new();
    for line in builder().finish().sdl_with_options(options).trim().lines() {
        sdl.push_str(line.trim_end());
        sdl.push('\n');
    }
    sdl
}

fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query, Mutation::default(), Subscription)
}
