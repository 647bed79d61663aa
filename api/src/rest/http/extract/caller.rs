//! The sender of a request.

use axum::{extract::FromRequestParts, http::request::Parts};
use exchange::{
    context::{IdempotencyKey, WriteContext},
    error::Error,
};
use rules::Actor;

use crate::{
    app::App,
    http::{credentials, idempotency::key_from_headers, problem::Problem},
    rest::http::conditional,
};

/// The sender of a read.
pub struct Viewer(pub Actor);

impl FromRequestParts<App> for Viewer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Ok(Self(credentials::identify(app, &parts.headers).await?))
    }
}

/// The sender of a write, with its preconditions and its idempotency key.
pub struct Caller(pub WriteContext);

impl FromRequestParts<App> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let sender = credentials::sender(app, &parts.headers).await?;
        let preconditions = conditional::preconditions(&parts.headers)?;
        Ok(Self(WriteContext::new(sender, preconditions, key(parts)?)?))
    }
}

/// A write without a sender, which the token in its body authorizes, with its idempotency key.
pub struct AnonymousCaller(pub WriteContext);

impl FromRequestParts<App> for AnonymousCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        Ok(Self(WriteContext {
            key: key(parts)?,
            ..Actor::Anonymous.into()
        }))
    }
}

fn key(parts: &Parts) -> Result<Option<IdempotencyKey>, Error> {
    let replayed = parts.extensions.get().cloned().unwrap_or_default();
    key_from_headers(&parts.headers, &replayed)
}
