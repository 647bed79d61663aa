//! Responses to HEAD.

use std::convert::Infallible;

use axum::body::Body;
use futures_util::stream;

/// Creates an empty body whose length is unknown. axum sets Content-Length for a body of known length, but in the
/// response to HEAD that header is the length of what GET would return.
pub fn empty_body_of_unknown_length() -> Body {
    Body::from_stream(stream::empty::<Result<Vec<u8>, Infallible>>())
}
