//! The body, as JSON.

use std::{collections::HashSet, fmt};

use axum::{
    body::Bytes,
    extract::{FromRequest, Request, rejection::BytesRejection},
    http::{HeaderMap, Method, StatusCode, header},
};
use exchange::error::Error;
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use super::{dto::Dto, read::read_body};
use crate::{
    app::App,
    http::{
        media_type::{MERGE_PATCH, is_utf8, strip_bom},
        problem::{Fault, Location, Problem, catalogue},
    },
};

/// The largest number below which `f64` represents every integer exactly.
const MAX_EXACT: f64 = 9_007_199_254_740_992.0;

/// The body, as JSON.
pub struct Json<T>(pub T);

impl<T: Dto> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (fields, duplicates) = read_object(request, app).await?;
        read_body(&fields, &duplicates)
            .map(Self)
            .map_err(Problem::invalid)
    }
}

/// Reads the body as an object. Returns its fields, and the names that it has more than once.
pub async fn read_object(
    request: Request,
    app: &App,
) -> Result<(Map<String, Value>, Vec<String>), Problem> {
    if let Some(problem) = unsupported(&request) {
        return Err(problem);
    }
    let body = Bytes::from_request(request, app)
        .await
        .map_err(unreadable)?;
    let body = strip_bom(&body);
    let malformed =
        |cause: serde_json::Error| Error::Malformed(format!("the body is not JSON: {cause}"));
    // Parsed on its own first: invalid JSON is a 400, whatever else is wrong.
    let whole: Value = serde_json::from_slice(body).map_err(malformed)?;
    let Value::Object(fields) = normalize_numbers(whole) else {
        return Err(Problem::invalid(vec![Fault {
            location: Location::Body(String::new()),
            code: "wrong_type",
            message: "must be an object, such as {\"name\": \"Metroid\"}".to_owned(),
        }]));
    };
    let DuplicateNames(duplicates) = serde_json::from_slice(body).map_err(malformed)?;
    Ok((fields, duplicates))
}

/// Returns the problem of a body whose headers do not announce plain JSON in UTF-8.
fn unsupported(request: &Request) -> Option<Problem> {
    if is_encoded(request.headers()) {
        let detail = "The server does not read compressed bodies. Send the body uncompressed, without Content-Encoding.";
        return Some(Problem::new(&catalogue::UNSUPPORTED_ENCODING, detail));
    }
    let detail = match *request.method() {
        _ if has_supported_type(request) && is_utf8(content_type(request)) => return None,
        _ if has_supported_type(request) => {
            "The body is in another character encoding than UTF-8, the only encoding of JSON. Send it in UTF-8, without a charset \
             in Content-Type."
                .to_owned()
        }
        Method::PATCH => {
            format!("A patch must be a JSON merge patch. Send Content-Type: {MERGE_PATCH}.")
        }
        _ => "The body must be JSON. Send Content-Type: application/json.".to_owned(),
    };
    Some(Problem::new(&catalogue::UNSUPPORTED_MEDIA_TYPE, detail))
}

/// The names that an object has more than once, once for each extra occurrence.
#[derive(Default)]
struct DuplicateNames(Vec<String>);

impl<'de> Deserialize<'de> for DuplicateNames {
    fn deserialize<D: Deserializer<'de>>(object: D) -> Result<Self, D::Error> {
        object.deserialize_map(Self::default())
    }
}

impl<'de> Visitor<'de> for DuplicateNames {
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

/// Turns floating-point numbers without a fraction into integers: JSON has one type of number, so 1990.0 is the same as
/// 1990.
fn normalize_numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(normalize_number(number)),
        Value::Array(items) => items.into_iter().map(normalize_numbers).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter();
            fields
                .map(|(name, value)| (name, normalize_numbers(value)))
                .collect()
        }
        other => other,
    }
}

/// Turns a number into an integer if that is exact.
fn normalize_number(number: Number) -> Number {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() <= MAX_EXACT => {
            Number::from(float as i64)
        }
        _ => number,
    }
}

/// Returns true if the method accepts the media type of the body. A PATCH accepts merge patches alone, since other JSON
/// patches have another meaning.
fn has_supported_type(request: &Request) -> bool {
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

/// Returns true if the body has a content encoding, such as compression.
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
        StatusCode::PAYLOAD_TOO_LARGE => Problem::from_status(StatusCode::PAYLOAD_TOO_LARGE),
        _ => Error::Malformed("the body is incomplete".to_owned()).into(),
    }
}
