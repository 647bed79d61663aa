//! Problem documents, `application/problem+json` (RFC 9457), and the only mapping of [`Error`] to HTTP.
//!
//! The `type` of a problem is the address of a page that explains it. [`catalogue`] has all types.
//!
//! A handler that fails responds with a status, and with the [`Problem`] as an extension. [`render`], in the outermost
//! layer, writes the document, so that it has the request id, and so that the router's own rejections get a document
//! too.

pub mod catalogue;
mod document;
mod links;

use std::{any::Any, fmt, time::Duration};

use axum::{
    Json,
    body::HttpBody,
    http::{HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use exchange::error::{Change, Error, FieldError};

use self::catalogue::ProblemType;
pub use self::document::{ProblemBody, ProblemContext};
use crate::http::{hypermedia::Links, size::TOO_LARGE};

/// The media type of problem documents.
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// A failed request, before it is rendered.
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

/// An error in one part of a request.
#[derive(Clone, Debug)]
pub struct Fault {
    pub location: Location,
    pub code: &'static str,
    pub message: String,
}

/// The location of a fault.
#[derive(Clone, Debug)]
pub enum Location {
    /// The input that a use case calls so: a parameter of a read, or a field of the body of a write.
    Named(String),
    /// A JSON pointer into the body.
    Body(String),
    /// A parameter of the query.
    Parameter(String),
}

impl Problem {
    /// Creates a problem of this type.
    pub fn new(kind: &ProblemType, detail: impl Into<String>) -> Self {
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

    /// Creates the problem of an error, without logging its cause.
    fn from_error_unlogged(error: Error) -> Self {
        let mut problem = Self::new(&error.error_type().into(), error.to_string());
        problem.retry_after_seconds = error.retry_after().map(whole_seconds);
        problem.links = links::from_error(&error);
        match error {
            Error::Invalid(fields) | Error::Unreadable(fields) => {
                problem.faults = fields.into_iter().map(Fault::from).collect();
            }
            Error::Stale(changed) => problem.changed = changed,
            _ => {}
        }
        problem
    }

    /// Creates the problem of a request that can be read but has these faults.
    pub fn invalid(faults: Vec<Fault>) -> Self {
        let messages: Vec<_> = faults.iter().map(ToString::to_string).collect();
        let detail = format!("The input is not valid: {}.", messages.join("; "));
        Self {
            detail,
            faults,
            ..Self::from_error_unlogged(Error::Invalid(Vec::new()))
        }
    }

    /// Locates the faults in the query, whatever the method.
    pub fn in_query(mut self) -> Self {
        for fault in &mut self.faults {
            if let Location::Named(name) = &mut fault.location {
                fault.location = Location::Parameter(std::mem::take(name));
            }
        }
        self
    }

    /// Creates the problem of a request for a host name that this instance does not serve.
    pub fn misdirected() -> Self {
        let detail = "In development the server accepts only loopback names such as localhost or 127.0.0.1. \
                      Use one of these, or set JWT_SECRET and HOST to serve other names.";
        Self::new(&catalogue::MISDIRECTED_REQUEST, detail)
    }

    /// Tells the client to retry after this time.
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after_seconds = Some(whole_seconds(wait));
        self
    }

    /// Adds links to what the client can do next.
    pub fn with_links(mut self, links: Links) -> Self {
        self.links.extend(links);
        self
    }

    /// Creates the problem of a request that the router or a layer rejected with a status alone.
    pub fn from_status(status: StatusCode) -> Self {
        let problem = match status {
            StatusCode::NOT_FOUND => Self::new(
                &catalogue::PATH_NOT_FOUND,
                "This path does not exist. Start at / and follow the links.",
            ),
            StatusCode::METHOD_NOT_ALLOWED => Self::new(
                &catalogue::METHOD_NOT_ALLOWED,
                "This path does not support this method. The Allow header lists the methods that it supports.",
            ),
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(&catalogue::PAYLOAD_TOO_LARGE, TOO_LARGE),
            StatusCode::URI_TOO_LONG => Self::new(
                &catalogue::URI_TOO_LONG,
                "The path and its query are too long. Send at most 8 KiB; send a long GraphQL query as a POST.",
            ),
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => Self::new(
                &catalogue::HEADERS_TOO_LARGE,
                "The headers are too large. Send at most 16 KiB of names and values.",
            ),
            _ if status.is_client_error() => {
                Self::new(&catalogue::BAD_REQUEST, "The request cannot be understood.")
            }
            _ => Self::from_error_unlogged(Error::internal("a layer responded without a document")),
        };
        Self { status, ..problem }.with_links(Links::home())
    }

    /// Returns the links that depend on the request: to its subject, and to repeat it.
    fn request_links(&self, method: &Method, uri: &Uri) -> Links {
        match self.status {
            StatusCode::BAD_REQUEST
            | StatusCode::NOT_ACCEPTABLE
            | StatusCode::PAYLOAD_TOO_LARGE
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::UNPROCESSABLE_ENTITY => Links::home().description(),
            StatusCode::FORBIDDEN | StatusCode::CONFLICT => links::subject(uri.path()),
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
        error.log();
        Self::from_error_unlogged(error)
    }
}

impl From<FieldError> for Fault {
    fn from(error: FieldError) -> Self {
        Self {
            location: Location::Named(error.field),
            code: error.code,
            message: error.message,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.location {
            Location::Body(pointer) if pointer.is_empty() => write!(f, "the body {}", self.message),
            Location::Named(at) | Location::Body(at) | Location::Parameter(at) => {
                write!(f, "`{at}` {}", self.message)
            }
        }
    }
}

/// Returns the seconds of a Retry-After header, at least one.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().max(1)
}

/// Formats one segment of a JSON pointer (RFC 6901).
pub fn pointer_segment(name: &str) -> String {
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

/// Writes the problem document of a response that failed without a body.
pub fn render(mut response: Response, context: &ProblemContext<'_>) -> Response {
    let status = response.status();
    let failed = status.is_client_error() || status.is_server_error();
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None if failed && !response.headers().contains_key(header::CONTENT_TYPE) => {
            Problem::from_status(status)
        }
        // A plain-text rejection by a layer, or by the file server of the documentation.
        None if failed
            && response
                .body()
                .size_hint()
                .upper()
                .is_some_and(|size| size < 200)
            && is_text(&response) =>
        {
            Problem::from_status(status)
        }
        None => return response,
    };
    let mut rendered = (status, Json(ProblemBody::new(problem, context))).into_response();
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

/// Responds to a request whose handler panicked. The panic message is logged, never sent.
pub fn from_panic(payload: Box<dyn Any + Send>) -> Response {
    let message = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied());
    let cause = format!("a handler panicked: {}", message.unwrap_or("no message"));
    Problem::from(Error::internal(cause)).into_response()
}
