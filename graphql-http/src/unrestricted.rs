//! Hooks of a service without senders, gates or counters: for tests and examples.

use std::{convert::Infallible, future::pending, io, time::Duration};

use async_graphql::{Request, Response as Executed, parser::types::OperationType};
use axum::{
    body::Bytes,
    http::{Extensions, HeaderMap, HeaderName, HeaderValue, StatusCode},
    response::{IntoResponse, Response, Sse, sse},
};
use futures_util::{Stream, StreamExt};
use serde::Serialize;

use crate::{
    Admission, Class, Close, Delivery, Event, Execution, Identity, Loads, OutgoingMessage,
    Rejection, hooks::MAX_PART,
};

/// Admits everybody.
#[derive(Clone, Copy, Debug)]
pub struct Unrestricted;

/// An execution without data.
pub struct Plain(Loads);

/// A message that is not counted.
pub struct Uncounted(Bytes);

impl Identity for Unrestricted {
    type Sender = ();
    type Execution = Plain;

    fn sender(&self, _: &HeaderMap, _: &Extensions) {}

    fn read_operation_headers(&self, (): &mut (), _: &HeaderMap) -> Result<(), Rejection> {
        Ok(())
    }

    fn credential_header(&self, _: &str) -> Option<HeaderName> {
        None
    }

    fn add_credential(&self, (): &mut (), _: HeaderName, _: HeaderValue) {}

    fn sender_of_operation(&self, (): &()) {}

    async fn authenticate(&self, (): &()) -> Result<(), Close> {
        Ok(())
    }

    async fn prepare(
        &self,
        (): (),
        _: OperationType,
        request: Request,
    ) -> Result<(Request, Plain), Rejection> {
        let (_, loads) = Loads::channel();
        Ok((request, Plain(loads)))
    }
}

impl Execution for Plain {
    fn loads(&mut self) -> &mut Loads {
        &mut self.0
    }

    fn complete(&self, response: Executed) -> Result<Executed, Rejection> {
        Ok(response)
    }
}

impl Admission for Unrestricted {
    type Connection = ();

    async fn admit<T: Send>(
        &self,
        (): &(),
        _: Class,
        _: bool,
        work: impl Future<Output = T> + Send,
    ) -> Result<T, Rejection> {
        Ok(work.await)
    }

    async fn admit_expensive<T: Send>(
        &self,
        (): &(),
        work: impl Future<Output = T> + Send,
    ) -> Result<T, Rejection> {
        Ok(work.await)
    }

    fn connect(&self, (): &()) -> Result<(), Rejection> {
        Ok(())
    }

    fn check_origin(&self, _: &HeaderValue) -> Result<(), Rejection> {
        Err(Rejection::transport(
            StatusCode::FORBIDDEN,
            "origin_not_allowed",
            "Pages of other origins may not connect.",
        ))
    }

    fn is_stopping(&self) -> bool {
        false
    }

    async fn stopping(&self) {
        pending::<()>().await;
    }
}

impl Delivery for Unrestricted {
    type Message = Uncounted;

    fn to_json<T: Serialize>(&self, value: &T) -> Result<Vec<u8>, Rejection> {
        serde_json::to_vec(value).map_err(|fault| {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            Rejection::transport(status, "internal", fault.to_string())
        })
    }

    fn hold(&self, (): &(), text: Bytes) -> Uncounted {
        Uncounted(text)
    }

    fn check_backlog(&self, (): &()) -> Result<(), Rejection> {
        Ok(())
    }

    fn stream_events(
        &self,
        (): &(),
        events: impl Stream<Item = Event> + Send + 'static,
        keep_alive: Duration,
    ) -> Response {
        let events = events.map(|event| {
            let data = String::from_utf8_lossy(&event.data);
            Ok::<_, Infallible>(sse::Event::default().event(event.name).data(data))
        });
        Sse::new(events)
            .keep_alive(sse::KeepAlive::new().interval(keep_alive))
            .into_response()
    }
}

impl Iterator for Uncounted {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let size = self.0.len().min(MAX_PART);
        (size > 0).then(|| Ok(self.0.split_to(size)))
    }
}

impl OutgoingMessage for Uncounted {
    fn is_finished(&self) -> bool {
        self.0.is_empty()
    }
}
