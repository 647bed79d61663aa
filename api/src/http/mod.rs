//! What both surfaces need of HTTP: the id of a request, the key under which it is done once, ETags, the media types that its
//! sender takes, and answers that come as things happen.

mod client_address;
pub mod size;

use std::{convert::Infallible, fmt, future::ready, pin::pin, time::Duration};

use async_stream::stream;
use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue,
        header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, VARY},
    },
    response::{IntoResponse, Response},
};
use futures_util::{Stream, StreamExt, stream};
use tokio::{sync::mpsc, time::timeout};
use tokio_stream::wrappers::ReceiverStream;
use tracing::Instrument;
use uuid::Uuid;

pub use self::client_address::{ClientAddress, Peer, TrustedProxies};
use crate::{
    app::App,
    clients::{Client, unread::Unread},
    error::{Error, Result},
    exchange::operation::{IdempotencyKey, ReplayFlag, RevisionSet},
    identity::X_USER_ID,
    trace,
};

/// The header that carries a request's id, in and out.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The header that carries the key under which a request is done once.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// The header of an answer to a request that had been done before.
pub const IDEMPOTENT_REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// The header that says in which media type patches are read.
pub const ACCEPT_PATCH: HeaderName = HeaderName::from_static("accept-patch");
/// The one that is: JSON merge patch (RFC 7396).
pub const MERGE_PATCH: &str = "application/merge-patch+json";
/// The media type of server-sent events.
pub const EVENT_STREAM: &str = "text/event-stream";
/// The header that names the event that a client saw last, as a browser says when it comes again.
pub const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// The header that tells NGINX to pass on what comes as it comes.
const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// The headers of a request that an answer depends on, beside its address.
const DEPENDS_ON: HeaderValue =
    HeaderValue::from_static("Accept, Authorization, X-User-ID, Origin");
/// How far a stream may be ahead of whoever reads it.
const AHEAD: usize = 4;
/// The longest key, in characters.
const MAX_KEY: usize = 255;
/// The longest id that is taken from a client or a proxy.
const MAX_LENGTH: usize = 64;

/// Names one request in its answer and in the log. An extension of every request.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

impl RequestId {
    /// The id that came with the request, where it is fit to be logged, else a fresh one.
    pub fn of(app: &App, headers: &HeaderMap) -> Self {
        let plain = |id: &&str| {
            (1..=MAX_LENGTH).contains(&id.len())
                && id
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        let sent = headers
            .get(X_REQUEST_ID)
            .and_then(|id| id.to_str().ok())
            .filter(plain);
        Self(sent.map_or_else(
            || app.random.uuid_v7(app.clock.now()).to_string(),
            ToOwned::to_owned,
        ))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The key that the request is done under, where it has one. `replayed` is told if that had been done before.
pub fn idempotency_key(
    headers: &HeaderMap,
    replayed: &ReplayFlag,
) -> Result<Option<IdempotencyKey>> {
    let mut values = headers.get_all(IDEMPOTENCY_KEY).iter();
    let (Some(value), more) = (values.next(), values.next()) else {
        return Ok(None);
    };
    // A text of structured fields (RFC 9651), or the key alone.
    let name = value.to_str().unwrap_or_default().trim();
    let name = name
        .strip_prefix('"')
        .and_then(|name| name.strip_suffix('"'))
        .unwrap_or(name);
    if more.is_some() {
        return Err(Error::Malformed(format!(
            "{IDEMPOTENCY_KEY} must be there once"
        )));
    }
    key("Idempotency-Key", name, replayed).map(Some)
}

/// The key of this name, which came in `place`.
pub fn key(place: &str, name: &str, replayed: &ReplayFlag) -> Result<IdempotencyKey> {
    let plain = |c: char| c.is_ascii_graphic() && c != '"';
    if !(1..=MAX_KEY).contains(&name.len()) || !name.chars().all(plain) {
        return Err(Error::Malformed(format!(
            "{place} must have 1 to {MAX_KEY} visible characters and no blank"
        )));
    }
    Ok(IdempotencyKey {
        name: name.to_owned(),
        replayed: replayed.clone(),
    })
}

/// ETags, without their quotes.
pub enum Tags {
    Any,
    These(Vec<String>),
}

impl Tags {
    /// Reads those that came in `place`, if any did. A weak one counts as strong: a proxy that compresses a body weakens its
    /// ETag.
    pub fn read<'t>(place: &str, texts: impl Iterator<Item = &'t str>) -> Result<Option<Self>> {
        let mut found = None;
        for text in texts.map(str::trim) {
            if text == "*" {
                return Ok(Some(Self::Any));
            }
            let tags = listed(text).ok_or_else(|| {
                Error::Malformed(format!(
                    "{place} must be `*`, or ETags in double quotes with commas between them"
                ))
            })?;
            found.get_or_insert_with(Vec::new).extend(tags);
        }
        Ok(found.map(Self::These))
    }

    /// The states that they name: what is before the full stop of each.
    pub fn states(self) -> RevisionSet {
        let state = |tag: &String| tag.split('.').next().unwrap_or_default().to_owned();
        match self {
            Self::Any => RevisionSet::Any,
            Self::These(tags) => RevisionSet::These(tags.iter().map(state).collect()),
        }
    }
}

/// The ETags of a list, without their quotes. `None` where it is no list of ETags. Empty elements count for nothing
/// (RFC 9110, section 5.6.1).
fn listed(list: &str) -> Option<Vec<String>> {
    const BETWEEN: [char; 3] = [',', ' ', '\t'];
    let mut tags = Vec::new();
    let mut rest = list.trim_start_matches(BETWEEN);
    while !rest.is_empty() {
        let tag = rest.strip_prefix("W/").unwrap_or(rest);
        let (tag, behind) = tag.strip_prefix('"')?.split_once('"')?;
        tags.push(tag.to_owned());
        let behind = behind.trim_start_matches([' ', '\t']);
        if !behind.is_empty() && !behind.starts_with(',') {
            return None;
        }
        rest = behind.trim_start_matches(BETWEEN);
    }
    Some(tags)
}

/// Is a text of this media type in UTF-8, as far as it says? US-ASCII is a part of it.
pub fn is_utf8(content_type: &str) -> bool {
    let mut parameters = content_type
        .split(';')
        .skip(1)
        .filter_map(|parameter| parameter.split_once('='));
    parameters.all(|(name, value)| {
        let charset = value.trim().trim_matches('"').to_ascii_lowercase();
        !name.trim().eq_ignore_ascii_case("charset")
            || ["utf-8", "utf8", "us-ascii"].contains(&charset.as_str())
    })
}

/// A body with nothing in it, of which nobody knows that: axum notes the length of a body where it is known, and that of an
/// answer to HEAD is the length of what GET would give.
pub fn of_unknown_length() -> Body {
    Body::from_stream(stream::empty::<Result<Vec<u8>, Infallible>>())
}

/// The text without a byte order mark in front, which UTF-8 does not need and some editors write.
pub fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text)
}

