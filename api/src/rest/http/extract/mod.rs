//! What a handler takes from a request: who is asking, the path, the query and the body. Whatever is wrong with them
//! becomes a [`Problem`] that names the field, or all of them: see [`misfit`].

mod edit;
mod misfit;

use std::{collections::HashSet, fmt};

use axum::{
    body::Bytes,
    extract::{FromRequest, FromRequestParts, RawPathParams, Request, rejection::BytesRejection},
    http::{HeaderMap, Method, StatusCode, header, request::Parts},
};
use exchange::{
    error::Error,
    operation::{IdempotencyKey, WriteContext},
    validation::Faults,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeOwned, Error as _, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Map, Number, Value};
use utoipa::ToSchema;

pub use self::edit::{Edit, Edits};
use super::{
    conditional,
    problem::{Fault, Place, Problem, catalogue},
};
use crate::{
    app::App,
    http::{
        credentials,
        idempotency::key_from_headers,
        media_type::{MERGE_PATCH, is_utf8, strip_bom},
    },
};
use rules::Actor;

/// The largest number below which every whole one is exact as a floating one.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// What a handler reads from a body or a query.
pub trait Sent: DeserializeOwned {
    /// Notes the values that will not do. The use case refuses them by the same rules; this is asked where something cannot
    /// be read as well, so that one answer has both.
    fn check(self, _: &mut Faults) {}
}

/// Who is asking.
pub struct Who(pub Actor);

impl FromRequestParts<App> for Who {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        Ok(Self(credentials::identify(app, &parts.headers).await?))
    }
}

/// Who asks for a write, on which condition, and under which key.
pub struct By(pub WriteContext);

impl FromRequestParts<App> for By {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let sender = credentials::sender(app, &parts.headers).await?;
        let condition = conditional::condition(&parts.headers)?;
        Ok(Self(WriteContext::new(sender, condition, key(parts)?)?))
    }
}

/// A write by whoever brings what its body has, which proves it alone, and the key that it is done under.
pub struct Keyed(pub WriteContext);

impl FromRequestParts<App> for Keyed {
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

impl<T: Sent> FromRequestParts<App> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Problem> {
        let mut faults = Faults::default();
        let read = misfit::query(parts.uri.query().unwrap_or_default(), &mut faults);
        match (faults.into_result(), read) {
            (Err(failure), _) => Err(Problem::from(failure).of_parameters()),
            (Ok(()), Some(parameters)) => Ok(Self(parameters)),
            (Ok(()), None) => {
                Err(Error::Malformed("the query is not understood".to_owned()).into())
            }
        }
    }
}

/// The body, as JSON.
pub struct Json<T>(pub T);

impl<T: Sent + ToSchema> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (fields, twice) = object(request, app).await?;
        misfit::body(fields, twice)
            .map(Self)
            .map_err(Problem::misfit)
    }
}

/// The object that the body is, and the names that it has more than once.
async fn object(request: Request, app: &App) -> Result<(Map<String, Value>, Vec<String>), Problem> {
    if let Some(refusal) = unsupported(&request) {
        return Err(refusal);
    }
    let body = Bytes::from_request(request, app)
        .await
        .map_err(unreadable)?;
    let body = strip_bom(&body);
    // Read on its own first: what is not JSON is 400, wherever else it does not fit.
    let whole: Value = serde_json::from_slice(body)
        .map_err(|cause| Error::Malformed(format!("the body is not JSON: {cause}")))?;
    let Value::Object(fields) = whole_numbers(whole) else {
        return Err(Problem::misfit(vec![Fault {
            place: Place::Body(String::new()),
            code: "wrong_type",
            message: "must be an object, such as {\"name\": \"Metroid\"}".to_owned(),
        }]));
    };
    let Twice(twice) = serde_json::from_slice(body).unwrap_or_default();
    Ok((fields, twice))
}

/// The refusal of a body whose headers say that it is not JSON as it is read here.
fn unsupported(request: &Request) -> Option<Problem> {
    if is_encoded(request.headers()) {
        let detail = "The body is compressed, and is not read so. Send it as it is, without Content-Encoding.";
        return Some(Problem::new(&catalogue::UNSUPPORTED_ENCODING, detail));
    }
    let detail = match *request.method() {
        _ if is_read(request) && is_utf8(content_type(request)) => return None,
        _ if is_read(request) => {
            "The body is in another character encoding than UTF-8, the only one that JSON has. Send it in UTF-8, without a \
             charset in Content-Type."
                .to_owned()
        }
        Method::PATCH => {
            format!("A patch must be a JSON merge patch. Send Content-Type: {MERGE_PATCH}.")
        }
        _ => "The body must be JSON. Send Content-Type: application/json.".to_owned(),
    };
    Some(Problem::new(&catalogue::UNSUPPORTED_MEDIA_TYPE, detail))
}

/// The names that an object has more than once, as often as they are too many.
#[derive(Default)]
struct Twice(Vec<String>);

impl<'de> Deserialize<'de> for Twice {
    fn deserialize<D: Deserializer<'de>>(object: D) -> Result<Self, D::Error> {
        object.deserialize_map(Self::default())
    }
}

impl<'de> Visitor<'de> for Twice {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut object: A) -> Result<Self, A::Error> {
        let mut names = HashSet::new();
        while let Some((name, IgnoredAny)) = object.next_entry::<String, _>()? {
            if let Some(name) = names.replace(name) {
                self.0.push(name);
            }
        }
        Ok(self)
    }
}

/// A value with whole numbers written as such: JSON has one kind of number, and 1990.0 is the same as 1990.
fn whole_numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(whole_number(number)),
        Value::Array(items) => items.into_iter().map(whole_numbers).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            fields
                .map(|(name, value)| (name, whole_numbers(value)))
                .collect()
        }
        other => other,
    }
}

/// The number as a whole one, if it is, and is not too large to be exact.
fn whole_number(number: Number) -> Number {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() <= EXACT => {
            Number::from(float as i64)
        }
        _ => number,
    }
}

/// Is the body in a media type that the method reads? There are other kinds of patches in JSON, which mean other things.
fn is_read(request: &Request) -> bool {
    let kind = content_type(request)
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let read = kind == "application/json" || kind == MERGE_PATCH;
    let other = kind.starts_with("application/") && kind.ends_with("+json");
    read || (other && request.method() != Method::PATCH)
}

fn content_type(request: &Request) -> &str {
    let kind = request.headers().get(header::CONTENT_TYPE);
    kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default()
}

/// Is the body compressed, or encoded otherwise?
pub fn is_encoded(headers: &HeaderMap) -> bool {
    let encodings = headers.get_all(header::CONTENT_ENCODING).iter();
    let mut encodings = encodings.flat_map(|list| list.as_bytes().split(|byte| *byte == b','));
    encodings.any(|encoding| {
        let encoding = encoding.trim_ascii();
        !encoding.is_empty() && !encoding.eq_ignore_ascii_case(b"identity")
    })
}

fn unreadable(rejection: BytesRejection) -> Problem {
    match rejection.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE),
        _ => Error::Malformed("the body did not arrive whole".to_owned()).into(),
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
