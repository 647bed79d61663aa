//! What went wrong, as `application/problem+json` (RFC 9457). The one mapping of [`Error`] to HTTP.
//!
//! Its `type` is the address of a page that says what it means: see [`pages`]. To add a type, add it to [`catalogue`].
//!
//! A handler that fails answers with a status and the [`Problem`] as an extension. [`render`], outermost, writes the
//! document, so that it can carry the request's id, and so that what the router itself refuses gets one, too.

pub mod catalogue;
mod document;
pub mod pages;

use std::{any::Any, fmt, time::Duration};

use axum::{
    Json,
    body::HttpBody,
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use exchange::{
    error::{Error, FieldError, Kind},
    revision::Change,
};

use self::catalogue::Type;
pub use self::document::ProblemBody;
use super::links::{self, Links};
use crate::http::{RequestId, size::TOO_LARGE};

/// The media type of problem documents.
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// A request that failed, to be rendered.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    faults: Vec<Fault>,
    changed: Vec<Change>,
    retry_after_seconds: Option<u64>,
    links: Links,
}

/// What is wrong with one part of a request.
#[derive(Clone, Debug)]
pub struct Fault {
    pub place: Place,
    pub code: &'static str,
    pub message: String,
}

/// Where a fault is.
#[derive(Clone, Debug)]
pub enum Place {
    /// In what a use case calls so: a parameter of a read, a field of the body of a write.
    Named(String),
    /// In the body, at this JSON pointer.
    Body(String),
    /// In this parameter of the query.
    Parameter(String),
}

impl Problem {
    /// A failure that only HTTP knows.
    pub fn new(kind: &Type, detail: impl Into<String>) -> Self {
        Self {
            status: kind.status,
            code: kind.code,
            detail: detail.into(),
            faults: Vec::new(),
            changed: Vec::new(),
            retry_after_seconds: None,
            links: Links::default(),
        }
    }

    /// The request can be read, and these parts of it do not fit.
    pub fn misfit(faults: Vec<Fault>) -> Self {
        let said: Vec<_> = faults.iter().map(ToString::to_string).collect();
        let detail = format!("The input is not valid: {}.", said.join("; "));
        Self {
            faults,
            ..Self::new(&catalogue::INVALID, detail)
        }
    }

    /// The same failure, if its faults are in the query, whatever the method.
    pub fn of_parameters(mut self) -> Self {
        for fault in &mut self.faults {
            if let Place::Named(name) = &mut fault.place {
                fault.place = Place::Parameter(std::mem::take(name));
            }
        }
        self
    }

    /// The request was for a name that this instance does not go by.
    pub fn misdirected() -> Self {
        let detail = "In development only loopback names are answered, such as localhost or 127.0.0.1. \
                      Use one, or set JWT_SECRET and HOST to serve others.";
        Self::new(&catalogue::MISDIRECTED_REQUEST, detail)
    }

    /// To be tried again after this time.
    pub fn after(mut self, wait: Duration) -> Self {
        self.retry_after_seconds = Some(wait.as_secs().max(1));
        self
    }

    /// With further ways out.
    pub fn with_links(mut self, links: Links) -> Self {
        self.links.extend(links);
        self
    }

