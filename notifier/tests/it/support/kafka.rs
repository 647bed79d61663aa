//! librdkafka's mock broker, which runs in the process and speaks the real protocol.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use entity::event::cloud::CloudEvent;
use futures_util::future::join_all;
use notifier::{consumer::Consumer, heartbeat::Heartbeat, metrics::Metrics};
use outbox::{kafka::Record, settings::Kafka};
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer as _},
    message::{Header, Headers, OwnedHeaders},
    mocking::MockCluster,
    producer::{DefaultProducerContext, FutureProducer, FutureRecord},
};
use tokio::{sync::Notify, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{TestNotifier, raw, within_a_minute};

const TOPIC: &str = "events";
const GROUP: &str = "notifiers";
/// The polling interval.
const LOOK: Duration = Duration::from_millis(50);

/// A record's partition and offset.
pub type Place = (i32, i64);

pub struct Broker {
    pub mock: MockCluster<'static, DefaultProducerContext>,
    producer: FutureProducer,
    partitions: i32,
}

impl Broker {
    pub fn start(partitions: i32) -> Self {
        let mock = MockCluster::new(1).unwrap();
        mock.create_topic(TOPIC, partitions, 1).unwrap();
        let producer = ClientConfig::new()
            .set("bootstrap.servers", mock.bootstrap_servers())
            // Batches the records.
            .set("linger.ms", "200")
            .set("message.max.bytes", "2000000")
            .create()
            .unwrap();
        Self {
            mock,
            producer,
            partitions,
        }
    }

    pub fn settings(&self) -> Kafka {
        Kafka {
            bootstrap_servers: self.mock.bootstrap_servers(),
            topic: TOPIC.to_owned(),
            group: GROUP.to_owned(),
        }
    }

    /// Puts records on the topic. Returns their partitions and offsets.
    pub async fn put(&self, records: &[Record]) -> Vec<Place> {
        let sent: Vec<_> = records
            .iter()
            .map(|record| {
                let headers =
                    record
                        .headers
                        .iter()
                        .fold(OwnedHeaders::new(), |headers, (key, value)| {
                            let value = Some(value);
                            headers.insert(Header { key, value })
                        });
                let record = FutureRecord::to(TOPIC)
                    .key(&record.key)
                    .payload(&record.payload)
                    .headers(headers);
                self.producer.send_result(record).ok().unwrap()
            })
            .collect();
        let delivered = within_a_minute(join_all(sent)).await;
        let delivered = delivered
            .into_iter()
            .map(|outcome| outcome.unwrap().unwrap());
        delivered
            .map(|delivery| (delivery.partition, delivery.offset))
            .collect()
    }

    /// Puts a record on the first partition that has headers with these names, too.
    pub fn put_raw(&self, record: &Record, names: &[&[u8]]) {
        raw::put(&self.mock.bootstrap_servers(), TOPIC, 0, record, names);
    }

    /// Starts a notifier's consumer in the group.
    pub fn consumer(&self, test: &TestNotifier) -> Running {
        self.consumer_in(GROUP, test)
    }

    pub fn consumer_in(&self, group: &str, test: &TestNotifier) -> Running {
        let mut consumer = self.new_consumer(test);
        consumer.settings.group = group.to_owned();
        let stop = CancellationToken::new();
        let (wake_up, metrics, heartbeat) = (
            consumer.wake_up.clone(),
            consumer.metrics.clone(),
            consumer.heartbeat.clone(),
        );
        let task = tokio::spawn(Arc::new(consumer).run(stop.clone()));
        Running {
            wake_up,
            metrics,
            heartbeat,
            stop,
            task,
        }
    }

    /// Creates a consumer without running it.
    pub fn new_consumer(&self, test: &TestNotifier) -> Consumer {
        Consumer {
            settings: self.settings(),
            database: test.database.clone(),
            clock: test.clock.clone(),
            metrics: Metrics::default(),
            wake_up: Arc::new(Notify::new()),
            heartbeat: Heartbeat::new(test.clock.now()),
        }
    }

    /// Returns the committed offsets of the group, by partition.
    pub fn committed(&self) -> BTreeMap<i32, i64> {
        let asking = self.reader(GROUP);
        let mut all = TopicPartitionList::new();
        all.add_partition_range(TOPIC, 0, self.partitions - 1);
        let committed = asking
            .committed_offsets(all, Duration::from_secs(20))
            .unwrap();
        committed
            .elements()
            .iter()
            .filter_map(|element| match element.offset() {
                Offset::Offset(offset) => Some((element.partition(), offset)),
                _ => None,
            })
            .collect()
    }

    /// Waits until the group has committed all of these.
    pub async fn commits_all(&self, places: &[Place]) {
        let mut ends = BTreeMap::new();
        for (partition, offset) in places {
            let end = ends.entry(*partition).or_insert(0);
            *end = (*end).max(offset + 1);
        }
        within_a_minute(async {
            while self.committed() != ends {
                tokio::time::sleep(LOOK).await;
            }
        })
        .await;
    }

    /// Waits until this many records are in the dead-letter topic. Returns all of them.
    pub async fn dead(&self, count: usize) -> Vec<Record> {
        let reader = self.reader("nobody");
        let mut all = TopicPartitionList::new();
        // The broker creates an unknown topic with four partitions.
        for partition in 0..4 {
            all.add_partition_offset("events.dead", partition, Offset::Beginning)
                .unwrap();
        }
        reader.assign(&all).unwrap();
        let mut records = Vec::new();
        within_a_minute(async {
            while records.len() < count {
                match reader.poll(Duration::ZERO) {
                    Some(Ok(message)) => records.push(record(&message)),
                    // The topic may not exist yet.
                    Some(Err(_)) | None => tokio::time::sleep(LOOK).await,
                }
            }
        })
        .await;
        records
    }

    fn reader(&self, group: &str) -> BaseConsumer {
        ClientConfig::new()
            .set("bootstrap.servers", self.mock.bootstrap_servers())
            .set("group.id", group)
            .set("enable.auto.commit", "false")
            .set("topic.metadata.refresh.fast.interval.ms", "50")
            .create()
            .unwrap()
    }
}

/// A running consumer.
pub struct Running {
    pub metrics: Metrics,
    pub heartbeat: Heartbeat,
    wake_up: Arc<Notify>,
    stop: CancellationToken,
    task: JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Waits until this consumer has received this many events, duplicates included.
    pub async fn takes_in(&self, events: u64) {
        within_a_minute(async {
            while self.metrics.events.get() < events {
                self.wake_up.notified().await;
            }
        })
        .await;
    }

    /// Waits until it has failed to store its batch this many times from now on.
    pub async fn tries_again(&self, times: u64) {
        let from = self.metrics.consumer_retries.get();
        within_a_minute(async {
            while self.metrics.consumer_retries.get() < from + times {
                tokio::time::sleep(LOOK).await;
            }
        })
        .await;
    }

    /// Stops it and waits for its end.
    pub async fn stop(self) {
        self.stop.cancel();
        self.task.await.unwrap().unwrap();
    }
}

/// Creates the record of an event, as the relay does.
pub fn record_of(event: &CloudEvent) -> Record {
    Record {
        key: event.subject().into_bytes(),
        payload: event.data().into_bytes(),
        headers: event
            .headers()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.into_bytes()))
            .collect(),
    }
}

pub fn records_of(events: &[CloudEvent]) -> Vec<Record> {
    events.iter().map(record_of).collect()
}

/// Returns the committed events among those at these offsets.
pub fn committed_events(
    committed: &BTreeMap<i32, i64>,
    events: &[CloudEvent],
    places: &[Place],
) -> Vec<Uuid> {
    let pairs = events.iter().zip(places);
    pairs
        .filter(|(_, (partition, offset))| {
            committed.get(partition).is_some_and(|next| offset < next)
        })
        .map(|(event, _)| event.id)
        .collect()
}

fn record(message: &impl Message) -> Record {
    let headers = message.headers();
    let headers = headers.iter().flat_map(|headers| headers.iter());
    Record {
        key: message.key().unwrap_or_default().to_vec(),
        payload: message.payload().unwrap_or_default().to_vec(),
        headers: headers
            .map(|header| {
                let value = header.value.unwrap_or_default().to_vec();
                (header.key.to_owned(), value)
            })
            .collect(),
    }
}
