//! A WebSocket with bounded buffers. A frame is sent when the one before has left, so a client that does not read holds
//! at most one of them here. A client that takes too long for a frame is dropped, and so is one that sends more than
//! [`RateLimit`] allows; pings count.
//!
//! The library answers pings by itself, out of the same bounded buffer.

use std::{mem, time::Duration};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use platform::trace;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{
        Message,
        handshake::derive_accept_key,
        protocol::{
            Role, WebSocketConfig,
            frame::{
                Frame,
                coding::{Data, OpCode},
            },
        },
    },
};

use super::protocol::{Close, PROTOCOL};
use crate::{
    Rejection,
    hooks::{MAX_PART, OutgoingMessage},
};

/// The size of the write buffer, in bytes: a frame with a part of a message, and answers to pings.
const MAX_UNSENT: usize = 2 * MAX_PART;
/// The size of the read buffer, in bytes.
const READ_BUFFER: usize = 4 * 1024;
/// The longest time that a client may take to read a frame.
const WRITE_TIMEOUT: Duration = Duration::from_secs(10);
/// The most messages that are read from a client after this side has closed.
const MAX_DRAINED: usize = 100;
/// The longest wait for the client's close after this side has closed.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

/// The connection is unusable: its client is gone, or reads too slowly.
#[derive(Debug)]
pub struct Gone;

/// An open connection.
pub struct Socket {
    stream: WebSocketStream<TokioIo<Upgraded>>,
    rate_limit: RateLimit,
}

/// The rate limit of messages from a client: a burst, and a number per second.
struct RateLimit {
    left: u32,
    since: Instant,
}

