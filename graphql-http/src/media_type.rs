//! Negotiates the media type of a response by `Accept`, as GraphQL over HTTP says.

use async_graphql::parser::types::OperationType;
use axum::http::{HeaderMap, header::ACCEPT};
use platform::media_type::accepted;

/// The media type of a stream of events.
const EVENT_STREAM: &str = "text/event-stream";
/// The weight of a media range without `q`, in thousandths.
const FULL_WEIGHT: u16 = 1000;

/// The media types of a response that is not streamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaType {
    /// `application/graphql-response+json`: the status tells whether the request was executed.
    GraphqlResponse,
    /// `application/json`: any well-formed request is a 200.
    Json,
}

/// The forms of a response that a client accepts, each with its weight.
#[derive(Clone, Copy, Debug)]
pub struct Accepted {
    json: Option<(MediaType, u16)>,
    events: Option<u16>,
}

impl Accepted {
    /// Reads `Accept`. Returns `None` if the client accepts none of the media types.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let values = headers.get_all(ACCEPT).iter();
        let ranges = accepted(values.filter_map(|value| value.to_str().ok()));
        if ranges.is_empty() {
            let json = Some((MediaType::Json, FULL_WEIGHT));
            return Some(Self { json, events: None });
        }
        let weight = |names: &[&str]| {
            let named = |name: &&str| ranges.iter().find(|(range, _)| range == name);
            let weight = names.iter().find_map(named).map(|(_, weight)| *weight);
            weight.filter(|weight| *weight > 0)
        };
        // A wildcard stands for JSON: a client that does not name the newer type may not know the meaning of its
        // statuses.
        let json = weight(&["application/json", "application/*", "*/*"]);
        let newer = weight(&["application/graphql-response+json"]);
        let json = match newer {
            Some(newer) if Some(newer) >= json => Some((MediaType::GraphqlResponse, newer)),
            _ => json.map(|weight| (MediaType::Json, weight)),
        };
        let events = weight(&[EVENT_STREAM]);
        (json.is_some() || events.is_some()).then_some(Self { json, events })
    }

    /// Returns true if the response to an operation of this kind is a stream of events. A subscription is streamed if
    /// the client accepts that at all, anything else if it prefers that to JSON: several clients name both, with the
    /// same weight, in every request.
    pub fn streams(self, kind: OperationType) -> bool {
        let json = self.json.map(|(_, weight)| weight);
        let is_subscription = kind == OperationType::Subscription;
        self.events.is_some() && (is_subscription || self.events > json)
    }

    /// Returns the media type of a response that is not streamed, and of a rejection.
    pub fn media_type(self) -> MediaType {
        self.json
            .map_or(MediaType::GraphqlResponse, |(media_type, _)| media_type)
    }
}

impl MediaType {
    /// Returns the value of `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}
