//! The producer.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use futures_util::future::join_all;
use rdkafka::{
    ClientConfig,
    error::{KafkaError, KafkaResult},
    message::{Header, OwnedHeaders},
    producer::{FutureProducer, FutureRecord, Producer as _},
};

use super::{QuietContext, Record};
use crate::settings::Kafka;

/// The time allowed for the brokers to confirm a record.
pub const DELIVERY_TIMEOUT: Duration = Duration::from_secs(10);

/// An idempotent producer that waits for all replicas. Recreates its client after a fatal error, which ends one for good.
pub struct Producer {
    config: ClientConfig,
    current: Mutex<FutureProducer<QuietContext>>,
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
            // Reconnect soon after a broker is back: a backlog is waiting.
            .set("reconnect.backoff.max.ms", "1000");
        let current = Mutex::new(config.create_with_context(QuietContext)?);
        Ok(Self { config, current })
    }

    /// Queues a record behind earlier ones. The future resolves when the brokers have confirmed or rejected it.
    pub fn enqueue(
        &self,
        topic: &str,
        record: &Record,
    ) -> impl Future<Output = KafkaResult<()>> + Send + use<> {
        let mut producer = self.current();
        if let Some((code, reason)) = producer.client().fatal_error() {
            tracing::warn!(?code, reason, "the producer has failed: creating another");
            self.replace();
            producer = self.current();
        }
        let record = FutureRecord::to(topic)
            .key(&record.key)
            .payload(&record.payload)
            .headers(headers(&record.headers));
        // `send` would wait while the queue is full, and let later records overtake.
        let queued = producer.send_result(record).map_err(|(cause, _)| cause);
        async move {
            match queued?.await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err((cause, _))) => Err(cause),
                Err(_) => Err(KafkaError::Canceled),
            }
        }
    }

    /// Sends records in order, and waits for the outcome of each.
    pub async fn send(&self, topic: &str, records: &[Record]) -> Vec<KafkaResult<()>> {
        join_all(records.iter().map(|record| self.enqueue(topic, record))).await
    }

    fn current(&self) -> FutureProducer<QuietContext> {
        let current = self.current.lock();
        current.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self) {
        match self.config.create_with_context(QuietContext) {
            Ok(fresh) => {
                let current = self.current.lock();
                *current.unwrap_or_else(PoisonError::into_inner) = fresh;
            }
            Err(cause) => tracing::error!(%cause, "no producer could be created"),
        }
    }
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
