//! Decodes records: into an event, or into a record for the dead-letter topic.

use std::panic::{self, AssertUnwindSafe};

use entity::event::cloud::{CloudEvent, Unreadable};
use rdkafka::{
    Message,
    message::{Header, Headers, OwnedMessage},
};

use super::Record;

/// The headers that a dead-letter record has in addition to its own.
const REASON: &str = "dead_reason";
const TOPIC: &str = "dead_topic";
const PARTITION: &str = "dead_partition";
const OFFSET: &str = "dead_offset";

/// The reason why a record goes to the dead-letter topic.
#[derive(Debug, thiserror::Error)]
pub enum Reason {
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    #[error("a header has a name that is not UTF-8; it is omitted here")]
    HeaderName,
}

/// Decodes the event of a record.
pub fn read(message: &OwnedMessage) -> Result<CloudEvent, Reason> {
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

/// Builds the dead-letter record: the record as it was, with the reason and its origin. Omits only headers whose name is
/// not UTF-8, which no producer of ours can write.
pub fn dead_letter(message: &OwnedMessage, reason: Reason) -> Record {
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

/// Returns the headers of a record; `None` for one whose name is not UTF-8. Kafka accepts such names, and rdkafka offers no
/// way to read them but a panic.
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

/// Reduces a dead-letter record to its reason and origin, for a record of maximum size that became too large by its reason.
/// The original is found at its origin.
pub fn origin_only(record: Record) -> Record {
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
