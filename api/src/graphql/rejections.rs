//! Failures outside of resolvers, as rejections of the whole request.

use axum::http::{HeaderValue, header};
use exchange::error::{Error, Kind};
use graphql_http::Rejection;

use super::schema::errors;
use crate::{
    admission::ShedReason,
    http::{RequestId, problem::catalogue::ProblemType},
};

/// Rejects a request before any of it is executed: its sender cannot be identified, or the server has no capacity.
pub fn unexecuted(failure: &Error, request_id: Option<&RequestId>) -> Rejection {
    let error = errors::top_level(failure, request_id);
    let status = ProblemType::from(failure.error_type()).status;
    let rejection = Rejection::with_status(status, error);
    match (failure.kind(), failure.retry_after()) {
        (Kind::Unauthenticated, _) => {
            rejection.with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
        }
        (_, Some(wait)) => rejection.with_header(header::RETRY_AFTER, wait.as_secs().into()),
        _ => rejection,
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