    /// The problem of what the router or a layer refused without a word.
    pub fn of_status(status: StatusCode) -> Self {
        let (kind, detail) = match status {
            StatusCode::NOT_FOUND => (
                &catalogue::PATH_NOT_FOUND,
                "There is no such path. Begin at / and follow the links.",
            ),
            StatusCode::METHOD_NOT_ALLOWED => (
                &catalogue::METHOD_NOT_ALLOWED,
                "This path does not have this method. The Allow header lists those that it has.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => (&catalogue::PAYLOAD_TOO_LARGE, TOO_LARGE),
            StatusCode::URI_TOO_LONG => (
                &catalogue::URI_TOO_LONG,
                "The path and its query are too long. Send at most 8 KiB; a GraphQL query may come as a POST.",
            ),
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => (
                &catalogue::HEADERS_TOO_LARGE,
                "The headers are too large. Send at most 16 KiB of names and values.",
            ),
            _ if status.is_client_error() => {
                (&catalogue::BAD_REQUEST, "The request cannot be understood.")
            }
            _ => (
                &catalogue::INTERNAL,
                "Something went wrong on our side. Nothing was changed; try again later.",
            ),
        };
        let problem = Self {
            status,
            ..Self::new(kind, detail)
        };
        problem.with_links(links::home())
    }

    /// The ways out that depend on where the request went: the thing that it was about, and the same once more.
    fn around(&self, method: &Method, uri: &Uri) -> Links {
        match self.status {
            StatusCode::BAD_REQUEST
            | StatusCode::NOT_ACCEPTABLE
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::UNPROCESSABLE_ENTITY => links::description(),
            StatusCode::FORBIDDEN | StatusCode::CONFLICT => links::thing(uri.path()),
            StatusCode::PRECONDITION_FAILED => links::current(uri.path()),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
                links::retry(method, uri)
            }
            _ => Links::default(),
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let (status, retry_after) = match error.kind() {
            Kind::Malformed => (StatusCode::BAD_REQUEST, None),
            Kind::Invalid => (StatusCode::UNPROCESSABLE_ENTITY, None),
            Kind::Unauthenticated => (StatusCode::UNAUTHORIZED, None),
            Kind::Forbidden => (StatusCode::FORBIDDEN, None),
            Kind::NotFound => (StatusCode::NOT_FOUND, None),
            Kind::Conflict => (StatusCode::CONFLICT, None),
            Kind::InProgress { retry_after } => (StatusCode::CONFLICT, Some(retry_after)),
            Kind::PreconditionFailed => (StatusCode::PRECONDITION_FAILED, None),
            Kind::RateLimited { retry_after } => (StatusCode::TOO_MANY_REQUESTS, Some(retry_after)),
            Kind::Unavailable { retry_after } => {
                (StatusCode::SERVICE_UNAVAILABLE, Some(retry_after))
            }
            Kind::Internal => (StatusCode::INTERNAL_SERVER_ERROR, None),
        };
        error.log();
        Self {
            status,
            code: error.code(),
            detail: error.to_string(),
            retry_after_seconds: retry_after.map(|wait| wait.as_secs().max(1)),
            links: links::way_out(&error),
            faults: match &error {
                Error::Invalid(fields) | Error::Unreadable(fields) => {
                    fields.iter().cloned().map(Fault::from).collect()
                }
                _ => Vec::new(),
            },
            changed: match error {
                Error::Stale(changed) => changed,
                _ => Vec::new(),
            },
        }
    }
}

impl From<FieldError> for Fault {
    fn from(error: FieldError) -> Self {
        Self {
            place: Place::Named(error.field),
            code: error.code,
            message: error.message,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Body(pointer) if pointer.is_empty() => write!(f, "the body {}", self.message),
            Place::Named(at) | Place::Body(at) | Place::Parameter(at) => {
                write!(f, "`{at}` {}", self.message)
            }
        }
    }
}

/// One step of a JSON pointer (RFC 6901): into the field, or to the element, of this name.
pub fn step(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        let headers = response.headers_mut();
        if let Some(seconds) = self.retry_after_seconds {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the problem document of an answer that failed without a body.
pub fn render(mut response: Response, id: &RequestId, method: &Method, uri: &Uri) -> Response {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if failed && !response.headers().contains_key(header::CONTENT_TYPE) => {
            Problem::of_status(status)
        }
        // What a layer or the file server of the documentation says in plain words.
        None if failed
            && response
                .body()
                .size_hint()
                .upper()
                .is_some_and(|size| size < 200)
            && is_text(&response) =>
        {
            Problem::of_status(status)
        }
        None => return response,
    };
    let mut rendered = (status, Json(ProblemBody::of(problem, id, method, uri))).into_response();
    let headers = rendered.headers_mut();
    for (name, value) in response.headers() {
        if ![header::CONTENT_TYPE, header::CONTENT_LENGTH].contains(name) {
            headers.insert(name, value.clone());
        }
    }
    headers.insert(header::CONTENT_TYPE, PROBLEM_JSON);
    rendered
}

fn is_text(response: &Response) -> bool {
    let kind = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/plain"))
}

/// The answer to a request whose handler panicked. What it said is logged, never sent.
pub fn panicked(payload: Box<dyn Any + Send>) -> Response {
    let said = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied());
    let cause = format!("a handler panicked: {}", said.unwrap_or("without words"));
    Problem::from(Error::internal(cause)).into_response()
}
