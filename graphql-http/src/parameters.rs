//! The parameters of a GraphQL request, from a JSON body or a query string, as GraphQL over HTTP says.

use async_graphql::Variables;
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{StatusCode, header},
};
use platform::media_type::{is_utf8, strip_bom};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::{Limits, Rejection};

/// The parameters of a request. Unknown members are ignored, as the specification asks.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    query: Option<String>,
    /// An empty name is none: some clients send that.
    #[serde(default, deserialize_with = "deserialize_name")]
    pub operation_name: Option<String>,
    #[serde(default)]
    pub variables: Variables,
    extensions: Option<Map<String, Value>>,
}

impl Parameters {
    /// Reads the body of a POST.
    pub async fn from_body(request: Request, limits: &Limits) -> Result<Self, Rejection> {
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default();
        if !is_json(content_type) || !is_utf8(content_type) {
            return Err(Rejection::transport(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The body must be JSON in UTF-8. Send `Content-Type: application/json`.",
            ));
        }
        let body = Bytes::from_request(request, &()).await;
        let body = body.map_err(|failure| match failure.status() {
            StatusCode::PAYLOAD_TOO_LARGE => body_too_large(limits),
            _ => Rejection::malformed("The body arrived incomplete. Send it again."),
        })?;
        let body = strip_bom(&body);
        match body.trim_ascii_start().first() {
            Some(b'{') => parse(body, "The body"),
            Some(b'[') => Err(Rejection::malformed(
                "Batches are not supported. Send one request at a time.",
            )),
            _ => Err(Rejection::malformed("The body is not a JSON object.")),
        }
    }

    /// Reads the query string of a GET.
    pub fn from_query_string(text: &str) -> Result<Self, Rejection> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text).map_err(|fault| {
            Rejection::malformed(format!("The query string cannot be parsed: {fault}."))
        })?;
        let one = |name: &str| {
            let mut values = pairs
                .iter()
                .filter(|(key, _)| key == name)
                .map(|(_, value)| value);
            match (values.next(), values.next()) {
                (value, None) => Ok(value.filter(|value| !value.is_empty())),
                _ => Err(Rejection::malformed(format!(
                    "`{name}` is repeated. Send it once."
                ))),
            }
        };
        let variables: Option<_> = one("variables")?
            .map(|text| parse(text.as_bytes(), "`variables`"))
            .transpose()?;
        Ok(Self {
            query: one("query")?.cloned(),
            operation_name: one("operationName")?.cloned(),
            variables: variables.unwrap_or_default(),
            extensions: one("extensions")?
                .map(|text| parse(text.as_bytes(), "`extensions`"))
                .transpose()?,
        })
    }

    /// Returns true if the document contains this word.
    pub fn mentions(&self, word: &str) -> bool {
        self.query
            .as_ref()
            .is_some_and(|query| query.contains(word))
    }

    /// Takes the document out.
    pub fn take_query(&mut self, limits: &Limits) -> Result<String, Rejection> {
        let query = self.query.take().ok_or_else(|| self.missing_query())?;
        let max = limits.max_document();
        if query.len() <= max {
            return Ok(query);
        }
        Err(Rejection::transport(
            StatusCode::PAYLOAD_TOO_LARGE,
            "payload_too_large",
            format!("The `query` is too long. Send at most {max} bytes, and texts as `variables`."),
        ))
    }

    /// Rejects a request without a document. For one with a hash, Apollo's protocol of persisted queries has an error
    /// that makes clients send the whole document.
    fn missing_query(&self) -> Rejection {
        let extensions = self.extensions.as_ref();
        if extensions.is_some_and(|members| members.contains_key("persistedQuery")) {
            return Rejection::document(
                "PERSISTED_QUERY_NOT_SUPPORTED",
                "PersistedQueryNotSupported",
                None,
            );
        }
        Rejection::malformed("The `query` is missing. Send one, as a string.")
    }
}

fn body_too_large(limits: &Limits) -> Rejection {
    let max = limits.max_body() / 1024;
    Rejection::transport(
        StatusCode::PAYLOAD_TOO_LARGE,
        "payload_too_large",
        format!("The body is too large. Send at most {max} KiB."),
    )
}

fn is_json(content_type: &str) -> bool {
    let name = content_type.split(';').next().unwrap_or_default();
    name.trim().eq_ignore_ascii_case("application/json")
}

fn deserialize_name<'de, D: Deserializer<'de>>(field: D) -> Result<Option<String>, D::Error> {
    let name: Option<String> = Deserialize::deserialize(field)?;
    Ok(name.filter(|name| !name.is_empty()))
}

/// Parses JSON to its end. `source` names it in the message.
fn parse<T: DeserializeOwned>(json: &[u8], source: &str) -> Result<T, Rejection> {
    let mut json = serde_json::Deserializer::from_slice(json);
    let parsed = serde_path_to_error::deserialize(&mut json).map_err(|fault| fault.to_string());
    let complete = parsed.and_then(|value| {
        json.end()
            .map(|()| value)
            .map_err(|fault| fault.to_string())
    });
    complete.map_err(|fault| Rejection::malformed(format!("{source} cannot be parsed: {fault}.")))
}
