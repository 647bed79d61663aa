//! GraphQL over HTTP, server-sent events and WebSockets, for any schema of async-graphql.
//!
//! [`serve`] makes an axum route of a schema, of its [`Limits`] and of [`Hooks`]. The hooks are what the program around
//! it knows: who sends a request, how much may run at once, how responses are counted until they are read.
//!
//! A request is parsed ([`http`], [`sse`], [`websocket`], [`parameters`]), bounded before anything of it runs
//! ([`limits`]), executed with its loads in batches ([`Loads`]), and completed with the nulls of failed fields
//! ([`null_propagation`]). A request that is not executed is a [`Rejection`]. docs/adr/0023 compares it with
//! async-graphql-axum.

mod batching;
mod hooks;
mod http;
pub mod limits;
mod list_length;
mod media_type;
mod null_propagation;
mod parameters;
mod rejection;
mod schema_types;
mod service;
mod sse;
mod subscription_ack;
pub mod unrestricted;
mod websocket;

pub use self::{
    batching::Loads,
    hooks::{Admission, Class, Delivery, Execution, Hooks, Identity, MAX_PART, OutgoingMessage},
    limits::Limits,
    list_length::list_size,
    rejection::{INVALID_DOCUMENT, Rejection},
    schema_types::SchemaTypes,
    service::serve,
    sse::Event,
    subscription_ack::SubscriptionAck,
    websocket::{Close, is_upgrade},
};
