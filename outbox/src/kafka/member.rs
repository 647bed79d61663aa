//! A member of a consumer group: polls records, commits offsets, and leaves the group.
//!
//! An offset is committed only when its record is in the inbox. A rebalance may happen at any poll, also in the middle of a
//! batch, and librdkafka would then commit what was polled. So automatic storing is off (`enable.auto.offset.store`), and
//! [`Member::commit`] stores the offsets of a processed batch. librdkafka rejects offsets of partitions that this member
//! has lost; their new owner reads those records again.

use std::{cell::Cell, collections::HashMap, sync::mpsc, thread, time::Duration};

use rdkafka::{
    ClientConfig, ClientContext, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, CommitMode, Consumer as _, ConsumerContext, Rebalance},
    error::{KafkaError, KafkaResult, RDKafkaErrorCode},
    message::OwnedMessage,
};

use super::{QuietContext, stall::Progress};
use crate::settings::Kafka;

/// The most records in a batch.
const BATCH: usize = 200;
/// The time to wait for the first record of a batch.
const POLL: Duration = Duration::from_millis(250);
/// The timeout of a query to the brokers.
const QUERY_TIMEOUT: Duration = Duration::from_secs(5);
/// The time allowed for leaving the group.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(5);

/// A consumer in its group, until it leaves or fails.
pub struct Member {
    consumer: BaseConsumer<RebalanceContext>,
    /// True while records cannot be read, so that the log says so only once.
    failing: Cell<bool>,
}

impl Member {
    pub fn join(settings: &Kafka) -> KafkaResult<Self> {
        let consumer: BaseConsumer<RebalanceContext> = ClientConfig::new()
            .set("bootstrap.servers", &settings.bootstrap_servers)
            .set("client.id", "video-game-exchange-notifier")
            .set("group.id", &settings.group)
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "earliest")
            .set("allow.auto.create.topics", "true")
            .set("session.timeout.ms", "10000")
            .set("topic.metadata.refresh.interval.ms", "10000")
            // Limits read-ahead: otherwise partitions would wait behind one with a long backlog, and look stalled.
            .set("queued.min.messages", "2000")
            .set("fetch.queue.backoff.ms", "50")
            .set("socket.keepalive.enable", "true")
            .set("reconnect.backoff.max.ms", "1000")
            .create_with_context(RebalanceContext)?;
        consumer.subscribe(&[&settings.topic])?;
        Ok(Self {
            consumer,
            failing: Cell::new(false),
        })
    }

    /// Polls a batch: the records at hand, or the first to arrive within [`POLL`]. Fails on a fatal error of the consumer.
    pub fn poll_batch(&self) -> KafkaResult<Vec<OwnedMessage>> {
        let mut batch = Vec::new();
        let mut wait = POLL;
        while batch.len() < BATCH {
            match self.consumer.poll(wait) {
                None => break,
                Some(Ok(message)) => {
                    if self.failing.replace(false) {
                        tracing::info!("Kafka delivers records again");
                    }
                    batch.push(message.detach());
                }
                Some(Err(cause)) if self.consumer.client().fatal_error().is_some() => {
                    return Err(cause);
                }
                Some(Err(cause)) => {
                    if !self.failing.replace(true) {
                        tracing::warn!(%cause, "Kafka delivers no records; retrying");
                    }
                    break;
                }
            }
            wait = Duration::ZERO;
        }
        Ok(batch)
    }

    /// Commits the offsets of a processed batch. If that fails, the records are delivered again, and the inbox ignores
    /// them.
    pub fn commit(&self, batch: &[OwnedMessage]) {
        let stored = offsets_after(batch).and_then(|offsets| self.consumer.store_offsets(&offsets));
        if let Err(cause) = stored {
            tracing::info!(%cause, "the partitions have been assigned to another member, which will read the records again");
        }
        commit_stored(&self.consumer);
    }

    /// Returns the progress of the group in the partitions of this member; `None` while the brokers do not answer.
    pub fn progress(&self) -> KafkaResult<Option<Progress>> {
        let assigned = self.consumer.assignment()?;
        if assigned.count() == 0 {
            return Ok(Some(Progress::new()));
        }
        // An unreachable broker is no reason to give up: librdkafka reconnects.
        let Ok(committed) = self.consumer.committed_offsets(assigned, QUERY_TIMEOUT) else {
            return Ok(None);
        };
        let mut progress = Progress::new();
        for element in committed.elements() {
            let (topic, partition) = (element.topic(), element.partition());
            let Ok((low, high)) = self
                .consumer
                .fetch_watermarks(topic, partition, QUERY_TIMEOUT)
            else {
                return Ok(None);
            };
            let committed = match element.offset() {
                Offset::Offset(offset) => offset.max(low),
                _ => low,
            };
            progress.insert(partition, (committed, high));
        }
        Ok(Some(progress))
    }

    /// Leaves the group in a thread of its own, since librdkafka may hang; the thread is then abandoned.
    pub fn leave(self) {
        let (left, done) = mpsc::channel();
        let leaving = thread::Builder::new()
            .name("leaving".to_owned())
            .spawn(move || {
                drop(self);
                let _ = left.send(());
            });
        if leaving.is_err() || done.recv_timeout(LEAVE_TIMEOUT).is_err() {
            tracing::warn!("the consumer could not leave its group in time: abandoning it");
        }
    }
}

/// Before partitions are revoked, commits stored offsets whose commit has failed earlier.
struct RebalanceContext;

impl ClientContext for RebalanceContext {
    fn error(&self, error: KafkaError, reason: &str) {
        QuietContext.error(error, reason);
    }
}

impl ConsumerContext for RebalanceContext {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Assign(partitions) => {
                tracing::info!(partitions = partitions.count(), "partitions assigned");
            }
            Rebalance::Revoke(partitions) => {
                tracing::info!(partitions = partitions.count(), "partitions revoked");
                commit_stored(consumer);
            }
            Rebalance::Error(cause) => tracing::warn!(%cause, "a rebalance failed"),
        }
    }
}

fn commit_stored(consumer: &BaseConsumer<RebalanceContext>) {
    match consumer.commit_consumer_state(CommitMode::Sync) {
        Ok(()) | Err(KafkaError::ConsumerCommit(RDKafkaErrorCode::NoOffset)) => {}
        Err(cause) => {
            tracing::warn!(%cause, "offsets could not be committed: the records will be delivered again");
        }
    }
}

/// Returns the offset after the last record of each partition.
fn offsets_after(batch: &[OwnedMessage]) -> KafkaResult<TopicPartitionList> {
    let next: HashMap<_, _> = batch
        .iter()
        .map(|message| {
            let partition = (message.topic().to_owned(), message.partition());
            (partition, Offset::Offset(message.offset() + 1))
        })
        .collect();
    TopicPartitionList::from_topic_map(&next)
}

#[cfg(test)]
mod tests;
