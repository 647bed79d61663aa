//! The exchange as [`graphql_http`] sees it: senders, the admission gate, and responses that count as unread.

use std::{sync::Arc, time::Duration};

use async_graphql::{Request, Response as Executed, parser::types::OperationType};
use axum::{
    body::Bytes,
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode, header::AUTHORIZATION},
    response::Response,
};
use exchange::{
    context::{IdempotencyKey, ReplayFlag},
    error::{Error, Kind},
    identity::{self, Ended, credentials::Credentials},
};
use futures_util::{Stream, StreamExt};
use graphql_http::{
    Admission, Class, Close, Delivery, Event, Execution, Identity, Loads, MAX_PART,
    OutgoingMessage, Rejection,
};
use platform::quota::QuotaGuard;
use serde::Serialize;

use super::{
    rejections,
    schema::{errors, loaders::Viewer, text::ResponseSize},
};
use crate::{
    admission::{self, Gate, ShedReason},
    app::App,
    bounded_json,
    http::{
        ClientAddress, RequestId,
        clients::{
            Client, SOCKETS,
            unread::{CHUNK, HeldBytes},
        },
        credentials::{self, X_USER_ID},
        idempotency::key_from_headers,
        sse,
    },
};

const _: () = assert!(CHUNK <= MAX_PART);

/// The hooks of the exchange.
#[derive(Clone)]
pub struct Host {
    pub app: App,
    /// The gate for operations over a WebSocket. Requests have passed it before they get here.
    pub gate: Arc<Gate>,
    /// The origins of other hosts whose pages may open a WebSocket.
    pub origins: Arc<[HeaderValue]>,
}

/// The sender of operations, and the request or connection that they arrive by.
#[derive(Clone)]
pub struct Sender {
    credentials: Credentials,
    /// The address that limits by client count under.
    client: ClientAddress,
    request_id: Option<RequestId>,
    key: Option<IdempotencyKey>,
    /// Set when the requested write turns out to be a replay.
    replayed: ReplayFlag,
}

/// The execution of an operation.
pub struct Running {
    loads: Loads,
    size: ResponseSize,
    /// The sender, if their account or session has ended.
    ended: Option<Ended>,
    replayed: ReplayFlag,
    request_id: Option<RequestId>,
}

impl Sender {
    fn rate_limit_key(&self) -> Client {
        self.client.rate_limit_key()
    }

    fn rejected(&self, failure: &Error) -> Rejection {
        rejections::unexecuted(failure, self.request_id.as_ref())
    }
}

impl Identity for Host {
    type Sender = Sender;
    type Execution = Running;

    fn sender(&self, headers: &HeaderMap, extensions: &Extensions) -> Sender {
        Sender {
            credentials: credentials::from_headers(headers),
            client: ClientAddress::from_extensions(extensions),
            request_id: extensions.get().cloned(),
            key: None,
            replayed: extensions.get().cloned().unwrap_or_default(),
        }
    }

    fn read_operation_headers(
        &self,
        sender: &mut Sender,
        headers: &HeaderMap,
    ) -> Result<(), Rejection> {
        sender.key = key_from_headers(headers, &sender.replayed)
            .map_err(|failure| Rejection::malformed(failure.to_string()))?;
        Ok(())
    }

    fn credential_header(&self, member: &str) -> Option<HeaderName> {
        [AUTHORIZATION, X_USER_ID]
            .into_iter()
            .find(|header| member.eq_ignore_ascii_case(header.as_str()))
    }

    fn add_credential(&self, sender: &mut Sender, header: HeaderName, value: HeaderValue) {
        credentials::add_from_payload(&mut sender.credentials, &header, &value);
    }

    fn sender_of_operation(&self, sender: &Sender) -> Sender {
        Sender {
            replayed: ReplayFlag::default(),
            ..sender.clone()
        }
    }

    async fn authenticate(&self, sender: &Sender) -> Result<(), Close> {
        let identified = sender.credentials.identify(&self.app).await;
        identified.map(drop).map_err(|failure| close(&failure))
    }

    /// Identifies the sender. One whose account or session has ended may still ask for a mutation: a replay is
    /// answered, anything else is rejected by [`Running::complete`].
    async fn prepare(
        &self,
        sender: Sender,
        kind: OperationType,
        request: Request,
    ) -> Result<(Request, Running), Rejection> {
        let identified = sender
            .credentials
            .sender(&self.app)
            .await
            .map_err(|failure| sender.rejected(&failure))?;
        let ended = match identified {
            identity::Sender::Known(_) => None,
            identity::Sender::Ended(ended) if kind == OperationType::Mutation => Some(ended),
            identity::Sender::Ended(ended) => return Err(sender.rejected(&ended.into())),
        };
        // A query changes nothing, so its loads can be cached.
        let is_cached = kind == OperationType::Query;
        let (viewer, loads) = Viewer::new(
            self.app.clone(),
            identified,
            sender.client,
            sender.key,
            sender.replayed.clone(),
            is_cached,
        );
        let (size, client) = (ResponseSize::default(), sender.client.rate_limit_key());
        let request = request
            .data(viewer)
            .data(sender.credentials)
            .data(client)
            .data(size.clone());
        let running = Running {
            loads,
            size,
            ended,
            replayed: sender.replayed,
            request_id: sender.request_id,
        };
        Ok((request, running))
    }
}

