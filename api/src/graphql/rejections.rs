//! Failures outside of resolvers, as rejections of the whole request.

use axum::http::{HeaderValue, StatusCode, header};
use exchange::error::{Error, Kind};
use graphql_http::Rejection;

use super::schema::errors;
use crate::{admission::ShedReason, http::RequestId};

/// Rejects a request before any of it is executed: its sender cannot be identified, or the server has no capacity.
pub fn unexecuted(failure: &Error, request_id: Option<&RequestId>) -> Rejection {
    let error = errors::top_level(failure, request_id);
    let seconds = failure.retry_after().unwrap_or_default().as_secs();
    let rejection = |status| Rejection::with_status(status, error);
    match failure.kind() {
        Kind::Unauthenticated => rejection(StatusCode::UNAUTHORIZED)
            .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")),
        Kind::Unavailable => rejection(StatusCode::SERVICE_UNAVAILABLE)
            .with_header(header::RETRY_AFTER, seconds.into()),
        Kind::RateLimited => rejection(StatusCode::TOO_MANY_REQUESTS)
            .with_header(header::RETRY_AFTER, seconds.into()),
        _ => rejection(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

/// Rejects an operation that the admission gate sheds.
pub fn shed(reason: ShedReason, reads_only: bool) -> Rejection {
    let (kind, seconds) = (reason.problem_type(), reason.retry_after().as_secs());
    Rejection::transport(kind.status, kind.code, reason.message(reads_only))
        .with_extension("retryAfter", seconds.into())
        .with_header(header::RETRY_AFTER, seconds.into())
}

/// Reports that an operation was executed, but its response cannot be sent.
pub fn undeliverable(failure: &Error) -> Rejection {
    Rejection::documents(vec![errors::top_level(failure, None)])
}
