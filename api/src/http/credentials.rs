//! Reads the credentials of a request: `Authorization` and `X-User-ID`, in headers or in the payload of
//! `connection_init`.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION};
use entity::UserId;
use exchange::{
    Exchange,
    error::Result,
    identity::{
        Sender,
        credentials::{CredentialSet, Credentials, Parsed},
    },
};
use rules::Actor;
use secrecy::SecretString;

/// The header that names a user without proof. Trusted in development, or behind a proxy that sets it.
pub const X_USER_ID: HeaderName = HeaderName::from_static("x-user-id");

/// Reads the credentials of a request's headers.
#[must_use]
pub fn from_headers(headers: &HeaderMap) -> Credentials {
    let mut credentials = Credentials::default();
    for name in [AUTHORIZATION, X_USER_ID] {
        for value in headers.get_all(&name) {
            add(&mut credentials.headers, &name, value);
        }
    }
    credentials
}

/// Adds a member of the payload of `connection_init`, named like a header.
pub fn add_from_payload(credentials: &mut Credentials, name: &HeaderName, value: &HeaderValue) {
    add(&mut credentials.payload, name, value);
}

/// Identifies the sender of a request by its headers.
pub async fn identify(exchange: &Exchange, headers: &HeaderMap) -> Result<Actor> {
    from_headers(headers).identify(exchange).await
}

/// Identifies the sender of a request by its headers, also one whose account or session has ended.
pub async fn sender(exchange: &Exchange, headers: &HeaderMap) -> Result<Sender> {
    from_headers(headers).sender(exchange).await
}

fn add(set: &mut CredentialSet, name: &HeaderName, value: &HeaderValue) {
    let text = value.to_str().map_err(|_| "a header is not plain text");
    if name == AUTHORIZATION {
        set.access_tokens.push(text.and_then(bearer_token));
    } else if name == X_USER_ID {
        set.user_ids.push(text.and_then(user_id));
    }
}

fn bearer_token(authorization: &str) -> Parsed<SecretString> {
    match authorization.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(token.trim().into()),
        _ => Err("Authorization must be `Bearer <access token>`"),
    }
}

/// Parses a user id in its only spelling, so that a proxy and this service never read two users from one header.
fn user_id(value: &str) -> Parsed<UserId> {
    let value = value.trim();
    let id = value.parse::<i64>().ok();
    let id = id.filter(|id| id.to_string() == value);
    id.map(UserId)
        .ok_or("X-User-ID must be the number of a user")
}
