//! What both surfaces need of HTTP: the id of a request.

use std::fmt;

use axum::http::{HeaderMap, HeaderName};

use crate::app::App;

/// The header that carries a request's id, in and out.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
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
