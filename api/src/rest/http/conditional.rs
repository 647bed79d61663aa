//! ETags, and requests that depend on them (RFC 9110, section 13).
//!
//! An ETag is `"<state>.<view>"`. The state is that of the thing: see [`exchange::revision`]. The view is a digest of
//! the representation, which differs with what its reader may see and do. If-None-Match of a read asks for both, since a
//! reader wants to know of either. A write is done on the condition that If-Match and If-None-Match set, which is about the
//! state alone: a writer means the thing.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, response::Parts},
    response::{IntoResponse, Response},
};
use exchange::{error::Result, operation::Preconditions, revision::RevisionTag};
use http_body_util::BodyExt;
use platform::system::sha256_of;

use super::{
    body,
    forms::{Alone, Resource},
};
use crate::http::etag::{ETags, etag};

/// How many characters tell one view from another.
const VIEW: usize = 16;

/// A thing as it is shown, with the state that it is in.
pub struct Shown<B> {
    pub state: RevisionTag,
    pub body: B,
}

/// The state of the thing that a response shows.
#[derive(Clone)]
struct Stated(String);

impl<B: Resource> IntoResponse for Shown<B> {
    fn into_response(self) -> Response {
        let mut response = body::json(&Alone::from(self.body));
        let state = Stated(self.state.to_string());
        response.extensions_mut().insert(state);
        response
    }
}

/// The condition on which the write is asked for.
pub fn condition(headers: &HeaderMap) -> Result<Preconditions> {
    Ok(Preconditions {
        matches: tags(headers, &header::IF_MATCH)?.map(ETags::revisions),
        differs: tags(headers, &header::IF_NONE_MATCH)?.map(ETags::revisions),
    })
}

/// The response with its ETag, or 304 where the reader has it already. Only what succeeded and is JSON has one.
pub async fn tagged(response: Response, reader: Option<&HeaderMap>) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(body) = body.collect().await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let body = body.to_bytes();
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let kind = kind.map(HeaderValue::as_bytes).unwrap_or_default();
    let mut view = sha256_of([kind, b"\n", &body]);
    view.truncate(VIEW);
    let state = parts.extensions.get::<Stated>();
    let tag = format!("{}.{view}", state.map_or("", |state| &state.0));
    if let Ok(value) = HeaderValue::from_str(&etag(&tag)) {
        parts.headers.insert(header::ETAG, value);
    }
    let has_it = reader.is_some_and(|headers| {
        // One that cannot be read asks for nothing.
        match tags(headers, &header::IF_NONE_MATCH) {
            Ok(Some(ETags::Any)) => true,
            Ok(Some(ETags::These(tags))) => tags.contains(&tag),
            _ => false,
        }
    });
    if has_it && parts.status == StatusCode::OK {
        return not_modified(parts);
    }
    Response::from_parts(parts, Body::from(body))
}

fn not_modified(mut parts: Parts) -> Response {
    parts.status = StatusCode::NOT_MODIFIED;
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        parts.headers.remove(name);
    }
    Response::from_parts(parts, Body::empty())
}

/// The ETags of a header.
fn tags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<ETags>> {
    let values = headers.get_all(name).iter();
    let texts: Vec<_> = values
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    ETags::parse(name.as_str(), texts.iter().map(AsRef::as_ref))
}
