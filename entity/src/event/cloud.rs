//! The transport of events: CloudEvents 1.0 in binary content mode, by its Kafka protocol binding. Attributes are headers
//! with the prefix `ce_`, the payload is the value of the record, the aggregate its key.
//!
//! Source: <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md>, with the
//! extensions `sequence` and Distributed Tracing (`traceparent`, a header of its own).

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::Event;
use crate::outbox;

/// The version of the contract. Readers reject others.
pub const VERSION: &str = "1";
/// The `ce_source` of all events.
pub const SOURCE: &str = "/video-game-exchange";

pub(super) const SPEC_VERSION: &str = "1.0";
pub(super) const CONTENT_TYPE: &str = "application/json";

/// An event with its CloudEvents attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CloudEvent {
    /// The unique id; a duplicate has the same id.
    pub id: Uuid,
    /// The time of the event.
    pub time: DateTime<Utc>,
    /// The sequence within the aggregate: its version after the change, or the number of letters requested.
    pub sequence: i64,
    /// The W3C Trace Context of the request that caused the event.
    pub traceparent: Option<String>,
    pub event: Event,
}

/// The reason why a record is not a valid event. Names the position, never the content, which may come from anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    #[error("the header {0} is missing or not valid UTF-8")]
    Header(&'static str),
    #[error("the header {0} has an unknown value")]
    Unknown(&'static str),
    #[error("the payload does not match its type, at line {line}, column {column}")]
    Data { line: usize, column: usize },
    #[error("the payload contains a NUL character")]
    Nul,
}

impl CloudEvent {
    /// Returns the aggregate, such as `offer/7`: the subject, and the key that keeps the order of events.
    #[must_use]
    pub fn subject(&self) -> String {
        let (kind, id) = self.event.aggregate();
        format!("{kind}/{id}")
    }

    /// Returns the headers of the record.
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
            ("ce_dataschema", data_schema(kind)),
            ("content-type", CONTENT_TYPE.to_owned()),
        ];
        headers.extend(
            self.traceparent
                .clone()
                .map(|parent| ("traceparent", parent)),
        );
        headers
    }

    /// Returns the value of the record.
    #[must_use]
    pub fn data(&self) -> String {
        self.event.data().to_string()
    }

    /// Parses a record. Ignores unknown headers.
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
        if !Event::types().any(|known| known == kind) {
            return Err(Unreadable::Unknown("ce_type"));
        }
        if header("ce_dataschema")? != data_schema(kind) {
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
            event: Event::new(&row.r#type, row.payload)?,
        })
    }
}

/// Returns the `ce_dataschema` of a type of event.
pub(super) fn data_schema(kind: &str) -> String {
    format!("urn:video-game-exchange:event:{kind}:{VERSION}")
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
    // PostgreSQL cannot store NUL, so every attempt would fail.
    if has_nul(&data) {
        return Err(Unreadable::Nul);
    }
    Event::new(kind, data).map_err(unreadable)
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
