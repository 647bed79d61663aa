//! ETags and conditional requests (RFC 9110, section 13).
//!
//! An ETag is `"<revision>.<view>"`. The revision belongs to the thing: see [`exchange::revision`]. The view is a
//! digest of the representation, which depends on what its reader may see and do. If-None-Match of a read compares
//! both, since a reader wants to know of either. The preconditions of a write compare the revision alone, since a
//! writer means the thing.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, response::Parts},
    response::{IntoResponse, Response},
};
use exchange::{context::Preconditions, error::Result};
use http_body_util::BodyExt;
use platform::system::sha256_of;

use crate::http::etag::{ETags, etag};

/// The length of a view, in characters.
const VIEW_LENGTH: usize = 16;

/// The revision of the thing that a response shows. An extension of the response.
#[derive(Clone)]
pub struct ShownRevision(pub String);

/// Reads the preconditions of a write.
pub fn preconditions(headers: &HeaderMap) -> Result<Preconditions> {
    Ok(Preconditions {
        matches: etags(headers, &header::IF_MATCH)?.map(ETags::revisions),
        differs: etags(headers, &header::IF_NONE_MATCH)?.map(ETags::revisions),
    })
}

/// Adds the ETag to a successful JSON response. Turns it into a 304 if the reader has it already; `reader` has the
/// headers of a read.
pub async fn add_etag(response: Response, reader: Option<&HeaderMap>) -> Response {
    let (mut parts, body) = response.into_parts();
    let Ok(body) = body.collect().await else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let body = body.to_bytes();
    let kind = parts.headers.get(header::CONTENT_TYPE);
    let kind = kind.map(HeaderValue::as_bytes).unwrap_or_default();
    let mut view = sha256_of([kind, b"\n", &body]);
    view.truncate(VIEW_LENGTH);
    let revision = parts.extensions.get::<ShownRevision>();
    let tag = format!("{}.{view}", revision.map_or("", |revision| &revision.0));
    if let Ok(value) = HeaderValue::from_str(&etag(&tag)) {
        parts.headers.insert(header::ETAG, value);
    }
    if parts.status == StatusCode::OK && reader.is_some_and(|headers| has(headers, &tag)) {
        return not_modified(parts);
    }
    Response::from_parts(parts, Body::from(body))
}

/// Returns true if the reader has the representation with this ETag. An unreadable If-None-Match is ignored.
fn has(reader: &HeaderMap, tag: &String) -> bool {
    match etags(reader, &header::IF_NONE_MATCH) {
        Ok(Some(ETags::Any)) => true,
        Ok(Some(ETags::These(tags))) => tags.contains(tag),
        _ => false,
    }
}

fn not_modified(mut parts: Parts) -> Response {
    parts.status = StatusCode::NOT_MODIFIED;
    for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        parts.headers.remove(name);
    }
    Response::from_parts(parts, Body::empty())
}

fn etags(headers: &HeaderMap, name: &HeaderName) -> Result<Option<ETags>> {
    let values = headers.get_all(name).iter();
    let texts: Vec<_> = values
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    ETags::parse(name.as_str(), texts.iter().map(AsRef::as_ref))
}
