//! What a handler takes from a request: who is asking, the path, the query and the body. Whatever is wrong with them
//! becomes a [`Problem`] that names the field.

use std::{collections::HashSet, fmt::Display};

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, RawPathParams, Request, rejection::BytesRejection},
    http::{Method, StatusCode, header, request::Parts},
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _},
};
use serde_json::{Map, Value};
use serde_path_to_error::Segment;
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};

use super::{
    conditional,
    problem::{Fault, Place, Problem, catalogue, step},
};
use crate::{
    app::App,
    error::Error,
    exchange::call::Call,
    http::{MERGE_PATCH, idempotency_key},
    identity::{self, Actor},
};

/// The code and the words for a field that is not there.
const MISSING: (&str, &str) = ("missing", "is missing");
/// How many faults one answer lists.
const MOST_FAULTS: usize = 20;

/// Who is asking.
pub struct Who(pub Actor);

impl FromRequestParts<App> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Ok(Self(identity::identify(app, &parts.headers).await?))
    }
}

/// Who asks for a write, on which condition, and under which key.
pub struct By(pub Call);

impl FromRequestParts<App> for By {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let replayed = parts.extensions.get().cloned().unwrap_or_default();
        Ok(Self(Call {
            actor: identity::identify(app, &parts.headers).await?,
            condition: conditional::if_match(&parts.headers)?,
            key: idempotency_key(&parts.headers, &replayed)?,
        }))
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
                let (path, said) = (trail(&wrong).concat(), wrong.inner().to_string());
                match translate(&said) {
                    Some((code, message)) => Problem::misfit(vec![Fault {
                        place: Place::Parameter(path),
                        code,
                        message,
                    }]),
                    None => {
                        Error::Malformed(format!("the parameter `{path}` must be a whole number"))
                            .into()
                    }
                }
            })
    }
}

/// The body, as JSON.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + ToSchema> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        if !is_read(&request) {
            let detail = match *request.method() {
                Method::PATCH => {
                    format!("A patch must be a JSON merge patch. Send Content-Type: {MERGE_PATCH}.")
                }
                _ => "The body must be JSON. Send Content-Type: application/json.".to_owned(),
            };
            return Err(Problem::new(&catalogue::UNSUPPORTED_MEDIA_TYPE, detail));
        }
        let body = Bytes::from_request(request, app)
            .await
            .map_err(unreadable)?;
        // Read on its own first: what is not JSON is 400, wherever else it does not fit.
        let whole: Value = serde_json::from_slice(&body)
            .map_err(|cause| Error::Malformed(format!("the body is not JSON: {cause}")))?;
        let Value::Object(fields) = whole else {
            return Err(Problem::misfit(vec![Fault {
                place: Place::Body(String::new()),
                code: "wrong_type",
                message: "must be an object, such as {\"name\": \"Metroid\"}".to_owned(),
            }]));
        };
        let mut json = serde_json::Deserializer::from_slice(&body);
        serde_path_to_error::deserialize(&mut json)
            .map(Self)
            .map_err(|first| Problem::misfit(faults::<T>(&first, fields)))
    }
}

/// What is wrong with a body: what serde stumbled over first, then what is wrong with each other field taken alone, and
/// what the schema asks for and is not there. One fault a field.
fn faults<T: DeserializeOwned + ToSchema>(
    first: &serde_path_to_error::Error<serde_json::Error>,
    fields: Map<String, Value>,
) -> Vec<Fault> {
    let missing: Vec<_> = required::<T>()
        .into_iter()
        .filter(|name| !fields.contains_key(name))
        .collect();
    let mut seen = HashSet::from([trail(first).into_iter().next()]);
    let alone = fields.into_iter().filter_map(|(name, value)| {
        let field = Value::from(Map::from_iter([(name.clone(), value)]));
        let wrong = serde_path_to_error::deserialize::<_, T>(field).err()?;
        // Of a field that is good alone, serde complains that it misses another.
        let about_it = trail(&wrong).first() == Some(&name);
        (about_it && seen.insert(Some(name))).then(|| fault(&wrong))
    });
    let mut faults: Vec<_> = [fault(first)].into_iter().chain(alone).collect();
    let missing = missing
        .into_iter()
        .filter(|name| seen.insert(Some(name.clone())));
    faults.extend(missing.map(|name| Fault {
        place: Place::Body(step(&name)),
        code: MISSING.0,
        message: MISSING.1.to_owned(),
    }));
    faults.truncate(MOST_FAULTS);
    faults
}

