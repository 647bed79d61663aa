//! Writes records to Kafka: the API its events, the notifier what it could not read.

use std::{sync::Mutex, time::Duration};

use futures_util::future::join_all;
use rdkafka::{
    ClientConfig, ClientContext,
    error::{KafkaError, KafkaResult, RDKafkaErrorCode},
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord, Producer as _},
};

use crate::settings::Kafka;

/// How long a record may wait for the brokers' word.
pub const DELIVERY_TIMEOUT: Duration = Duration::from_secs(10);

/// What goes onto a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub key: Vec<u8>,
    pub payload: Vec<u8>,
    pub headers: Vec<(String, Vec<u8>)>,
}

/// An idempotent producer that waits for all replicas. A fatal error ends one for good, so it is made anew then.
pub struct Producer {
    config: ClientConfig,
    current: Mutex<FutureProducer<QuietContext>>,
}

/// Leaves it to whoever uses the client to say that Kafka is away, once: librdkafka says it again and again.
pub(crate) struct QuietContext;

impl ClientContext for QuietContext {
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::debug!(%error, reason, "Kafka");
    }
}

impl Producer {
    pub fn new(settings: &Kafka) -> KafkaResult<Self> {
        let mut config = ClientConfig::new();
        config
            .set("bootstrap.servers", &settings.bootstrap_servers)
            .set("client.id", "video-game-exchange")
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set(
                "message.timeout.ms",
                DELIVERY_TIMEOUT.as_millis().to_string(),
            )
            .set("socket.keepalive.enable", "true")
            // A broker that is back is to be found soon: the backlog waits.
            .set("reconnect.backoff.max.ms", "1000");
        let current = Mutex::new(config.create_with_context(QuietContext)?);
        Ok(Self { config, current })
    }

    /// Queues a record behind those queued before; gives the brokers' word on it.
    pub fn enqueue(
        &self,
        topic: &str,
        record: &Record,
    ) -> impl Future<Output = KafkaResult<()>> + Send + use<> {
        let mut producer = self.current();
        if let Some((code, reason)) = producer.client().fatal_error() {
            tracing::warn!(?code, reason, "the producer is broken: making another");
            self.replace();
            producer = self.current();
        }
        let record = FutureRecord::to(topic)
            .key(&record.key)
            .payload(&record.payload)
            .headers(headers(&record.headers));
        // `send` would wait where the queue is full, and let later records overtake.
        let queued = producer.send_result(record).map_err(|(cause, _)| cause);
        async move {
            match queued?.await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err((cause, _))) => Err(cause),
                Err(_) => Err(KafkaError::Canceled),
            }
        }
    }

    /// Sends records in this order and waits for the brokers' word on each.
    pub async fn send(&self, topic: &str, records: &[Record]) -> Vec<KafkaResult<()>> {
        join_all(records.iter().map(|record| self.enqueue(topic, record))).await
    }

    fn current(&self) -> FutureProducer<QuietContext> {
        let current = self.current.lock();
        current
            .unwrap_or_else(|poisoned| poisoned.into_inner())
            .clone()
    }

    fn replace(&self) {
        match self.config.create_with_context(QuietContext) {
            Ok(fresh) => {
                let mut current = self
                    .current
                    .lock()
                    .unwrap_or_else(|poisoned| poisoned.into_inner());
                *current = fresh;
            }
            Err(cause) => tracing::error!(%cause, "no new producer"),
        }
    }
}

/// Is it about this record alone, so that others may get through?
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

fn headers(pairs: &[(String, Vec<u8>)]) -> OwnedHeaders {
    let empty = OwnedHeaders::new_with_capacity(pairs.len());
    pairs.iter().fold(empty, |headers, (key, value)| {
        headers.insert(Header {
            key,
            value: Some(value),
        })
    })
}
