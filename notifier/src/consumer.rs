//! The consumer: reads events from Kafka into the inbox. It commits the offsets of a batch only after the transaction that
//! puts its letters into the inbox; the unique key of the inbox ignores records that are delivered twice. A record that is
//! not an event goes to the dead-letter topic with the reason, so that it blocks nothing.
//!
//! It runs in a thread of its own, since librdkafka blocks when it commits and when it leaves the group.

use std::{io, sync::Arc, thread, time::Duration};

use entity::event::cloud::CloudEvent;
use outbox::{
    inbox,
    kafka::{
        KafkaError, Member, OwnedMessage, Producer, Record, is_record_error, records,
        stall::{self, StallDetector},
    },
    settings::Kafka,
};
use platform::{database::Database, system::Clock};
use sea_orm::DbErr;
use tokio::{
    runtime::Handle,
    sync::{Notify, oneshot},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{heartbeat::Heartbeat, letters, metrics::Metrics};

/// The pause after a failure.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// The time allowed for the thread on shutdown.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads the topic as a member of the consumer group.
pub struct Consumer {
    pub settings: Kafka,
    pub database: Database,
    pub clock: Clock,
    pub metrics: Metrics,
    /// Signals new letters to the sender.
    pub wake_up: Arc<Notify>,
    pub heartbeat: Heartbeat,
}

/// The reason why a consumer is replaced.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error(transparent)]
    Kafka(#[from] KafkaError),
    #[error("it makes no progress before the end of the topic")]
    Stalled,
}

impl Consumer {
    /// Reads until `stop` is cancelled. Fails when its thread ends earlier.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) -> io::Result<()> {
        let (done, mut ended) = oneshot::channel();
        let (runtime, stopping) = (Handle::current(), stop.clone());
        thread::Builder::new()
            .name("consumer".to_owned())
            .spawn(move || {
                self.work(&runtime, &stopping);
                let _ = done.send(());
            })?;
        tokio::select! {
            biased;
            () = stop.cancelled() => {}
            _ = &mut ended => {
                let problem = "the consumer thread ended unexpectedly: no events are received";
                tracing::error!("{problem}");
                return Err(io::Error::other(problem));
            }
        }
        if timeout(SHUTDOWN_TIMEOUT, ended).await.is_err() {
            tracing::warn!("the consumer did not end in time: abandoning it");
        }
        Ok(())
    }

    fn work(&self, runtime: &Handle, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(cause) = self.consume(runtime, stop) {
                tracing::warn!(%cause, "the consumer failed: creating another");
                let _ = runtime.block_on(async { timeout(RETRY_DELAY, stop.cancelled()).await });
            }
        }
    }

    /// Reads with one consumer, until `stop` is cancelled or the consumer fails.
    fn consume(&self, runtime: &Handle, stop: &CancellationToken) -> Result<(), Ended> {
        let producer = Producer::new(&self.settings)?;
        let member = Member::join(&self.settings)?;
        let ended = self.read(&member, &producer, runtime, stop);
        member.leave();
        ended
    }

    fn read(
        &self,
        member: &Member,
        producer: &Producer,
        runtime: &Handle,
        stop: &CancellationToken,
    ) -> Result<(), Ended> {
        let mut detector = StallDetector::default();
        while !stop.is_cancelled() {
            // Only here, and not in a retry loop: see [`Heartbeat`].
            self.heartbeat.beat(self.clock.now());
            let batch = member.poll_batch()?;
            let ingested = runtime.block_on(async {
                tokio::select! {
                    () = stop.cancelled() => false,
                    () = self.ingest(&batch, producer) => !batch.is_empty(),
                }
            });
            if ingested {
                member.commit(&batch);
            }
            if detector.is_due() {
                match member.progress()? {
                    Some(progress) => {
                        self.metrics.lag.set(stall::lag(&progress));
                        if detector.is_stalled(progress) {
                            return Err(Ended::Stalled);
                        }
                    }
                    None => detector.reset(),
                }
            }
        }
        Ok(())
    }

    /// Processes a batch, retrying until it succeeds. Events come first: their letters must not wait for a missing
    /// dead-letter topic.
    async fn ingest(&self, batch: &[OwnedMessage], producer: &Producer) {
        let (mut events, mut unreadable) = (Vec::new(), Vec::new());
        for message in batch {
            match records::read(message) {
                Ok(event) => events.push(event),
                Err(reason) => unreadable.push(records::dead_letter(message, reason)),
            }
        }
        self.store(&events).await;
        self.dead_letter(unreadable, producer).await;
    }

    async fn dead_letter(&self, records: Vec<Record>, producer: &Producer) {
        if records.is_empty() {
            return;
        }
        let (topic, count) = (self.settings.dead_topic(), records.len());
        let mut left = records;
        loop {
            let outcomes = producer.send(&topic, &left).await;
            let failed: Vec<_> = left
                .into_iter()
                .zip(outcomes)
                .filter_map(|(record, outcome)| outcome.err().map(|cause| (record, cause)))
                .collect();
            let Some((_, cause)) = failed.first() else {
                break;
            };
            tracing::warn!(%cause, records = failed.len(), "unreadable records could not be written to the dead-letter topic; retrying");
            left = failed
                .into_iter()
                .map(|(record, cause)| {
                    if is_record_error(&cause) {
                        records::origin_only(record)
                    } else {
                        record
                    }
                })
                .collect();
            self.metrics.consumer_retries.inc();
            tokio::time::sleep(RETRY_DELAY).await;
        }
        self.metrics.unreadable.inc_by(count as u64);
        tracing::warn!(
            records = count,
            topic,
            "unreadable records were written to the dead-letter topic"
        );
    }

    async fn store(&self, events: &[CloudEvent]) {
        if events.is_empty() {
            return;
        }
        loop {
            let batch = events.to_vec();
            let stored = self.database.write(move |transaction| {
                Box::pin(
                    async move { inbox::receive(transaction, &batch, letters::deliveries).await },
                )
            });
            match stored.await {
                Ok(_) => break,
                Err::<_, DbErr>(cause) => {
                    tracing::warn!(%cause, "the inbox could not be written; retrying");
                    self.metrics.consumer_retries.inc();
                    tokio::time::sleep(RETRY_DELAY).await;
                }
            }
        }
        self.metrics.events.inc_by(events.len() as u64);
        self.wake_up.notify_one();
    }
}