impl Execution for Running {
    fn loads(&mut self) -> &mut Loads {
        &mut self.loads
    }

    fn complete(&self, mut response: Executed) -> Result<Executed, Rejection> {
        let request_id = self.request_id.as_ref();
        let is_replayed = self.replayed.is_set();
        if let (Some(ended), false) = (self.ended, is_replayed) {
            return Err(rejections::unexecuted(&ended.into(), request_id));
        }
        self.size
            .finish()
            .map_err(|failure| rejections::undeliverable(&failure))?;
        if let Some(failure) = errors::capacity_failure(&response) {
            return Err(rejections::unexecuted(failure, request_id));
        }
        errors::describe(&mut response, request_id);
        if is_replayed {
            response = response.extension("idempotentReplayed", true.into());
        }
        Ok(response)
    }
}

impl Admission for Host {
    type Connection = QuotaGuard<Client>;

    async fn admit<T: Send>(
        &self,
        sender: &Sender,
        class: Class,
        reads_only: bool,
        work: impl Future<Output = T> + Send,
    ) -> Result<T, Rejection> {
        let class = match class {
            Class::Request => admission::Class::General,
            Class::Stream => admission::Class::Streams,
        };
        let done = self.gate.run(class, sender.rate_limit_key(), work).await;
        done.map_err(|reason| rejections::shed(reason, reads_only))
    }

    async fn admit_expensive<T: Send>(
        &self,
        sender: &Sender,
        work: impl Future<Output = T> + Send,
    ) -> Result<T, Rejection> {
        let done = self.gate.run_expensive(sender.rate_limit_key(), work).await;
        done.map_err(|reason| rejections::shed(reason, true))
    }

    fn connect(&self, sender: &Sender) -> Result<QuotaGuard<Client>, Rejection> {
        let permit = self.app.clients.sockets.take(sender.rate_limit_key());
        permit.ok_or_else(|| sender.rejected(&Error::TooManySockets { limit: SOCKETS }))
    }

    fn check_origin(&self, origin: &HeaderValue) -> Result<(), Rejection> {
        if self.origins.contains(origin) {
            return Ok(());
        }
        Err(Rejection::transport(
            StatusCode::FORBIDDEN,
            "origin_not_allowed",
            "Pages of this origin may not connect. Add it to CORS_ORIGINS.",
        ))
    }

    fn is_stopping(&self) -> bool {
        self.app.feed.is_closing()
    }

    async fn stopping(&self) {
        self.app.feed.closing().await;
    }
}

impl Delivery for Host {
    type Message = HeldBytes;

    fn to_json<T: Serialize>(&self, value: &T) -> Result<Vec<u8>, Rejection> {
        bounded_json::to_vec(value).map_err(|failure| rejections::undeliverable(&failure))
    }

    fn hold(&self, sender: &Sender, text: Bytes) -> HeldBytes {
        self.app.clients.unread.hold(sender.rate_limit_key(), text)
    }

    fn check_backlog(&self, sender: &Sender) -> Result<(), Rejection> {
        if self.app.clients.unread.is_full(sender.rate_limit_key()) {
            return Err(rejections::shed(ShedReason::Unread, true));
        }
        Ok(())
    }

    fn stream_events(
        &self,
        sender: &Sender,
        events: impl Stream<Item = Event> + Send + 'static,
        keep_alive: Duration,
    ) -> Response {
        let events = events.map(|event| sse::event(None, Some(event.name), &event.data));
        let unread = self.app.clients.unread.clone();
        sse::response(events, sender.rate_limit_key(), unread, keep_alive)
    }
}

impl OutgoingMessage for HeldBytes {
    fn is_finished(&self) -> bool {
        HeldBytes::is_finished(self)
    }
}

/// Returns the close of a connection whose sender cannot be identified.
fn close(failure: &Error) -> Close {
    failure.log();
    match failure.kind() {
        Kind::Unauthenticated => Close::forbidden(failure),
        Kind::Unavailable => Close::TRY_AGAIN,
        _ => Close::INTERNAL,
    }
}
