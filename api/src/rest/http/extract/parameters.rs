//! The path and the query.

use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use exchange::{error::Error, validation::Faults};
use serde::de::DeserializeOwned;

use super::{dto::Dto, errors};
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
        let mut faults = Faults::default();
        let read = errors::read_query(parts.uri.query().unwrap_or_default(), &mut faults);
        match (faults.into_result(), read) {
            (Err(failure), _) => Err(Problem::from(failure).in_query()),
            (Ok(()), Some(parameters)) => Ok(Self(parameters)),
            (Ok(()), None) => Err(Error::Malformed("the query cannot be parsed".to_owned()).into()),
        }
    }
}
