//! Which host a request is for. HTTP/1.1 has it say so exactly once (RFC 9112, section 3.2); in development, only names of
//! this machine are answered.

use std::net::IpAddr;

use axum::{
    extract::Request,
    http::{HeaderValue, Version, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::rest::problem::{Problem, catalogue};

/// Refuses a request that does not say which host it is for.
pub fn check(request: &Request) -> Result<(), Problem> {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let wrong = match (hosts.next(), hosts.next()) {
        (None, _) if request.version() >= Version::HTTP_11 => "is missing",
        (Some(_), Some(_)) => "is there more than once",
        (Some(host), None) if !host.is_empty() && authority(host).is_none() => {
            "is not the name of a host, with or without a port"
        }
        _ => return Ok(()),
    };
    let detail = format!("The Host header {wrong}. Send it once, as the address has it.");
    Err(Problem::new(&catalogue::BAD_REQUEST, detail))
}

/// Refuses a request for another name than those of this machine.
pub async fn loopback_only(request: Request, next: Next) -> Response {
    // A whole address in the first line goes before the header (RFC 9112, section 3.2.2).
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
