//! What a record is: an event, or something for the dead topic.

use std::panic::{self, AssertUnwindSafe};

use entity::event::cloud::{CloudEvent, Unreadable};
use rdkafka::{
    Message,
    message::{Header, Headers, OwnedMessage},
};

use crate::kafka::Record;

/// The headers that a record of the dead topic has beside its own.
const REASON: &str = "dead_reason";
const TOPIC: &str = "dead_topic";
const PARTITION: &str = "dead_partition";
const OFFSET: &str = "dead_offset";

/// Why a record goes to the dead topic.
#[derive(Debug, thiserror::Error)]
pub(super) enum Reason {
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("a header has a name that is not UTF-8, and is left out here")]
    HeaderName,
}

/// The event that a record is.
pub(super) fn read(message: &OwnedMessage) -> Result<CloudEvent, Reason> {
    let headers = headers(message);
    if headers.iter().any(Option::is_none) {
        return Err(Reason::HeaderName);
    }
    let pairs = headers.into_iter().flatten();
    Ok(CloudEvent::read(
        pairs.map(|header| (header.key, header.value)),
        message.payload().unwrap_or_default(),
    )?)
}

/// The record as it came, with the reason and the place that it came from. Only what no producer of ours can write stays
/// behind: a header whose name is not UTF-8.
pub(super) fn dead_letter(message: &OwnedMessage, reason: Reason) -> Record {
    let mut headers: Vec<_> = headers(message)
        .into_iter()
        .flatten()
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

/// The headers of a record; `None` for one whose name is not UTF-8. Kafka lets such names in, and rdkafka panics when it
/// reads one: there is no other way to ask it.
fn headers(message: &OwnedMessage) -> Vec<Option<Header<'_, &[u8]>>> {
    let Some(headers) = message.headers() else {
        return Vec::new();
    };
    (0..headers.count())
        .map(|nth| {
            let read = AssertUnwindSafe(|| headers.try_get(nth));
            panic::catch_unwind(read).ok().flatten()
        })
        .collect()
}

/// Only the reason and the place, for a record that the dead topic does not take as it came: it is as big as a record may
/// be, and grew by its reason. Who wants to see it finds it at its place.
pub(super) fn origin_only(record: Record) -> Record {
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
