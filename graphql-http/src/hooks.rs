//! Hooks into the program around the service: [`Identity`] names the senders, [`Admission`] bounds the work, and
//! [`Delivery`] counts responses until they are read. [`crate::unrestricted`] implements them without any limit.

use std::{io, time::Duration};

use async_graphql::{Request, Response as Executed, parser::types::OperationType};
use axum::{
    body::Bytes,
    http::{Extensions, HeaderMap, HeaderName, HeaderValue},
    response::Response,
};
use futures_util::Stream;
use serde::Serialize;

use crate::{Close, Event, Loads, Rejection};

/// All that [`crate::serve`] asks of a program.
pub trait Hooks: Admission + Delivery {}

impl<T: Admission + Delivery> Hooks for T {}

/// Identifies senders, and gives resolvers what they work with.
pub trait Identity: Clone + Send + Sync + 'static {
    /// The sender of a request, or of all operations of a WebSocket connection.
    type Sender: Clone + Send + Sync + 'static;
    /// The state of one execution.
    type Execution: Execution;

    /// Reads what a request says about its sender.
    fn sender(&self, headers: &HeaderMap, extensions: &Extensions) -> Self::Sender;

    /// Reads the headers that concern a single operation, such as an idempotency key. Not called for WebSockets.
    fn read_operation_headers(
        &self,
        sender: &mut Self::Sender,
        headers: &HeaderMap,
    ) -> Result<(), Rejection>;

    /// Returns the header that a member of the payload of `connection_init` stands for, if it is a credential.
    fn credential_header(&self, member: &str) -> Option<HeaderName>;

    /// Adds a credential from the payload of `connection_init`.
    fn add_credential(&self, sender: &mut Self::Sender, header: HeaderName, value: HeaderValue);

    /// Returns the sender of one more operation on the same connection, without the state of the ones before.
    fn sender_of_operation(&self, sender: &Self::Sender) -> Self::Sender;

    /// Fails if the sender cannot be identified, or no longer.
    fn authenticate(&self, sender: &Self::Sender)
    -> impl Future<Output = Result<(), Close>> + Send;

    /// Identifies the sender of an operation, and adds to `request` the data that its resolvers work with.
    fn prepare(
        &self,
        sender: Self::Sender,
        kind: OperationType,
        request: Request,
    ) -> impl Future<Output = Result<(Request, Self::Execution), Rejection>> + Send;
}

/// One execution, from its identified sender to its last response.
pub trait Execution: Send + 'static {
    /// The loads that the resolvers ask for.
    fn loads(&mut self) -> &mut Loads;

    /// Completes a response: gives errors their codes and adds extensions, or rejects the operation after all.
    fn complete(&self, response: Executed) -> Result<Executed, Rejection>;
}

/// The kind of work that an operation is until its first response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A query or a mutation.
    Request,
    /// A subscription.
    Stream,
}

/// Decides how much runs at once.
pub trait Admission: Identity {
    /// An open WebSocket, counted until it is dropped.
    type Connection: Send + 'static;

    /// Runs an operation of a WebSocket when there is room for it. `reads_only`: it is no mutation.
    fn admit<T: Send>(
        &self,
        sender: &Self::Sender,
        class: Class,
        reads_only: bool,
        work: impl Future<Output = T> + Send,
    ) -> impl Future<Output = Result<T, Rejection>> + Send;

    /// Runs a query with a large response, of which few should run at once.
    fn admit_expensive<T: Send>(
        &self,
        sender: &Self::Sender,
        work: impl Future<Output = T> + Send,
    ) -> impl Future<Output = Result<T, Rejection>> + Send;

    /// Counts a new WebSocket of a sender.
    fn connect(&self, sender: &Self::Sender) -> Result<Self::Connection, Rejection>;

    /// Fails if pages of this origin, which is not the one of the service, may not open a WebSocket.
    fn check_origin(&self, origin: &HeaderValue) -> Result<(), Rejection>;

    /// Returns true while the program shuts down.
    fn is_stopping(&self) -> bool;

    /// Resolves when the program begins to shut down.
    fn stopping(&self) -> impl Future<Output = ()> + Send;
}

/// Sends responses, and counts what clients have not read.
pub trait Delivery: Identity {
    /// A message that is counted until it is sent.
    type Message: OutgoingMessage;

    /// Serializes a response. Fails if it is too large.
    fn to_json<T: Serialize>(&self, value: &T) -> Result<Vec<u8>, Rejection>;

    /// Counts a message for a WebSocket.
    fn hold(&self, sender: &Self::Sender, text: Bytes) -> Self::Message;

    /// Fails if the client has to read what it was sent before it gets more.
    fn check_backlog(&self, sender: &Self::Sender) -> Result<(), Rejection>;

    /// Responds with server-sent events. A comment keeps the stream alive after each `keep_alive` without an event.
    fn stream_events(
        &self,
        sender: &Self::Sender,
        events: impl Stream<Item = Event> + Send + 'static,
        keep_alive: Duration,
    ) -> Response;
}

/// The largest part of an [`OutgoingMessage`], in bytes.
pub const MAX_PART: usize = 32 * 1024;

/// A message in parts of at most [`MAX_PART`]. An error means that the message was dropped.
pub trait OutgoingMessage: Iterator<Item = io::Result<Bytes>> + Send + 'static {
    /// Returns true after the last part was taken.
    fn is_finished(&self) -> bool;
}
