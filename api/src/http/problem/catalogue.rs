//! Every problem type of the REST surface: those of [`exchange::error::Error`], and those that only HTTP has. The only
//! source of the pages at `/problems` and of the `title` of each document.
//!
//! To add a type that only HTTP has, add its row below and its page, `docs/problems/<code>.md`.

use std::sync::LazyLock;

use axum::http::StatusCode;
use exchange::error::{Error, ErrorType, Kind};

/// A problem type.
#[derive(Clone, Copy, Debug)]
pub struct ProblemType {
    pub status: StatusCode,
    pub code: &'static str,
    /// The Markdown of its page: four paragraphs of one line each, `# Title`, the meaning, `## What to do`, and the
    /// solution. Backticks mark code.
    page: &'static str,
}

impl ProblemType {
    /// Returns the title, the same for every occurrence. The `detail` of a document describes one occurrence.
    pub fn title(&self) -> &'static str {
        self.paragraph(0).trim_start_matches("# ")
    }

    pub fn meaning(&self) -> &'static str {
        self.paragraph(1)
    }

    /// Returns the solution: what to do next.
    pub fn way_out(&self) -> &'static str {
        self.paragraph(3)
    }

    fn paragraph(&self, index: usize) -> &'static str {
        let mut paragraphs = self.page.trim_end().split("\n\n");
        paragraphs.nth(index).unwrap_or_default()
    }
}

impl From<&ErrorType> for ProblemType {
    fn from(error: &ErrorType) -> Self {
        Self {
            status: status(error.kind),
            code: error.code,
            page: error.page,
        }
    }
}

/// Returns the status of the errors of this kind.
fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Malformed => StatusCode::BAD_REQUEST,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict | Kind::InProgress => StatusCode::CONFLICT,
        Kind::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
        Kind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Every type, by status; of the same status first those of the exchange, in the order of their rows.
pub static ALL: LazyLock<Vec<ProblemType>> = LazyLock::new(|| {
    let mut all: Vec<_> = Error::TYPES.iter().map(ProblemType::from).collect();
    // Rows with one code stand together.
    all.dedup_by_key(|kind| kind.code);
    for (kind, before) in HTTP_ONLY {
        let place = all.iter().position(|other| before.contains(&other.code));
        all.insert(place.unwrap_or(all.len()), *kind);
    }
    all.sort_by_key(|kind| kind.status);
    all
});

/// Finds the type with this code.
pub fn find(code: &str) -> Option<&'static ProblemType> {
    ALL.iter().find(|kind| kind.code == code)
}

/// Declares the types that only HTTP has, each as a constant named after its code, with its status. `before` is the code
/// of the type that it is listed before; without one, it is the last of its status so far. So the list at /problems keeps
/// the order that it had.
macro_rules! http_only {
    ($($name:ident = $code:literal, $status:ident $(, before $next:literal)?;)*) => {
        $(
            pub const $name: ProblemType = ProblemType {
                status: StatusCode::$status,
                code: $code,
                page: include_str!(concat!("../../../../docs/problems/", $code, ".md")),
            };
        )*

        /// Each type that only HTTP has, with the code of the type that it is listed before.
        const HTTP_ONLY: &[(ProblemType, &[&str])] = &[$(($name, &[$($next)?])),*];
    };
}

http_only! {
    BAD_REQUEST = "bad_request", BAD_REQUEST;
    PATH_NOT_FOUND = "path_not_found", NOT_FOUND, before "user_not_found";
    PROBLEM_NOT_FOUND = "problem_not_found", NOT_FOUND, before "user_not_found";
    METHOD_NOT_ALLOWED = "method_not_allowed", METHOD_NOT_ALLOWED;
    NOT_ACCEPTABLE = "not_acceptable", NOT_ACCEPTABLE;
    REQUEST_TIMEOUT = "request_timeout", REQUEST_TIMEOUT;
    PAYLOAD_TOO_LARGE = "payload_too_large", PAYLOAD_TOO_LARGE;
    URI_TOO_LONG = "uri_too_long", URI_TOO_LONG;
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE;
    UNSUPPORTED_ENCODING = "unsupported_encoding", UNSUPPORTED_MEDIA_TYPE;
    MISDIRECTED_REQUEST = "misdirected_request", MISDIRECTED_REQUEST;
    ANSWERS_UNREAD = "answers_unread", TOO_MANY_REQUESTS;
    HEADERS_TOO_LARGE = "headers_too_large", REQUEST_HEADER_FIELDS_TOO_LARGE;
    OVERLOADED = "overloaded", SERVICE_UNAVAILABLE, before "too_many_listeners";
    TIMED_OUT = "timed_out", SERVICE_UNAVAILABLE;
    DATABASE_UNAVAILABLE = "database_unavailable", SERVICE_UNAVAILABLE;
    NOT_WRITABLE = "not_writable", SERVICE_UNAVAILABLE;
    STOPPING = "stopping", SERVICE_UNAVAILABLE;
}