/// Responds to a handshake. `serve` runs in a task of its own once the connection is open, in the trace of the
/// handshake. `max_message` is in bytes.
pub fn open<F: Future<Output = ()> + Send + 'static>(
    parts: &mut Parts,
    max_message: usize,
    serve: impl FnOnce(Socket) -> F + Send + 'static,
) -> Result<Response, Rejection> {
    let key = accept_key(&parts.headers)?;
    let upgrade = parts.extensions.remove::<OnUpgrade>();
    let upgrade =
        upgrade.ok_or_else(|| Rejection::malformed("The connection cannot be upgraded."))?;
    let connection = async move {
        // A client that is gone by now needs nothing.
        if let Ok(upgraded) = upgrade.await {
            serve(Socket::new(upgraded, max_message).await).await;
        }
    };
    tokio::spawn(trace::scope(trace::current(), connection));
    let mut headers = HeaderMap::from_iter([
        (header::CONNECTION, HeaderValue::from_static("upgrade")),
        (header::UPGRADE, HeaderValue::from_static("websocket")),
    ]);
    headers.extend(HeaderValue::try_from(key).map(|key| (header::SEC_WEBSOCKET_ACCEPT, key)));
    if offers_protocol(&parts.headers) {
        let protocol = HeaderValue::from_static(PROTOCOL);
        headers.insert(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    let mut response = (StatusCode::SWITCHING_PROTOCOLS, headers, Body::empty()).into_response();
    // Repeats the header names in the client's spelling: gql for Python finds Sec-WebSocket-Protocol by no other.
    response
        .extensions_mut()
        .extend(mem::take(&mut parts.extensions));
    Ok(response)
}

/// Derives the value of `Sec-WebSocket-Accept` (RFC 6455, section 4.2).
fn accept_key(headers: &HeaderMap) -> Result<String, Rejection> {
    let header = |name| headers.get(name).map(HeaderValue::as_bytes);
    let key = header(header::SEC_WEBSOCKET_KEY);
    let key = key.filter(|_| header(header::SEC_WEBSOCKET_VERSION) == Some(b"13"));
    key.map(derive_accept_key).ok_or_else(|| {
        Rejection::malformed(
            "The WebSocket handshake is invalid: `Sec-WebSocket-Key` is missing, or `Sec-WebSocket-Version` is not 13.",
        )
    })
}

/// Returns true if the client offers [`PROTOCOL`].
pub fn offers_protocol(headers: &HeaderMap) -> bool {
    lists(headers, &header::SEC_WEBSOCKET_PROTOCOL, PROTOCOL)
}

/// Returns true if the list of the header has the token, whatever its case.
pub fn lists(headers: &HeaderMap, name: &HeaderName, token: &str) -> bool {
    let values = headers.get_all(name).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    let mut tokens = texts.flat_map(|text| text.split(','));
    tokens.any(|listed| listed.trim().eq_ignore_ascii_case(token))
}

impl Socket {
    async fn new(upgraded: Upgraded, max_message: usize) -> Self {
        let config = WebSocketConfig::default()
            .read_buffer_size(READ_BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(MAX_UNSENT)
            .max_message_size(Some(max_message))
            .max_frame_size(Some(max_message));
        let upgraded = TokioIo::new(upgraded);
        Self {
            stream: WebSocketStream::from_raw_socket(upgraded, Role::Server, Some(config)).await,
            rate_limit: RateLimit::new(),
        }
    }

    /// Receives the next message, or `None` if the client is gone or closes.
    pub async fn receive(&mut self) -> Result<Option<Message>, Close> {
        match self.stream.next().await {
            None | Some(Err(_)) => Ok(None),
            Some(Ok(Message::Close(_))) => {
                // Sends the close frame that answers a close (RFC 6455, 5.5.1). Without it the client takes the
                // connection for lost.
                self.stream.next().await;
                Ok(None)
            }
            Some(Ok(_)) if !self.rate_limit.take(Instant::now()) => Err(Close::RATE_LIMITED),
            Some(Ok(message)) => Ok(Some(message)),
        }
    }

    /// Sends a short text.
    pub async fn text(&mut self, text: String) -> Result<(), Gone> {
        self.send(Message::text(text)).await
    }

    /// Sends a message in parts. Fails if the message is dropped before its last part.
    pub async fn message(&mut self, mut message: impl OutgoingMessage) -> Result<(), Gone> {
        let mut kind = Data::Text;
        while let Some(part) = message.next() {
            let part = part.map_err(|_| Gone)?;
            let frame = Frame::message(part, OpCode::Data(kind), message.is_finished());
            self.send(Message::Frame(frame)).await?;
            kind = Data::Continue;
        }
        Ok(())
    }

    /// Keeps the connection alive for the client and the proxies between.
    pub async fn ping(&mut self) -> Result<(), Gone> {
        self.send(Message::Ping(Bytes::new())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Gone> {
        let sent = timeout(WRITE_TIMEOUT, self.stream.send(message)).await;
        sent.map_err(|_| Gone)?.map_err(|_| Gone)
    }

    /// Closes the connection. Drains what the client has sent: unread bytes would reset the connection before the
    /// client reads the reason.
    pub async fn close(mut self, reason: Close) {
        if self
            .send(Message::Close(Some(reason.frame())))
            .await
            .is_ok()
        {
            let mut rest = self.stream.take(MAX_DRAINED);
            let ended = async { while let Some(Ok(_)) = rest.next().await {} };
            // A client that does not close in time is dropped.
            let _ = timeout(CLOSE_TIMEOUT, ended).await;
        }
    }
}

impl RateLimit {
    const BURST: u32 = 100;
    const PER_SECOND: u32 = 50;

    fn new() -> Self {
        Self {
            left: Self::BURST,
            since: Instant::now(),
        }
    }

    /// Counts a message. Returns false if it exceeds the limit.
    fn take(&mut self, now: Instant) -> bool {
        let passed = (now - self.since).as_secs_f64();
        let gained = (passed * f64::from(Self::PER_SECOND)) as u32;
        if gained > 0 {
            self.left = Self::BURST.min(self.left.saturating_add(gained));
            self.since = now;
        }
        let enough = self.left > 0;
        self.left = self.left.saturating_sub(1);
        enough
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pace_allows_a_burst_then_a_steady_rate() {
        let mut rate_limit = RateLimit::new();
        let begin = rate_limit.since;
        for (after, expected) in [(0, 100), (500, 25), (600, 5), (60_000, 100)] {
            let now = begin + Duration::from_millis(after);
            let allowed = (0..1000).take_while(|_| rate_limit.take(now)).count();
            assert_eq!(allowed, expected, "after {after} ms");
        }
    }
}
