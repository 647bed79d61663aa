//! The path and the query.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use exchange::error::Error;
use serde::de::DeserializeOwned;

use super::{dto::Dto, read::read_query};
use crate::{app::App, http::problem::Problem};

/// The id in the path.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let names = RawPathParams::from_request_parts(parts, app).await;
        let read = axum::extract::Path::from_request_parts(parts, app).await;
        read.map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| {
                let names = names.ok();
                let (name, value) = names.iter().flatten().next().unwrap_or(("path", ""));
                Error::Malformed(format!(
                    "`{name}` in the path must be an integer, but is {value:?}"
                ))
                .into()
            })
    }
}

/// The parameters of the query.
pub struct Query<T>(pub T);

impl<T: Dto> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        read_query(query)
            .map(Self)
            .map_err(|failure| Problem::from(failure).in_query())
    }
}
