//! The types of the GraphQL schema and their resolvers, one file a type.
//!
//! A resolver makes one call into [`exchange`] or [`exchange::identity`]; relations go through [`loaders`]. [`errors`]
//! is the one place that maps failures.
//!
//! To add a type, give it a file and reach it from [`query`]; if it has an id, add it to [`ids`] and to
//! [`query::Node`]; if it is listed, add its list to [`total_count`] and its filters to [`filter`]. Each list declares its length
//! by `@listSize` ([`graphql_http::list_size`]). Mutations are in [`mutation`], live events in [`subscription`]. Then run
//! `scripts/generate` and read the difference: it is what clients will see.

mod board;
pub mod connection;
pub mod errors;
mod filter;
mod game;
mod ids;
pub mod loaders;
mod mutation;
mod offer;
mod prefetch;
mod query;
mod subscription;
mod system;
pub mod text;
mod time;
mod title;
mod total_count;
mod user;

use async_graphql::{SDLExportOptions, SchemaBuilder};

use self::{mutation::Mutation, query::Query, subscription::Subscription};

/// The schema with its resolvers. Each request brings the data that they work with.
pub type Schema = async_graphql::Schema<Query, Mutation, Subscription>;

/// Builds the schema.
pub fn builder() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query, Mutation::default(), Subscription)
}

/// The schema in the schema definition language, as `schema.graphql` has it.
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
