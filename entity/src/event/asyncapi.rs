//! The AsyncAPI 3.0 description of the contract, for readers in any language. Committed as `asyncapi.yaml`.

use serde_json::{Map, Value, json};
use utoipa::{PartialSchema, ToSchema};

use super::{
    Event, OfferEvent, OfferFacts, UserFacts,
    cloud::{CONTENT_TYPE, SOURCE, SPEC_VERSION, VERSION, data_schema},
};

/// The default topic.
pub const TOPIC: &str = "email-notifications";

/// Returns the description as it is committed.
#[must_use]
pub fn yaml() -> String {
    serde_norway::to_string(&description()).unwrap_or_default()
}

fn description() -> Value {
    let references = |from: &str| -> Vec<_> {
        Event::types()
            .map(|kind| json!({"$ref": format!("{from}/messages/{kind}")}))
            .collect()
    };
    let in_channel: Map<_, _> = Event::types()
        .map(|kind| {
            let reference = json!({"$ref": format!("#/components/messages/{kind}")});
            (kind.to_owned(), reference)
        })
        .collect();
    let messages: Map<_, _> = Event::types()
        .map(|kind| (kind.to_owned(), message(kind)))
        .collect();
    let channel = format!("#/channels/{TOPIC}");
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Video Game Exchange events",
            "version": format!("{VERSION}.0.0"),
            "description": "Public facts about changes on the exchange, as CloudEvents 1.0 in binary content mode on Kafka. \
                Delivered at least once: a duplicate has the same ce_id. Without duplicates, the events of an aggregate are in order.",
            "license": {"name": "MIT"},
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {TOPIC: {
            "address": TOPIC,
            "description": "KAFKA_TOPIC changes the name.",
            "messages": in_channel,
        }},
        "operations": {
            "publish": {
                "action": "send",
                "summary": "The exchange publishes every change after it is committed.",
                "channel": {"$ref": channel},
                "messages": references(&channel),
            },
        },
        "components": {"messages": messages, "schemas": schemas()},
    })
}

fn message(kind: &str) -> Value {
    let schema = if OfferEvent::from_name(kind).is_some() {
        OfferFacts::name()
    } else {
        UserFacts::name()
    };
    json!({
        "name": kind,
        "contentType": CONTENT_TYPE,
        "headers": headers(kind),
        "payload": {"$ref": format!("#/components/schemas/{schema}")},
        "bindings": {"kafka": {"key": {"type": "string", "description": "ce_subject"}}},
    })
}

fn headers(kind: &str) -> Value {
    let text = |description: &str| json!({"type": "string", "description": description});
    json!({
        "type": "object",
        "required": ["ce_specversion", "ce_id", "ce_source", "ce_type", "ce_time", "ce_subject", "ce_sequence",
            "ce_dataschema", "content-type"],
        "properties": {
            "ce_specversion": {"const": SPEC_VERSION},
            "ce_id": {"type": "string", "format": "uuid", "description": "Unique; a duplicate has the same id."},
            "ce_source": {"const": SOURCE},
            "ce_type": {"const": kind},
            "ce_time": {"type": "string", "format": "date-time"},
            "ce_subject": text("The aggregate, such as offer/7, user/1 or mailbox/1."),
            "ce_sequence": text("An integer that increases within the aggregate."),
            "ce_dataschema": {"const": data_schema(kind)},
            "content-type": {"const": CONTENT_TYPE},
            "traceparent": text("The W3C Trace Context of the request that caused the event."),
        },
    })
}

fn schemas() -> Value {
    let mut all = vec![
        (UserFacts::name(), UserFacts::schema()),
        (OfferFacts::name(), OfferFacts::schema()),
    ];
    let mut named = Vec::new();
    OfferFacts::schemas(&mut named);
    all.extend(
        named
            .into_iter()
            .map(|(name, schema)| (name.into(), schema)),
    );
    let all: Map<_, _> = all
        .into_iter()
        .map(|(name, schema)| (name.into_owned(), json!(schema)))
        .collect();
    Value::Object(all)
}
