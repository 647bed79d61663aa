//! The Host header. HTTP/1.1 requires it exactly once (RFC 9112, section 3.2). In development it must name this
//! machine.

use std::net::IpAddr;

use axum::{
    extract::Request,
    http::{HeaderValue, Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::http::problem::{Problem, catalogue};

/// Returns the problem of a request without a single valid Host header.
pub fn rejection(request: &Request) -> Option<Problem> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let wrong = match (hosts.next(), hosts.next()) {
        (None, _) if request.version() >= Version::HTTP_11 => "is missing",
        (Some(_), Some(_)) => "is sent more than once",
        (Some(host), None) if !host.is_empty() && authority(host).is_none() => {
            "is not a host name with or without a port"
        }
        _ => return None,
    };
    let detail = format!("The Host header {wrong}. Send it once, with the host of the address.");
    Some(Problem::new(&catalogue::BAD_REQUEST, detail))
}

/// Rejects a request for any other name than those of this machine.
pub async fn require_loopback(request: Request, next: Next) -> Response {
    // The host of an absolute request target overrides the header (RFC 9112, section 3.2.2).
    let host = request.headers().get(header::HOST).and_then(authority);
    let host = request.uri().authority().cloned().or(host);
    if host.is_some_and(|host| is_loopback(&host)) {
        next.run(request).await
    } else {
        Problem::misdirected().into_response()
    }
}

fn authority(host: &HeaderValue) -> Option<Authority> {
    let authority: Authority = host.to_str().ok()?.parse().ok()?;
    (!authority.as_str().contains('@')).then_some(authority)
}

fn is_loopback(host: &Authority) -> bool {
    let name = host.host().trim_matches(['[', ']']).to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
