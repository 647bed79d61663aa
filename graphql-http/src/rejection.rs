//! Requests that are not executed, as HTTP and as GraphQL report them.

use async_graphql::{Pos, ServerError, Value};
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::media_type::MediaType;

/// The code of a document that is GraphQL but not valid for the schema.
pub const INVALID_DOCUMENT: &str = "graphql_validation_failed";
/// The most errors of one document that are reported.
const MAX_ERRORS: usize = 50;

/// The reason why a request was not executed.
#[derive(Debug)]
pub struct Rejection {
    /// `None` for a well-formed request with an invalid document: its status depends on the media type.
    status: Option<StatusCode>,
    header: Option<(HeaderName, HeaderValue)>,
    errors: Vec<ServerError>,
}

impl Rejection {
    /// Creates the rejection of a request that violates GraphQL over HTTP.
    #[must_use]
    pub fn transport(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self::with_status(status, error(code, message, None))
    }

    /// Creates a rejection with this status and error.
    #[must_use]
    pub fn with_status(status: StatusCode, error: ServerError) -> Self {
        Self {
            status: Some(status),
            header: None,
            errors: vec![error],
        }
    }

    /// Creates the rejection of a request that cannot be parsed.
    #[must_use]
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::transport(StatusCode::BAD_REQUEST, "malformed", message)
    }

    /// Creates the rejection of a method that is not one of `allowed`.
    pub(crate) fn method(allowed: &'static str, message: &'static str) -> Self {
        Self::transport(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            message,
        )
        .with_header(header::ALLOW, HeaderValue::from_static(allowed))
    }

    /// Creates the rejection of a document.
    #[must_use]
    pub fn document(code: &'static str, message: impl Into<String>, at: Option<Pos>) -> Self {
        Self::documents(vec![error(code, message, at)])
    }

    /// Creates the rejection of a document for several reasons. Keeps the first [`MAX_ERRORS`]: there may be far more
    /// errors than the document is long.
    #[must_use]
    pub fn documents(mut errors: Vec<ServerError>) -> Self {
        errors.truncate(MAX_ERRORS);
        Self {
            status: None,
            header: None,
            errors,
        }
    }

    /// Adds a header to the response.
    #[must_use]
    pub fn with_header(self, name: HeaderName, value: HeaderValue) -> Self {
        Self {
            header: Some((name, value)),
            ..self
        }
    }

    /// Adds an extension to each error.
    #[must_use]
    pub fn with_extension(mut self, name: &'static str, value: Value) -> Self {
        for error in &mut self.errors {
            let extensions = error.extensions.get_or_insert_default();
            extensions.set(name, value.clone());
        }
        self
    }

    /// Sets the locations of each error in the document.
    pub(crate) fn at(mut self, locations: Vec<Pos>) -> Self {
        for error in &mut self.errors {
            error.locations.clone_from(&locations);
        }
        self
    }

    /// Returns true if the cause may be that the sender can no longer be identified.
    pub(crate) fn may_be_unauthenticated(&self) -> bool {
        let statuses = [StatusCode::UNAUTHORIZED, StatusCode::INTERNAL_SERVER_ERROR];
        self.status.is_some_and(|status| statuses.contains(&status))
    }

    /// Returns the body of the response.
    pub(crate) fn body(&self) -> String {
        json!({ "errors": self.errors }).to_string()
    }

    /// Returns the errors alone.
    pub(crate) fn into_errors(self) -> Vec<ServerError> {
        self.errors
    }

    /// Creates the response. An invalid document is a 400 for clients of the newer media type alone: those of the older
    /// one take any status but 2xx for a failure of the transport, and do not read the errors.
    pub(crate) fn into_response(self, media_type: MediaType) -> Response {
        let status = self.status.unwrap_or(match media_type {
            MediaType::GraphqlResponse => StatusCode::BAD_REQUEST,
            MediaType::Json => StatusCode::OK,
        });
        let headers = [(header::CONTENT_TYPE, media_type.content_type())];
        let mut response = (status, headers, self.body()).into_response();
        response.headers_mut().extend(self.header);
        response
    }
}

/// Creates an error with a code.
pub(crate) fn error(
    code: &'static str,
    message: impl Into<String>,
    at: Option<Pos>,
) -> ServerError {
    let mut error = ServerError::new(message, at);
    error.extensions.get_or_insert_default().set("code", code);
    error
}

/// Gives [`INVALID_DOCUMENT`] as the code to errors that have none: those that the executor finds itself.
pub(crate) fn add_missing_codes(errors: &mut [ServerError]) {
    for error in errors {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", INVALID_DOCUMENT);
        }
    }
}
