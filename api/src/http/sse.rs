//! Server-sent events, and streams that outrun their reader by a few items only.
//!
//! Source: <https://html.spec.whatwg.org/multipage/server-sent-events.html>

use std::{future::ready, pin::pin, time::Duration};

use async_stream::stream;
use axum::{
    body::{Body, Bytes},
    http::{
        HeaderName,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use futures_util::{Stream, StreamExt};
use platform::trace;
use tokio::{sync::mpsc, time::timeout};
use tokio_stream::wrappers::ReceiverStream;
use tracing::Instrument;
use uuid::Uuid;

use super::clients::{Client, unread::Unread};

/// The media type of server-sent events.
pub const EVENT_STREAM: &str = "text/event-stream";
/// The header in which a browser that reconnects sends the id of the last event that it received.
pub const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// The header that turns off the response buffer of NGINX.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// The number of items that a spawned stream may be ahead of its reader.
const READ_AHEAD: usize = 4;

/// Runs a stream in its own task, at most [`READ_AHEAD`] items ahead of its reader, so that a slow reader does not keep the
/// resources that the stream holds while it works, such as a database connection. The task ends with its reader.
pub fn spawn_stream<T: Send + 'static>(
    stream: impl Stream<Item = T> + Send + 'static,
) -> ReceiverStream<T> {
    let (sender, receiver) = mpsc::channel(READ_AHEAD);
    let run = async move {
        let mut stream = pin!(stream);
        loop {
            let next = tokio::select! {
                () = sender.closed() => None,
                next = stream.next() => next,
            };
            let Some(next) = next else { break };
            if sender.send(next).await.is_err() {
                break;
            }
        }
    };
    tokio::spawn(trace::scope(trace::current(), run.in_current_span()));
    ReceiverStream::new(receiver)
}

/// Formats an event. `data` is one line.
pub fn event(id: Option<Uuid>, name: Option<&str>, data: &[u8]) -> Bytes {
    let mut text = Vec::with_capacity(data.len() + 128);
    if let Some(id) = id {
        text.extend_from_slice(format!("id: {id}\n").as_bytes());
    }
    if let Some(name) = name {
        text.extend_from_slice(format!("event: {name}\ndata: ").as_bytes());
        text.extend_from_slice(data);
        text.push(b'\n');
    }
    text.push(b'\n');
    text.into()
}

/// Responds with events as they occur. The stream is spawned ([`spawn_stream`]), and its unread bytes are counted for the client.
/// It ends when the client has too many unread bytes; the client then resumes from the last event that it received. A comment is
/// sent whenever no event came for `keep_alive`.
pub fn response(
    events: impl Stream<Item = Bytes> + Send + 'static,
    client: Client,
    unread: Unread,
    keep_alive: Duration,
) -> Response {
    let held = events.map(move |event| {
        let has_room = !unread.is_full(client);
        has_room.then(|| unread.hold(client, event))
    });
    let mut held = spawn_stream(held.take_while(|held| ready(held.is_some())));
    let chunks = stream! {
        loop {
            match timeout(keep_alive, held.next()).await {
                Ok(Some(held)) => for chunk in held.into_iter().flatten() { yield chunk },
                Ok(None) => break,
                Err(_) => yield Ok(Bytes::from_static(b":\n\n")),
            }
        }
    };
    let headers = [
        (CONTENT_TYPE, EVENT_STREAM),
        (CACHE_CONTROL, "no-cache"),
        (X_ACCEL_BUFFERING, "no"),
    ];
    (headers, Body::from_stream(chunks)).into_response()
}
