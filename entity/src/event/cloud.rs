//! How an event travels: CloudEvents 1.0 in binary content mode, as its Kafka protocol binding has it. Attributes are
//! headers with the prefix `ce_`, the payload is the record's value, the aggregate its key.
//!
//! Source: <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md>, with the
//! extensions `sequence` and Distributed Tracing (`traceparent`, a header of its own).

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::Event;
use crate::outbox;

/// The version of the contract. A reader refuses others.
pub const VERSION: &str = "1";
/// Who speaks.
pub const SOURCE: &str = "/video-game-exchange";

const SPEC_VERSION: &str = "1.0";
const CONTENT_TYPE: &str = "application/json";
const SCHEMA: &str = "urn:video-game-exchange:event:";

/// An event with what is needed to deliver it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudEvent {
    /// Unique; a duplicate has the same.
    pub id: Uuid,
    /// When it happened.
    pub time: DateTime<Utc>,
    /// Grows within an aggregate: its version after the change, or how many letters were asked for.
    pub sequence: i64,
    /// W3C Trace Context of the request that caused it.
    pub traceparent: Option<String>,
    pub event: Event,
}

/// Why a record is none of our events. Says where, never what: the content may be anybody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the header {0} is missing or not a text")]
    Header(&'static str),
    #[error("the header {0} has a value that this version does not know")]
    Unknown(&'static str),
    #[error("the payload does not fit its type, at line {line}, column {column}")]
    Data { line: usize, column: usize },
    #[error("the payload has a NUL character, which no name has")]
    Nul,
}

impl CloudEvent {
    /// The aggregate that the event is about, such as `offer/7`: its subject, and the key that keeps its order.
    #[must_use]
    pub fn subject(&self) -> String {
        let (kind, id) = self.event.aggregate();
        format!("{kind}/{id}")
    }

    /// The headers of its record.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let kind = self.event.type_name();
        let mut headers = vec![
            ("ce_specversion", SPEC_VERSION.to_owned()),
            ("ce_id", self.id.to_string()),
            ("ce_source", SOURCE.to_owned()),
            ("ce_type", kind.to_owned()),
            (
                "ce_time",
                self.time.to_rfc3339_opts(SecondsFormat::Micros, true),
            ),
            ("ce_subject", self.subject()),
            ("ce_sequence", self.sequence.to_string()),
            ("ce_dataschema", format!("{SCHEMA}{kind}:{VERSION}")),
            ("content-type", CONTENT_TYPE.to_owned()),
        ];
        headers.extend(
            self.traceparent
                .clone()
                .map(|parent| ("traceparent", parent)),
        );
        headers
    }

    /// The value of its record.
    #[must_use]
    pub fn data(&self) -> String {
        json!(self.event)["data"].to_string()
    }

    /// Reads a record. Headers that it does not know are no concern of its.
    pub fn read<'r>(
        headers: impl IntoIterator<Item = (&'r str, Option<&'r [u8]>)>,
        data: &[u8],
    ) -> Result<Self, Unreadable> {
        let headers: Vec<_> = headers.into_iter().collect();
        let header = |name: &'static str| {
            let found = headers.iter().find(|(key, _)| *key == name);
            let text = found
                .and_then(|(_, value)| *value)
                .and_then(|value| std::str::from_utf8(value).ok());
            text.ok_or(Unreadable::Header(name))
        };
        if header("ce_specversion")? != SPEC_VERSION {
            return Err(Unreadable::Unknown("ce_specversion"));
        }
        let kind = header("ce_type")?;
        if !Event::TYPES.contains(&kind) {
            return Err(Unreadable::Unknown("ce_type"));
        }
        if header("ce_dataschema")? != format!("{SCHEMA}{kind}:{VERSION}") {
            return Err(Unreadable::Unknown("ce_dataschema"));
        }
        Ok(Self {
            id: parsed("ce_id", header("ce_id")?)?,
            time: parsed("ce_time", header("ce_time")?)?,
            sequence: parsed("ce_sequence", header("ce_sequence")?)?,
            traceparent: header("traceparent").ok().map(str::to_owned),
            event: event(kind, data)?,
        })
    }
}

impl TryFrom<outbox::Model> for CloudEvent {
    type Error = serde_json::Error;

    fn try_from(row: outbox::Model) -> Result<Self, Self::Error> {
        let traceparent = row.headers["traceparent"].as_str().map(str::to_owned);
        Ok(Self {
            id: row.id,
            time: row.created_at,
            sequence: row.aggregate_seq,
            traceparent,
            event: serde_json::from_value(json!({"type": row.r#type, "data": row.payload}))?,
        })
    }
}

fn parsed<T: std::str::FromStr>(name: &'static str, text: &str) -> Result<T, Unreadable> {
    text.parse().map_err(|_| Unreadable::Unknown(name))
}

fn event(kind: &str, data: &[u8]) -> Result<Event, Unreadable> {
    let unreadable = |cause: serde_json::Error| Unreadable::Data {
        line: cause.line(),
        column: cause.column(),
    };
    let data: Value = serde_json::from_slice(data).map_err(unreadable)?;
    // PostgreSQL would refuse to store it, again and again.
    if has_nul(&data) {
        return Err(Unreadable::Nul);
    }
    serde_json::from_value(json!({"type": kind, "data": data})).map_err(unreadable)
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(fields) => fields.values().any(has_nul),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
