//! What a handler takes from a request: who is asking, the path, the query and the body. Whatever is wrong with them
//! becomes a [`Problem`] that names the field.

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, RawPathParams, Request, rejection::BytesRejection},
    http::{HeaderMap, StatusCode, header, request::Parts},
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};

use super::problem::Problem;
use crate::{
    app::App,
    error::Error,
    exchange::input::Faults,
    identity::{self, Actor},
};

/// Who is asking.
pub struct Who(pub Actor);

impl FromRequestParts<App> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Ok(Self(identity::identify(app, &parts.headers).await?))
    }
}

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
                let (name, value) = names.iter().flatten().next().unwrap_or(("path", "it"));
                Error::Malformed(format!(
                    "`{name}` in the path must be a whole number, but is {value:?}"
                ))
                .into()
            })
    }
}

/// The parameters after the question mark.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(query.as_bytes()));
        serde_path_to_error::deserialize(pairs)
            .map(Self)
            .map_err(|wrong| {
                let field = field(&wrong);
                let said = wrong.into_inner().to_string();
                if said.starts_with("unknown") {
                    return unfit(&field, &said);
                }
                Error::Malformed(format!("the parameter `{field}`: {said}")).into()
            })
    }
}

/// The body, as JSON.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "The body must be JSON. Send Content-Type: application/json.";
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                detail,
            ));
        }
        let body = Bytes::from_request(request, app)
            .await
            .map_err(unreadable)?;
        let mut json = serde_json::Deserializer::from_slice(&body);
        let value = serde_path_to_error::deserialize(&mut json).map_err(|wrong| misfit(&wrong))?;
        json.end().map_err(|cause| {
            Error::Malformed(format!("the body is not one JSON value: {cause}"))
        })?;
        Ok(Self(value))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let kind = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn unreadable(rejection: BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = format!(
            "The body is too large. Send at most {} KiB.",
            super::MAX_BODY / 1024
        );
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", detail);
    }
    Error::Malformed("the body did not arrive whole".to_owned()).into()
}

/// JSON that cannot be read is 400; JSON that can, but does not fit, is 422 and names the field.
fn misfit(wrong: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let cause = wrong.inner();
    if cause.is_data() {
        unfit(&field(wrong), &cause.to_string())
    } else {
        Error::Malformed(format!("the body is not JSON: {cause}")).into()
    }
}

fn unfit(field: &str, said: &str) -> Problem {
    // The pointer says where; the line and column would say it again.
    let said = said.split(" at line ").next().unwrap_or_default();
    let code = ["missing", "unknown", "duplicate"]
        .into_iter()
        .find(|word| said.starts_with(word));
    let code = match code {
        Some("missing") => "missing",
        Some("duplicate") => "duplicate",
        Some(_) if said.starts_with("unknown field") => "unknown_field",
        Some(_) => "unknown_value",
        None => "wrong_type",
    };
    Faults::one(field, code, said).into()
}

/// The field that an error is about. Serde puts the name of a missing or unknown one into the message only.
fn field<E: std::fmt::Display>(wrong: &serde_path_to_error::Error<E>) -> String {
    let said = wrong.inner().to_string();
    let named = ["missing field `", "unknown field `", "duplicate field `"]
        .into_iter()
        .find_map(|start| said.strip_prefix(start));
    let name = named.and_then(|rest| rest.split('`').next());
    let path = wrong.path().to_string();
    match name {
        Some(name) if path == "." || path == name => name.to_owned(),
        Some(name) if path.ends_with(&format!(".{name}")) => path,
        Some(name) => format!("{path}.{name}"),
        None if path == "." => String::new(),
        None => path.replace('[', ".").replace(']', ""),
    }
}

/// For a field that may be left out, set to null, or set: tells the first two apart.
pub fn present<'de, T, D>(field: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(field).map(Some)
}
