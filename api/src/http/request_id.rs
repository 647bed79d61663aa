//! The `X-Request-ID` header.

use std::fmt;

use axum::http::{HeaderMap, HeaderName};
use chrono::{DateTime, Utc};
use platform::system::Random;

/// The header that carries the id of a request, in the request and in its response.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// The longest id that is accepted from a client or a proxy.
const MAX_LENGTH: usize = 64;

/// Identifies one request in its response and in the log. An extension of every request.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

impl RequestId {
    /// Returns the id that the client sent if it is safe to log, and a new one otherwise.
    pub fn from_headers(headers: &HeaderMap, random: &Random, now: DateTime<Utc>) -> Self {
        let is_safe = |id: &&str| {
            (1..=MAX_LENGTH).contains(&id.len())
                && id
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        let sent = headers
            .get(X_REQUEST_ID)
            .and_then(|id| id.to_str().ok())
            .filter(is_safe);
        Self(sent.map_or_else(|| random.uuid_v7(now).to_string(), ToOwned::to_owned))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
