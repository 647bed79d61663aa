//! What every request of the surface goes through: the media type of the answer, HEAD, the ETag, and what caches are told.
//!
//! A body is the same under each of its three names: JSON, HAL, and HAL-FORMS. A client that names one gets it under that
//! name.

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    conditional,
    html::Paged,
    input::is_encoded,
    problem::{Problem, catalogue},
};
use crate::http::{
    caching::CacheScope,
    head::empty_body_of_unknown_length,
    media_type::{ACCEPT_PATCH, MERGE_PATCH, accepted},
};

/// The names of a body, the one for a client that takes anything first.
const MEDIA_TYPES: [&str; 3] = [
    "application/json",
    "application/hal+json",
    "application/prs.hal-forms+json",
];
/// What a browser asks for, and the names of what it can get where there is a page.
const PAGE: &str = "text/html";
const WITH_PAGE: [&str; 4] = [MEDIA_TYPES[0], MEDIA_TYPES[1], MEDIA_TYPES[2], PAGE];
/// The media type of a page.
pub const HTML: &str = "text/html; charset=utf-8";

/// Answers a request as the client wants it, and tells caches for whom the answer is.
pub async fn negotiate(request: Request, next: Next) -> Response {
    let scope = CacheScope::for_request(&request);
    let mut response = answer(request, next).await;
    scope.apply(&mut response);
    response
}

async fn answer(mut request: Request, next: Next) -> Response {
    let method = request.method().clone();
    let wanted = wanted(request.headers());
    if wanted.is_none() && !method.is_safe() {
        return not_acceptable(&MEDIA_TYPES);
    }
    let headers = request.headers().clone();
    if method == Method::HEAD {
        // Its answer is that of a GET, and so are the headers that describe the body.
        *request.method_mut() = Method::GET;
    }
    let mut response = next.run(request).await;
    if response.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE {
        let told = response.headers_mut();
        if is_encoded(&headers) {
            told.insert(
                header::ACCEPT_ENCODING,
                HeaderValue::from_static("identity"),
            );
        } else if method == Method::PATCH {
            told.insert(ACCEPT_PATCH, HeaderValue::from_static(MERGE_PATCH));
        }
    }
    let paged = response.extensions().get::<Paged>().is_some();
    if is_a(MEDIA_TYPES[0], &response) {
        let Some(wanted) = wanted else {
            return not_acceptable(if paged { &WITH_PAGE } else { &MEDIA_TYPES });
        };
        let name = HeaderValue::from_static(wanted);
        response.headers_mut().insert(header::CONTENT_TYPE, name);
    } else if !(paged && is_a(HTML, &response)) {
        return without_body(&method, response);
    }
    let reader = (method == Method::GET || method == Method::HEAD).then_some(&headers);
    without_body(&method, conditional::tagged(response, reader).await)
}

/// Is it a success with such a body?
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
    // What has no body, such as 304, does not tell of its length.
    if let Some(length) = length.filter(|length| *length > 0) {
        parts.headers.insert(header::CONTENT_LENGTH, length.into());
    }
    Response::from_parts(parts, empty_body_of_unknown_length())
}

fn not_acceptable(offered: &[&str]) -> Response {
    let detail = format!(
        "There is no such media type here. Send Accept with one of {}, or without.",
        offered.join(", ")
    );
    Problem::new(&catalogue::NOT_ACCEPTABLE, detail).into_response()
}

/// The media type of JSON that the client likes best, if it takes any.
fn wanted(headers: &HeaderMap) -> Option<&'static str> {
    best(&MEDIA_TYPES, headers)
}

/// Does the client take this media type?
pub fn takes(name: &'static str, headers: &HeaderMap) -> bool {
    best(&[name], headers).is_some()
}

/// Does the client like a page better than JSON, as a browser does?
pub fn prefers_html(headers: &HeaderMap) -> bool {
    best(&WITH_PAGE, headers) == Some(PAGE)
}

/// Which of these media types the client likes best, if it takes any. Of two that it likes as much, the one it names
/// first.
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
    // The first of those that weigh the most and were named the earliest.
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
    fn wanted_is_what_the_client_likes_best() {
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
            assert_eq!(wanted(&headers), expected, "{accept}");
        }
    }

    #[test]
    fn prefers_html_is_what_a_browser_says() {
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