/// The ETag that this is the text of.
pub fn etag(text: impl fmt::Display) -> String {
    format!("\"{text}\"")
}

/// Runs a stream in a task of its own, [`AHEAD`] of whoever reads it: what it holds while it works, such as a connection to
/// the database, it holds no longer because somebody reads slowly. It ends with its reader.
pub fn detached<T: Send + 'static>(
    stream: impl Stream<Item = T> + Send + 'static,
) -> ReceiverStream<T> {
    let (sender, receiver) = mpsc::channel(AHEAD);
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

/// A server-sent event. `data` is one line.
pub fn server_sent(id: Option<Uuid>, event: Option<&str>, data: &[u8]) -> Bytes {
    let mut text = Vec::with_capacity(data.len() + 128);
    if let Some(id) = id {
        text.extend_from_slice(format!("id: {id}\n").as_bytes());
    }
    if let Some(event) = event {
        text.extend_from_slice(format!("event: {event}\ndata: ").as_bytes());
        text.extend_from_slice(data);
        text.push(b'\n');
    }
    text.push(b'\n');
    text.into()
}

/// An answer of server-sent events, as they come: a [`detached`] stream, which holds what its client has not read. It ends where
/// the client does not read, who goes on from the last event that it has. There is a comment each time that none came for
/// `alive`.
pub fn streaming(
    events: impl Stream<Item = Bytes> + Send + 'static,
    client: Client,
    unread: Unread,
    alive: Duration,
) -> Response {
    let parcels = events.map(move |event| {
        let has_room = !unread.is_full(client);
        has_room.then(|| unread.hold(client, event))
    });
    let mut parcels = detached(parcels.take_while(|held| ready(held.is_some())));
    let parts = stream! {
        loop {
            match timeout(alive, parcels.next()).await {
                Ok(Some(parcel)) => for part in parcel.into_iter().flatten() { yield part },
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
    (headers, Body::from_stream(parts)).into_response()
}

/// The readers that an answer is for, as shared caches are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    Anybody,
    TheSender,
}

impl Readers {
    /// Anybody for a read without identity, otherwise the sender alone.
    pub fn of(request: &Request) -> Self {
        let headers = request.headers();
        let is_identified = headers.contains_key(AUTHORIZATION) || headers.contains_key(X_USER_ID);
        if request.method().is_safe() && !is_identified {
            Self::Anybody
        } else {
            Self::TheSender
        }
    }

    /// Tells caches, unless the answer says something else already.
    pub fn tell(self, response: &mut Response) {
        let kept = match self {
            // Kept by all, and asked for again by its ETag.
            Self::Anybody => "no-cache",
            Self::TheSender => "private, no-cache",
        };
        let headers = response.headers_mut();
        headers.insert(VARY, DEPENDS_ON);
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static(kept));
    }
}

/// The media ranges of Accept in lower case, each with its weight in thousandths, in the client's order. None where the
/// client does not say.
pub fn accepted(headers: &HeaderMap) -> Vec<(String, u16)> {
    let values = headers.get_all(ACCEPT).iter();
    let text = values.filter_map(|value| value.to_str().ok());
    text.flat_map(|text| text.split(','))
        .map(range)
        .filter(|(name, _)| !name.is_empty())
        .collect()
}

fn range(text: &str) -> (String, u16) {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    let weight = weight.map_or(1.0, |weight| weight.parse::<f32>().unwrap_or(0.0));
    (name, (weight.clamp(0.0, 1.0) * 1000.0) as u16)
}
