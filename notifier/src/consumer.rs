//! Reads events from Kafka into the inbox. In one transaction the letters of a batch go into the inbox, and only then
//! its offsets are committed; what comes twice falls on the inbox's unique key. A record that is no event goes to the
//! dead topic with the reason, so it stands in nobody's way.
//!
//! The consumer lives on a thread of its own: librdkafka blocks, when it commits and when it goes.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::event::cloud::CloudEvent;
use platform::{database::Database, system::Clock};
use rdkafka::{
    ClientConfig, ClientContext, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, CommitMode, Consumer as _, ConsumerContext, Rebalance},
    error::{KafkaError, KafkaResult},
    message::{Headers, OwnedMessage},
};
use sea_orm::DbErr;
use tokio::{
    runtime::Handle,
    sync::{Notify, oneshot},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

use crate::{
    inbox,
    kafka::{Producer, Record},
    metrics::Metrics,
    settings::Kafka,
};

/// How many records are taken in together.
const BATCH: usize = 200;
/// How long to wait for the first record of a batch.
const POLL: Duration = Duration::from_millis(250);
/// How long to wait after a failure.
const PAUSE: Duration = Duration::from_secs(1);
/// How often the group's offsets are held against the topic's end; unchanged twice in a row, the consumer is stalled.
const WATCH: Duration = Duration::from_secs(10);
/// How long a question to the brokers may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the thread may take to end.
const FAREWELL: Duration = Duration::from_secs(10);

/// Reads the topic as a member of the group.
pub struct Consumer {
    pub settings: Kafka,
    pub database: Database,
    pub clock: Clock,
    pub metrics: Metrics,
    /// Rung when something came in.
    pub bell: Arc<Notify>,
    pub pulse: Pulse,
}

/// When the consumer's thread last came by, so that its death is seen from outside.
#[derive(Clone)]
pub struct Pulse(Arc<AtomicI64>);

/// For each partition the committed offset and the topic's end.
type Progress = BTreeMap<i32, (i64, i64)>;

/// Why a consumer is given up for another.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error(transparent)]
    Kafka(#[from] KafkaError),
    #[error("it stands still before the end of the topic")]
    Stalled,
}

impl Consumer {
    /// Reads until it is told to stop.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) -> std::io::Result<()> {
        let (done, ended) = oneshot::channel();
        let (runtime, stopping) = (Handle::current(), stop.clone());
        thread::Builder::new()
            .name("consumer".to_owned())
            .spawn(move || {
                self.work(&runtime, &stopping);
                let _ = done.send(());
            })?;
        stop.cancelled().await;
        if timeout(FAREWELL, ended).await.is_err() {
            tracing::warn!("the consumer does not end: leaving it behind");
        }
        Ok(())
    }

    fn work(&self, runtime: &Handle, stop: &CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(cause) = self.consume(runtime, stop) {
                tracing::warn!(%cause, "the consumer is given up: making another");
                self.pause(runtime, stop);
            }
        }
    }

    /// Reads by one consumer, until it is told to stop or the consumer is of no use any more.
    fn consume(&self, runtime: &Handle, stop: &CancellationToken) -> Result<(), Ended> {
        let producer = Producer::new(&self.settings)?;
        let consumer = self.join()?;
        let mut watch = Watch::new();
        while !stop.is_cancelled() {
            self.pulse.beat(self.clock.now());
            let batch = gather(&consumer)?;
            if !batch.is_empty() {
                runtime.block_on(async {
                    tokio::select! {
                        () = stop.cancelled() => {}
                        () = self.take_in(&batch, &producer) => commit(&consumer, &batch),
                    }
                });
            }
            if watch.is_due() {
                let progress = self.progress(&consumer)?;
                self.metrics.lag.set(lag(&progress));
                if watch.stands_still(progress) {
                    return Err(Ended::Stalled);
                }
            }
        }
        Ok(())
    }

    fn join(&self) -> KafkaResult<BaseConsumer<Member>> {
        let consumer: BaseConsumer<Member> = ClientConfig::new()
            .set("bootstrap.servers", &self.settings.bootstrap_servers)
            .set("client.id", "video-game-exchange-notifier")
            .set("group.id", &self.settings.group)
            .set("partition.assignment.strategy", "cooperative-sticky")
            .set("enable.auto.commit", "false")
            .set("auto.offset.reset", "earliest")
            .set("allow.auto.create.topics", "true")
            .set("session.timeout.ms", "10000")
            .set("topic.metadata.refresh.interval.ms", "10000")
            .set("socket.keepalive.enable", "true")
            .set("reconnect.backoff.max.ms", "1000")
            .create_with_context(Member)?;
        consumer.subscribe(&[&self.settings.topic])?;
        Ok(consumer)
    }

    /// Takes a batch in, however often it has to try.
    async fn take_in(&self, batch: &[OwnedMessage], producer: &Producer) {
        let (mut events, mut unreadable) = (Vec::new(), Vec::new());
        for message in batch {
            match read(message) {
                Ok(event) => events.push(event),
                Err(reason) => unreadable.push(dead(message, &reason.to_string())),
            }
        }
        self.bury(&unreadable, producer).await;
        self.store(&events).await;
    }

    async fn bury(&self, records: &[Record], producer: &Producer) {
        let topic = self.settings.dead_topic();
        let mut left = records.to_vec();
        while !left.is_empty() {
            let outcomes = producer.send(&topic, &left).await;
            let failed: Vec<_> = left
                .into_iter()
                .zip(outcomes)
                .filter_map(|(record, outcome)| outcome.err().map(|cause| (record, cause)))
                .collect();
            if let Some((_, cause)) = failed.first() {
                tracing::warn!(%cause, records = failed.len(), "unreadable records do not reach the dead topic; trying again");
                tokio::time::sleep(PAUSE).await;
            }
            left = failed.into_iter().map(|(record, _)| record).collect();
        }
        if !records.is_empty() {
            self.metrics.unreadable.inc_by(records.len() as u64);
            tracing::warn!(
                records = records.len(),
                topic,
                "unreadable records are in the dead topic"
            );
        }
    }

    async fn store(&self, events: &[CloudEvent]) {
        if events.is_empty() {
            return;
        }
        let now = self.clock.now();
        loop {
            let batch = events.to_vec();
            let stored = self.database.write(move |transaction| {
                Box::pin(async move { inbox::receive(transaction, &batch, now).await })
            });
            match stored.await {
                Ok(_) => break,
                Err::<_, DbErr>(cause) => {
                    tracing::warn!(%cause, "the inbox cannot be written; trying again");
                    self.pulse.beat(self.clock.now());
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        self.metrics.events.inc_by(events.len() as u64);
        self.bell.notify_one();
    }

    /// How far the group is in the partitions of this member.
    fn progress(&self, consumer: &BaseConsumer<Member>) -> KafkaResult<Progress> {
        let assigned = consumer.assignment()?;
        if assigned.count() == 0 {
            return Ok(Progress::new());
        }
        // A broker that is away is no reason to give up: librdkafka finds it again.
        let Ok(committed) = consumer.committed_offsets(assigned, PATIENCE) else {
            return Ok(Progress::new());
        };
        let mut progress = Progress::new();
        for element in committed.elements() {
            let ends = consumer.fetch_watermarks(element.topic(), element.partition(), PATIENCE);
            let Ok((low, high)) = ends else { continue };
            let committed = match element.offset() {
                Offset::Offset(offset) => offset.max(low),
                _ => low,
            };
            progress.insert(element.partition(), (committed, high));
        }
        Ok(progress)
    }

    fn pause(&self, runtime: &Handle, stop: &CancellationToken) {
        let _ = runtime.block_on(async { timeout(PAUSE, stop.cancelled()).await });
    }
}

impl Pulse {
    /// A pulse that begins now.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(Arc::new(AtomicI64::new(now.timestamp())))
    }

    fn beat(&self, now: DateTime<Utc>) {
        self.0.store(now.timestamp(), Ordering::Relaxed);
    }

    /// How long the thread has not come by.
    #[must_use]
    pub fn silence(&self, now: DateTime<Utc>) -> TimeDelta {
        TimeDelta::seconds(now.timestamp() - self.0.load(Ordering::Relaxed))
    }
}

/// A member of the group. What it took in is committed before it asks for more, but for what a rebalance finds between
/// two batches: that too is committed before the partitions go.
struct Member;

impl ClientContext for Member {}

impl ConsumerContext for Member {
    fn pre_rebalance(&self, consumer: &BaseConsumer<Self>, rebalance: &Rebalance<'_>) {
        match rebalance {
            Rebalance::Assign(partitions) => {
                tracing::info!(partitions = partitions.count(), "partitions assigned");
            }
            Rebalance::Revoke(partitions) => {
                tracing::info!(partitions = partitions.count(), "partitions revoked");
                // Nothing to commit is an error of librdkafka, and no concern of ours.
                let _ = consumer.commit_consumer_state(CommitMode::Sync);
            }
            Rebalance::Error(cause) => tracing::warn!(%cause, "rebalancing failed"),
        }
    }
}

/// The records that are here, or the first to come within [`POLL`].
fn gather(consumer: &BaseConsumer<Member>) -> Result<Vec<OwnedMessage>, Ended> {
    let mut batch = Vec::new();
    let mut wait = POLL;
    while batch.len() < BATCH {
        match consumer.poll(wait) {
            None => break,
            Some(Ok(message)) => batch.push(message.detach()),
            Some(Err(cause)) if consumer.client().fatal_error().is_some() => {
                return Err(cause.into());
            }
            Some(Err(cause)) => {
                tracing::warn!(%cause, "Kafka does not give records; trying again");
                break;
            }
        }
        wait = Duration::ZERO;
    }
    Ok(batch)
}

/// Commits what was taken in. Where that fails, the records come again, and fall on the inbox's unique key.
fn commit(consumer: &BaseConsumer<Member>, batch: &[OwnedMessage]) {
    let mut offsets = TopicPartitionList::new();
    for message in batch {
        let (topic, partition) = (message.topic(), message.partition());
        let next = Offset::Offset(message.offset() + 1);
        match offsets.find_partition(topic, partition) {
            Some(mut element) => {
                if let Err(cause) = element.set_offset(next) {
                    tracing::warn!(%cause, "an offset cannot be set");
                }
            }
            None => {
                if let Err(cause) = offsets.add_partition_offset(topic, partition, next) {
                    tracing::warn!(%cause, "an offset cannot be set");
                }
            }
        }
    }
    if let Err(cause) = consumer.commit(&offsets, CommitMode::Sync) {
        tracing::warn!(%cause, "offsets are not committed: the records will come again");
    }
}

fn read(message: &OwnedMessage) -> Result<CloudEvent, entity::event::cloud::Unreadable> {
    let headers = message.headers();
    let pairs = headers.iter().flat_map(|headers| headers.iter());
    CloudEvent::read(
        pairs.map(|header| (header.key, header.value)),
        message.payload().unwrap_or_default(),
    )
}

/// The record as it came, with the reason and the place that it came from.
fn dead(message: &OwnedMessage, reason: &str) -> Record {
    let headers = message.headers();
    let own = headers.iter().flat_map(|headers| headers.iter());
    let mut headers: Vec<_> = own
        .map(|header| {
            let value = header.value.unwrap_or_default();
            (header.key.to_owned(), value.to_vec())
        })
        .collect();
    for (name, value) in [
        ("dead_reason", reason.to_owned()),
        ("dead_topic", message.topic().to_owned()),
        ("dead_partition", message.partition().to_string()),
        ("dead_offset", message.offset().to_string()),
    ] {
        headers.push((name.to_owned(), value.into_bytes()));
    }
    Record {
        key: message.key().unwrap_or_default().to_vec(),
        payload: message.payload().unwrap_or_default().to_vec(),
        headers,
    }
}

fn lag(progress: &Progress) -> i64 {
    progress
        .values()
        .map(|(committed, end)| end - committed)
        .sum()
}

/// Sees a consumer that has stopped without an error.
struct Watch {
    last: Instant,
    seen: Progress,
}

impl Watch {
    fn new() -> Self {
        Self {
            last: Instant::now(),
            seen: Progress::new(),
        }
    }

    fn is_due(&mut self) -> bool {
        let due = self.last.elapsed() >= WATCH;
        if due {
            self.last = Instant::now();
        }
        due
    }

    /// Has a partition with something to read not moved since the last look?
    fn stands_still(&mut self, progress: Progress) -> bool {
        let stuck = |(partition, (committed, end)): (&i32, &(i64, i64))| {
            let before = self.seen.get(partition);
            // What came only now has had no time yet.
            before.is_some_and(|(then, was_end)| {
                then == committed && committed < was_end && committed < end
            })
        };
        let still = progress.iter().any(stuck);
        self.seen = progress;
        still
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(watch: &mut Watch, committed: i64, end: i64) -> bool {
        watch.stands_still(Progress::from([(0, (committed, end))]))
    }

    #[test]
    fn watch_sees_a_consumer_that_does_not_move() {
        let mut watch = Watch::new();
        assert!(!look(&mut watch, 5, 9), "the first look tells nothing");
        assert!(!look(&mut watch, 6, 9), "it moved");
        assert!(look(&mut watch, 6, 9), "it did not");
    }

    #[test]
    fn watch_leaves_a_consumer_in_peace_that_has_nothing_to_do() {
        let mut watch = Watch::new();
        assert!(!look(&mut watch, 9, 9));
        assert!(!look(&mut watch, 9, 9));
        assert!(!look(&mut watch, 9, 12), "these came only now");
        assert!(
            !watch.stands_still(Progress::new()),
            "it lost the partition"
        );
        assert!(!look(&mut watch, 9, 12), "and got it back");
    }
}