/// The fields that a body must have, as its published schema says.
fn required<T: ToSchema>() -> Vec<String> {
    match T::schema() {
        RefOr::T(Schema::Object(body)) => body.required,
        _ => Vec::new(),
    }
}

fn fault(wrong: &serde_path_to_error::Error<serde_json::Error>) -> Fault {
    let pointer = trail(wrong).iter().map(|name| step(name)).collect();
    let (code, message) = translate(&wrong.inner().to_string())
        .unwrap_or_else(|| ("wrong_type", "is not of the right type".to_owned()));
    Fault {
        place: Place::Body(pointer),
        code,
        message,
    }
}

/// Is the body in a media type that the method reads? There are other kinds of patches in JSON, which mean other things.
fn is_read(request: &Request) -> bool {
    let kind = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or_default();
    let kind = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let read = kind == "application/json" || kind == MERGE_PATCH;
    let other = kind.starts_with("application/") && kind.ends_with("+json");
    read || (other && request.method() != Method::PATCH)
}

fn unreadable(rejection: BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = format!(
            "The body is too large. Send at most {} KiB.",
            super::MAX_BODY / 1024
        );
        return Problem::new(&catalogue::PAYLOAD_TOO_LARGE, detail);
    }
    Error::Malformed("the body did not arrive whole".to_owned()).into()
}

/// The names on the way to what an error is about. A field that is missing, or there twice, stands in the message only.
fn trail<E: Display>(wrong: &serde_path_to_error::Error<E>) -> Vec<String> {
    let said = wrong.inner().to_string();
    let named = ["missing field `", "duplicate field `"]
        .into_iter()
        .find_map(|start| said.strip_prefix(start)?.split('`').next());
    let path = wrong.path().iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    path.chain(named.map(ToOwned::to_owned)).collect()
}

/// What serde says, as a code and in words for people: what is wrong, and what would be right. Never the value, which may
/// be a password.
fn translate(said: &str) -> Option<(&'static str, String)> {
    let said = said.rsplit_once(" at line ").map_or(said, |(said, _)| said);
    let (found, expected) = said.rsplit_once(", expected ").unwrap_or((said, "others"));
    let starts = |words: &str| found.starts_with(words);
    Some(if starts("missing field") {
        (MISSING.0, MISSING.1.to_owned())
    } else if starts("duplicate field") {
        ("duplicate", "is there twice; send it once".to_owned())
    } else if starts("unknown field") {
        (
            "unknown_field",
            format!("is not known here; known: {expected}"),
        )
    } else if starts("unknown variant") {
        (
            "unknown_value",
            format!("is no such value; send {expected}"),
        )
    } else if starts("invalid value: integer") || starts("number too ") {
        (
            "out_of_range",
            "is too large or too small a number".to_owned(),
        )
    } else if let Some(found) = found.strip_prefix("invalid type: ") {
        let message = format!("is {}; send {}", kind(found), wanted(expected));
        ("wrong_type", message)
    } else {
        return None;
    })
}

/// What JSON calls the type that serde found.
fn kind(found: &str) -> &'static str {
    match found.split(' ').next() {
        Some("integer" | "floating") => "a number",
        Some("boolean") => "true or false",
        Some("string") => "a text",
        Some("sequence") => "a list",
        Some("map") => "an object",
        _ => "null",
    }
}

/// What JSON calls the type that serde wants.
fn wanted(expected: &str) -> &str {
    match expected {
        "i32" | "i64" => "a whole number",
        "a sequence" => "a list",
        _ => "a text",
    }
}

/// For a word out of a list. An enum of serde's takes `{"word": null}` for it, too, and has no name for other types.
pub fn word<'de, T, D>(field: D) -> Result<T, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    let word = String::deserialize(field)?;
    T::deserialize(Value::from(word)).map_err(D::Error::custom)
}

/// [`word`], for a field that may be left out, though not set to null.
pub fn given_word<'de, T, D>(field: D) -> Result<Option<T>, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    word(field).map(Some)
}

/// For a field that may be left out, and is null only where its own type takes that. Serde would take null for left out.
pub fn given<'de, T, D>(field: D) -> Result<Option<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    T::deserialize(field).map(Some)
}
