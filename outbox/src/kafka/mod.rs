//! Kafka. [`producer`] writes records: the API its events, the notifier the records that it cannot read. [`member`] reads
//! them as a member of a consumer group, [`records`] decodes them, and [`stall`] detects a consumer that makes no progress.

pub mod member;
pub mod producer;
pub mod records;
pub mod stall;

use rdkafka::{ClientContext, error::RDKafkaErrorCode};
pub use rdkafka::{error::KafkaError, message::OwnedMessage};

pub use self::{member::Member, producer::Producer};

/// A record of a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub key: Vec<u8>,
    pub payload: Vec<u8>,
    pub headers: Vec<(String, Vec<u8>)>,
}

/// Logs the errors of librdkafka, which repeats them, on level debug only: callers report once that Kafka is unreachable.
pub(crate) struct QuietContext;

impl ClientContext for QuietContext {
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "Kafka");
    }
}

/// Returns true when the error concerns this record only, and others may succeed.
#[must_use]
pub fn is_record_error(cause: &KafkaError) -> bool {
    matches!(
        cause.rdkafka_error_code(),
        Some(
            RDKafkaErrorCode::MessageSizeTooLarge
                | RDKafkaErrorCode::InvalidMessage
                | RDKafkaErrorCode::InvalidMessageSize
                | RDKafkaErrorCode::InvalidRecord
        )
    )
}
