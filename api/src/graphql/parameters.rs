//! Reads a GraphQL request out of an HTTP request, as GraphQL over HTTP says: its parameters, from a JSON body or from
//! the query string, and the media type that its answer is wanted in.

use async_graphql::{Variables, parser::types::OperationType};
use axum::{
    body::Bytes,
    extract::{FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::rejection::Rejection;
use crate::http::{
    media_type::{accepted, is_utf8, strip_bom},
    size::{MAX_DOCUMENT, TOO_LARGE},
    sse::EVENT_STREAM,
};

/// The media types of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// Its status tells whether the request was executed.
    GraphqlResponse,
    /// Any well-formed request is a 200.
    Json,
}

/// The parameters of a request. Members that are not known are left alone, as the specification asks.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parameters {
    query: Option<String>,
    /// An empty one is none: clients without a name to send send that.
    #[serde(default, deserialize_with = "named")]
    pub operation_name: Option<String>,
    #[serde(default)]
    pub variables: Variables,
    extensions: Option<Map<String, Value>>,
}

/// The forms of an answer that a client accepts, each with its weight.
#[derive(Clone, Copy, Debug)]
pub struct Accepted {
    json: Option<(MediaType, u16)>,
    events: Option<u16>,
}

impl Accepted {
    /// Reads Accept. None where the client accepts none of our media types.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let ranges = accepted(headers);
        if ranges.is_empty() {
            let json = Some((MediaType::Json, 1000));
            return Some(Self { json, events: None });
        }
        let weight = |names: &[&str]| {
            let named = |name: &&str| ranges.iter().find(|(range, _)| range == name);
            let weight = names.iter().find_map(named).map(|(_, weight)| *weight);
            weight.filter(|weight| *weight > 0)
        };
        // Wildcards stand for JSON: a client that does not name the newer type may not know what its statuses mean.
        let json = weight(&["application/json", "application/*", "*/*"]);
        let newer = weight(&["application/graphql-response+json"]);
        let json = match newer {
            Some(newer) if Some(newer) >= json => Some((MediaType::GraphqlResponse, newer)),
            _ => json.map(|weight| (MediaType::Json, weight)),
        };
        let events = weight(&[EVENT_STREAM]);
        (json.is_some() || events.is_some()).then_some(Self { json, events })
    }

    /// Is an operation of this kind answered by server-sent events? A subscription is where they are accepted at all, anything else
    /// where they are preferred to JSON: several clients name both, with the same weight, in every request.
    pub fn streams(self, kind: OperationType) -> bool {
        let json = self.json.map(|(_, weight)| weight);
        let is_subscription = kind == OperationType::Subscription;
        self.events.is_some() && (is_subscription || self.events > json)
    }

    /// The media type of an answer in one piece, and of a rejection.
    pub fn media(self) -> MediaType {
        self.json
            .map_or(MediaType::GraphqlResponse, |(media, _)| media)
    }
}

impl MediaType {
    /// The value of Content-Type.
    pub fn name(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

impl Parameters {
    /// From the body of a POST.
    pub async fn from_body(request: Request) -> Result<Self, Rejection> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !is_json(kind) || !is_utf8(kind) {
            return Err(Rejection::transport(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported_media_type",
                "The body must be JSON in UTF-8: send `Content-Type: application/json`.",
            ));
        }
        let body =
            Bytes::from_request(request, &())
                .await
                .map_err(|failure| match failure.status() {
                    StatusCode::PAYLOAD_TOO_LARGE => Rejection::transport(
                        StatusCode::PAYLOAD_TOO_LARGE,
                        "payload_too_large",
                        TOO_LARGE,
                    ),
                    _ => Rejection::malformed("The body did not arrive as a whole. Send it again."),
                })?;
        let body = strip_bom(&body);
        match body.trim_ascii_start().first() {
            Some(b'{') => read(body, "The body"),
            Some(b'[') => Err(Rejection::malformed(
                "Batches are not taken: send one request at a time.",
            )),
            _ => Err(Rejection::malformed("The body is not a JSON object.")),
        }
    }

    /// From the query string of a GET.
    pub fn from_query_string(text: &str) -> Result<Self, Rejection> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_str(text).map_err(|fault| {
            Rejection::malformed(format!("The query string cannot be read: {fault}."))
        })?;
        let one = |name: &str| {
            let mut values = pairs
                .iter()
                .filter(|(key, _)| key == name)
                .map(|(_, value)| value);
            match (values.next(), values.next()) {
                (value, None) => Ok(value.filter(|value| !value.is_empty())),
                _ => Err(Rejection::malformed(format!("`{name}` came twice."))),
            }
        };
        let variables: Option<_> = one("variables")?
            .map(|text| read(text.as_bytes(), "`variables`"))
            .transpose()?;
        Ok(Self {
            query: one("query")?.cloned(),
            operation_name: one("operationName")?.cloned(),
            variables: variables.unwrap_or_default(),
            extensions: one("extensions")?
                .map(|text| read(text.as_bytes(), "`extensions`"))
                .transpose()?,
        })
    }

    /// Does the document have this word in it?
    pub fn says(&self, word: &str) -> bool {
        self.query
            .as_ref()
            .is_some_and(|query| query.contains(word))
    }

    /// The document.
    pub fn take_query(&mut self) -> Result<String, Rejection> {
        let query = self.query.take().ok_or_else(|| self.without_query())?;
        if query.len() <= MAX_DOCUMENT {
            return Ok(query);
        }
        Err(Rejection::transport(
            StatusCode::PAYLOAD_TOO_LARGE,
            "payload_too_large",
            format!(
                "The `query` is too long. Send at most {MAX_DOCUMENT} bytes, and texts as `variables`."
            ),
        ))
    }

    /// Refuses a request without a document. Apollo's protocol of persisted queries has a name for it where there is a hash: clients
    /// know it and send the whole document.
    fn without_query(&self) -> Rejection {
        let extensions = self.extensions.as_ref();
        if extensions.is_some_and(|named| named.contains_key("persistedQuery")) {
            return Rejection::document(
                "PERSISTED_QUERY_NOT_SUPPORTED",
                "PersistedQueryNotSupported",
                None,
            );
        }
        Rejection::malformed("There is no `query`. Send one, as a string.")
    }
}

fn is_json(content_type: &str) -> bool {
    let name = content_type.split(';').next().unwrap_or_default();
    name.trim().eq_ignore_ascii_case("application/json")
}

fn named<'de, D: Deserializer<'de>>(field: D) -> Result<Option<String>, D::Error> {
    let name: Option<String> = Deserialize::deserialize(field)?;
    Ok(name.filter(|name| !name.is_empty()))
}

fn read<T: DeserializeOwned>(json: &[u8], what: &str) -> Result<T, Rejection> {
    let mut json = serde_json::Deserializer::from_slice(json);
    let read = serde_path_to_error::deserialize(&mut json).map_err(|fault| fault.to_string());
    let whole = read.and_then(|value| {
        json.end()
            .map(|()| value)
            .map_err(|fault| fault.to_string())
    });
    whole.map_err(|fault| Rejection::malformed(format!("{what} cannot be read: {fault}.")))
}
