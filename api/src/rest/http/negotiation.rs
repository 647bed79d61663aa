//! Content negotiation. The middleware of all REST requests: selects the media type, answers HEAD, adds the ETag and
//! the headers for caches.
//!
//! A body is the same under each of its three media types: JSON, HAL, and HAL-FORMS. A client gets it under the one
//! that it asks for.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{conditional, extract::is_encoded, json::JSON};
use crate::http::{
    caching::CacheScope,
    head::empty_body_of_unknown_length,
    media_type::{ACCEPT_PATCH, MERGE_PATCH, accepted},
    problem::{Problem, catalogue},
};

/// The media types of a JSON body, the default first.
const MEDIA_TYPES: [&str; 3] = [
    JSON,
    "application/hal+json",
    "application/prs.hal-forms+json",
];
/// The media type that a browser asks for.
const TEXT_HTML: &str = "text/html";
/// The media types of a resource that has an HTML page.
const WITH_HTML: [&str; 4] = [MEDIA_TYPES[0], MEDIA_TYPES[1], MEDIA_TYPES[2], TEXT_HTML];
/// The `Content-Type` of an HTML page.
pub const HTML: &str = "text/html; charset=utf-8";

/// Marks the response of a resource that has an HTML page as well as JSON. An extension of the response.
#[derive(Clone, Copy)]
pub struct HasHtml;

/// Handles a request with content negotiation, and sets the headers for caches.
pub async fn negotiate(request: Request, next: Next) -> Response {
    let scope = CacheScope::for_request(&request);
    let mut response = respond(request, next).await;
    scope.apply(&mut response);
    response
}

async fn respond(mut request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let preferred = preferred(request.headers());
    if preferred.is_none() && !method.is_safe() {
        return not_acceptable(&MEDIA_TYPES);
    }
    let headers = request.headers().clone();
    if method == Method::HEAD {
        // The headers of the response must be those of a GET.
        *request.method_mut() = Method::GET;
    }
    let mut response = next.run(request).await;
    if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        let sent = response.headers_mut();
        if is_encoded(&headers) {
            sent.insert(
                header::ACCEPT_ENCODING,
                HeaderValue::from_static("identity"),
            );
        } else if method == Method::PATCH {
            sent.insert(ACCEPT_PATCH, HeaderValue::from_static(MERGE_PATCH));
        }
    }
    let has_html = response.extensions().get::<HasHtml>().is_some();
    if is_a(MEDIA_TYPES[0], &response) {
        let Some(preferred) = preferred else {
            return not_acceptable(if has_html { &WITH_HTML } else { &MEDIA_TYPES });
        };
        let name = HeaderValue::from_static(preferred);
        response.headers_mut().insert(header::CONTENT_TYPE, name);
    } else if !(has_html && is_a(HTML, &response)) {
        return without_body(&method, response);
    }
    let reader = (method == Method::GET || method == Method::HEAD).then_some(&headers);
    without_body(&method, conditional::add_etag(response, reader).await)
}

/// Returns true for a successful response with this media type.
fn is_a(name: &str, response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE);
    response.status().is_success() && kind.is_some_and(|kind| kind == name)
}

fn without_body(method: &Method, response: Response) -> Response {
    if *method != Method::HEAD {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let length = axum::body::HttpBody::size_hint(&body).exact();
    // A response without a body, such as 304, has no Content-Length.
    if let Some(length) = length.filter(|length| *length > 0) {
        parts.headers.insert(header::CONTENT_LENGTH, length.into());
    }
    Response::from_parts(parts, empty_body_of_unknown_length())
}

fn not_acceptable(offered: &[&str]) -> Response {
    let detail = format!(
        "None of the media types in Accept is available here. Accept one of {}, or leave the header out.",
        offered.join(", ")
    );
    Problem::new(&catalogue::NOT_ACCEPTABLE, detail).into_response()
}

/// Returns the JSON media type that the client prefers, if it accepts any.
fn preferred(headers: &HeaderMap) -> Option<&'static str> {
    best(&MEDIA_TYPES, headers)
}

/// Returns true if the client accepts this media type.
pub fn accepts(name: &'static str, headers: &HeaderMap) -> bool {
    best(&[name], headers).is_some()
}

/// Returns true if the client prefers HTML to JSON, as a browser does.
pub fn prefers_html(headers: &HeaderMap) -> bool {
    best(&WITH_HTML, headers) == Some(TEXT_HTML)
}

/// Returns the media type that the client prefers, if it accepts any. Among equal weights the one that it names first
/// wins.
fn best(offered: &[&'static str], headers: &HeaderMap) -> Option<&'static str> {
    let ranges = accepted(headers);
    if ranges.is_empty() {
        return offered.first().copied();
    }
    let weight = |name: &str| {
        let weight = |range: &str| ranges.iter().position(|(named, _)| named == range);
        let family = name.split('/').next().unwrap_or_default();
        let exact = weight(name).or_else(|| weight(&format!("{family}/*")));
        exact.or_else(|| weight("*/*")).map(|at| (ranges[at].1, at))
    };
    let weighed = offered
        .iter()
        .filter_map(|name| weight(name).map(|(weight, at)| (name, weight, at)))
        .filter(|(_, weight, _)| *weight > 0);
    // The largest weight wins, then the earliest position.
    let best = weighed.reduce(|best, next| {
        if (next.1, std::cmp::Reverse(next.2)) > (best.1, std::cmp::Reverse(best.2)) {
            next
        } else {
            best
        }
    });
    best.map(|(name, ..)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferred_has_the_largest_weight() {
        for (accept, expected) in [
            ("", Some("application/json")),
            ("*/*", Some("application/json")),
            ("application/*", Some("application/json")),
            ("application/hal+json", Some("application/hal+json")),
            (
                "application/prs.hal-forms+json, application/hal+json",
                Some("application/prs.hal-forms+json"),
            ),
            (
                "application/hal+json;q=0.5, application/json;q=0.4",
                Some("application/hal+json"),
            ),
            ("text/html, */*;q=0.1", Some("application/json")),
            ("application/json;q=0, */*", Some("application/hal+json")),
            ("APPLICATION/HAL+JSON", Some("application/hal+json")),
            ("text/html", None),
            ("application/xml, application/json;q=0", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(preferred(&headers), expected, "{accept}");
        }
    }

    #[test]
    fn prefers_html_is_true_for_browsers() {
        for (accept, expected) in [
            ("", false),
            ("*/*", false),
            ("text/html", true),
            ("text/*, application/json;q=0.9", true),
            (
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                true,
            ),
            ("application/json, text/html", false),
            ("text/html;q=0.5, */*", false),
            ("application/xml", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
            assert_eq!(prefers_html(&headers), expected, "{accept}");
        }
    }
}
