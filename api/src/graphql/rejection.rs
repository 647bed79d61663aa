//! Why a request was not executed, as HTTP and as GraphQL.

use async_graphql::{Pos, ServerError, Value};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use exchange::error::{Error, Kind};
use serde_json::json;

use super::{parameters::MediaType, schema::errors};
use crate::{admission::ShedReason, http::RequestId};

/// The most errors of a document that are told.
const MAX_ERRORS: usize = 50;

/// Why a request was not executed.
#[derive(Debug)]
pub struct Rejection {
    /// `None` where the request was well-formed and its document was not: see [`Rejection::status`].
    status: Option<StatusCode>,
    header: Option<(HeaderName, HeaderValue)>,
    errors: Vec<ServerError>,
}

impl Rejection {
    /// The request is none of GraphQL over HTTP.
    pub fn transport(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status: Some(status),
            header: None,
            errors: vec![error(code, message, None)],
        }
    }

    /// The request cannot be read.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::transport(StatusCode::BAD_REQUEST, "malformed", message)
    }

    /// The method is not one of `allowed`.
    pub fn method(allowed: &'static str, message: &'static str) -> Self {
        Self {
            header: Some((header::ALLOW, HeaderValue::from_static(allowed))),
            ..Self::transport(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                message,
            )
        }
    }

    /// The document cannot be executed.
    pub fn document(code: &'static str, message: impl Into<String>, at: Option<Pos>) -> Self {
        Self::documents(vec![error(code, message, at)])
    }

    /// The document cannot be executed, for several reasons. The first [`MAX_ERRORS`] are told: there may be many more
    /// than the document is long.
    pub fn documents(mut errors: Vec<ServerError>) -> Self {
        errors.truncate(MAX_ERRORS);
        Self {
            status: None,
            header: None,
            errors,
        }
    }

    /// The same, with one more thing for programs to read.
    pub fn with(mut self, name: &'static str, value: Value) -> Self {
        for error in &mut self.errors {
            let extensions = error.extensions.get_or_insert_default();
            extensions.set(name, value.clone());
        }
        self
    }

    /// The same, of these places in the document.
    pub fn at(mut self, places: Vec<Pos>) -> Self {
        for error in &mut self.errors {
            error.locations.clone_from(&places);
        }
        self
    }

    /// Whoever sent the request cannot be identified.
    pub fn sender(failure: &Error, request_id: Option<&RequestId>) -> Self {
        let (status, header) = match failure.kind() {
            Kind::Unauthenticated => (
                StatusCode::UNAUTHORIZED,
                Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))),
            ),
            Kind::Unavailable { retry_after } => (
                StatusCode::SERVICE_UNAVAILABLE,
                Some((header::RETRY_AFTER, retry_after.as_secs().into())),
            ),
            Kind::RateLimited { retry_after } => (
                StatusCode::TOO_MANY_REQUESTS,
                Some((header::RETRY_AFTER, retry_after.as_secs().into())),
            ),
            _ => (StatusCode::INTERNAL_SERVER_ERROR, None),
        };
        Self {
            status: Some(status),
            header,
            errors: vec![errors::top_level(failure, request_id)],
        }
    }

    /// There was no place for an operation, or no time.
    pub fn shed(reason: ShedReason, only_reads: bool) -> Self {
        let status = match reason {
            ShedReason::Unread => StatusCode::TOO_MANY_REQUESTS,
            ShedReason::Overloaded | ShedReason::TimedOut { .. } => StatusCode::SERVICE_UNAVAILABLE,
        };
        let after = reason.retry_after().as_secs();
        let rejection = Self::transport(status, reason.code(), reason.message(only_reads));
        Self {
            header: Some((header::RETRY_AFTER, after.into())),
            ..rejection.with("retryAfter", after.into())
        }
    }

    /// The answer cannot be sent.
    pub fn unsent(failure: &Error) -> Self {
        Self::documents(vec![errors::top_level(failure, None)])
    }

    /// May it be that the sender is not known any more?
    pub fn is_of_sender(&self) -> bool {
        let sender = [StatusCode::UNAUTHORIZED, StatusCode::INTERNAL_SERVER_ERROR];
        self.status.is_some_and(|status| sender.contains(&status))
    }

    /// Why, as the body of an answer.
    pub fn text(&self) -> String {
        json!({ "errors": self.errors }).to_string()
    }

    /// Why, without HTTP.
    pub fn errors(self) -> Vec<ServerError> {
        self.errors
    }

    /// The answer. A document that cannot be executed is a 400, but only clients of the newer media type know: those
    /// of the older take any status but 2xx for a failure of the way, and would not read the errors.
    pub fn answer(self, media: MediaType) -> Response {
        let status = self.status.unwrap_or(match media {
            MediaType::GraphqlResponse => StatusCode::BAD_REQUEST,
            MediaType::Json => StatusCode::OK,
        });
        let headers = [(header::CONTENT_TYPE, media.name())];
        let mut response = (status, headers, self.text()).into_response();
        response.headers_mut().extend(self.header);
        response
    }
}

fn error(code: &'static str, message: impl Into<String>, at: Option<Pos>) -> ServerError {
    let mut error = ServerError::new(message, at);
    error.extensions.get_or_insert_default().set("code", code);
    error
}
