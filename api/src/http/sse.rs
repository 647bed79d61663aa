//! Server-sent events.
//!
//! Source: <https://html.spec.whatwg.org/multipage/server-sent-events.html>

use std::{future::ready, time::Duration};

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
use platform::stream::spawn_stream;
use tokio::time::timeout;
use uuid::Uuid;

use super::clients::{Client, unread::Unread};

/// The media type of server-sent events.
pub const EVENT_STREAM: &str = "text/event-stream";
/// The header in which a browser that reconnects sends the id of the last event that it received.
pub const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// The header that turns off the response buffer of NGINX.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

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

/// Responds with events as they occur. The stream is spawned ([`spawn_stream`]), and its unread bytes are counted for
/// the client. It ends when the client has too many unread bytes; the client then resumes from the last event that it
/// received. A comment is sent whenever no event came for `keep_alive`.
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
