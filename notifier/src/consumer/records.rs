//! What a record is: an event, or something for the dead topic.

use entity::event::cloud::{CloudEvent, Unreadable};
use rdkafka::{
    Message,
    message::{Headers, OwnedMessage},
};

use crate::kafka::Record;

/// The headers that a record of the dead topic has beside its own.
const REASON: &str = "dead_reason";
const TOPIC: &str = "dead_topic";
const PARTITION: &str = "dead_partition";
const OFFSET: &str = "dead_offset";

/// The event that a record is.
pub(super) fn read(message: &OwnedMessage) -> Result<CloudEvent, Unreadable> {
    let headers = message.headers();
    let pairs = headers.iter().flat_map(|headers| headers.iter());
    CloudEvent::read(
        pairs.map(|header| (header.key, header.value)),
        message.payload().unwrap_or_default(),
    )
}

/// The record as it came, with the reason and the place that it came from.
pub(super) fn dead(message: &OwnedMessage, reason: Unreadable) -> Record {
    let headers = message.headers();
    let own = headers.iter().flat_map(|headers| headers.iter());
    let mut headers: Vec<_> = own
        .map(|header| {
            let value = header.value.unwrap_or_default();
            (header.key.to_owned(), value.to_vec())
        })
        .collect();
    for (name, value) in [
        (REASON, reason.to_string()),
        (TOPIC, message.topic().to_owned()),
        (PARTITION, message.partition().to_string()),
        (OFFSET, message.offset().to_string()),
    ] {
        headers.push((name.to_owned(), value.into_bytes()));
    }
    Record {
        key: message.key().unwrap_or_default().to_vec(),
        payload: message.payload().unwrap_or_default().to_vec(),
        headers,
    }
}

/// Only the reason and the place, for a record that the dead topic does not take as it came: it is as big as a record may
/// be, and grew by its reason. Who wants to see it finds it at its place.
pub(super) fn place_only(record: Record) -> Record {
    let ours = [REASON, TOPIC, PARTITION, OFFSET];
    let headers = record.headers.into_iter();
    Record {
        key: Vec::new(),
        payload: Vec::new(),
        headers: headers
            .filter(|(name, _)| ours.contains(&name.as_str()))
            .collect(),
    }
}
