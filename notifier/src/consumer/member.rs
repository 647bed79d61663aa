//! Membership in the group: how records are polled, their offsets committed, and the group left.
//!
//! An offset is committed only when its record is in the inbox. A rebalance comes whenever records are polled, so in the
//! middle of a batch too, and then librdkafka would commit what was polled; therefore it stores no offset by itself
//! (`enable.auto.offset.store`), and [`Member::commit`] stores those of a batch that was taken in. librdkafka refuses to
//! store for a partition that this member has lost, and its new owner reads those records again.

use std::{cell::Cell, collections::HashMap, sync::mpsc, thread, time::Duration};

use rdkafka::{
    ClientConfig, ClientContext, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, CommitMode, Consumer as _, ConsumerContext, Rebalance},
    error::{KafkaError, KafkaResult, RDKafkaErrorCode},
    message::OwnedMessage,
};

use super::watch::Progress;
use crate::{kafka::QuietContext, settings::Kafka};

/// How many records are taken in together.
const BATCH: usize = 200;
/// How long to wait for the first record of a batch.
const POLL: Duration = Duration::from_millis(250);
/// How long a question to the brokers may take.
const QUERY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long leaving the group may take.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(5);

/// One consumer in the group, for as long as it is of use.
pub(super) struct Member {
    consumer: BaseConsumer<RebalanceContext>,
    /// Said once when it begins, and once when it is over.
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
            // A partition with a long backlog is not to be read far ahead: the others would wait behind it, and look
            // as if they stood still.
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

    /// The records that are here, or the first to come within [`POLL`]. Fails when nothing will ever come.
    pub fn poll_batch(&self) -> KafkaResult<Vec<OwnedMessage>> {
        let mut batch = Vec::new();
        let mut wait = POLL;
        while batch.len() < BATCH {
            match self.consumer.poll(wait) {
                None => break,
                Some(Ok(message)) => {
                    if self.failing.replace(false) {
                        tracing::info!("Kafka gives records again");
                    }
                    batch.push(message.detach());
                }
                Some(Err(cause)) if self.consumer.client().fatal_error().is_some() => {
                    return Err(cause);
                }
                Some(Err(cause)) => {
                    if !self.failing.replace(true) {
                        tracing::warn!(%cause, "Kafka does not give records; trying again");
                    }
                    break;
                }
            }
            wait = Duration::ZERO;
        }
        Ok(batch)
    }

    /// Commits a batch that was taken in. Where that fails, the records come again, and fall on the inbox's unique key.
    pub fn commit(&self, batch: &[OwnedMessage]) {
        let stored = offsets_after(batch).and_then(|offsets| self.consumer.store_offsets(&offsets));
        if let Err(cause) = stored {
            tracing::info!(%cause, "the partitions are another member's now, which will read the records again");
        }
        commit_stored(&self.consumer);
    }

    /// How far the group is in the partitions of this member; `None` while the brokers do not say.
    pub fn progress(&self) -> KafkaResult<Option<Progress>> {
        let assigned = self.consumer.assignment()?;
        if assigned.count() == 0 {
            return Ok(Some(Progress::new()));
        }
        // A broker that is away is no reason to give up: librdkafka finds it again.
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

    /// Leaves the group. librdkafka can hang in this, so it does it on a thread of its own, and is left behind there.
    pub fn leave(self) {
        let (left, done) = mpsc::channel();
        let leaving = thread::Builder::new()
            .name("leaving".to_owned())
            .spawn(move || {
                drop(self);
                let _ = left.send(());
            });
        if leaving.is_err() || done.recv_timeout(LEAVE_TIMEOUT).is_err() {
            tracing::warn!("the consumer does not leave its group: leaving it behind");
        }
    }
}

/// Has what was taken in committed before the partitions go, where a commit failed before.
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
            Rebalance::Error(cause) => tracing::warn!(%cause, "rebalancing failed"),
        }
    }
}

fn commit_stored(consumer: &BaseConsumer<RebalanceContext>) {
    match consumer.commit_consumer_state(CommitMode::Sync) {
        Ok(()) | Err(KafkaError::ConsumerCommit(RDKafkaErrorCode::NoOffset)) => {}
        Err(cause) => {
            tracing::warn!(%cause, "offsets are not committed: the records will come again");
        }
    }
}

/// For each partition the offset after the last record.
fn offsets_after(batch: &[OwnedMessage]) -> KafkaResult<TopicPartitionList> {
    let next: HashMap<_, _> = batch
        .iter()
        .map(|message| {
            let place = (message.topic().to_owned(), message.partition());
            (place, Offset::Offset(message.offset() + 1))
        })
        .collect();
    TopicPartitionList::from_topic_map(&next)
}

#[cfg(test)]
mod tests;
