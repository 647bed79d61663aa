//! A Kafka cluster in the process: rdkafka's mock broker, which speaks the real protocol.

use std::time::Duration;

use entity::event::cloud::CloudEvent;
use outbox::{kafka::Producer, publisher::Publisher, relay::Relay, settings::Kafka};
use rdkafka::{
    ClientConfig, Message, Offset, TopicPartitionList,
    consumer::{BaseConsumer, Consumer},
    message::Headers,
    mocking::MockCluster,
    producer::DefaultProducerContext,
};

use super::TestApp;

pub const TOPIC: &str = "email-notifications";
const PARTITIONS: i32 = 6;
const TIMEOUT: Duration = Duration::from_secs(10);

pub struct Cluster {
    pub broker: MockCluster<'static, DefaultProducerContext>,
    pub settings: Kafka,
}

/// A record of the topic.
pub struct Published {
    pub partition: i32,
    pub key: String,
    pub event: CloudEvent,
}

impl Cluster {
    pub fn start() -> Self {
        Self::of_brokers(1)
    }

    /// Starts a cluster of several brokers, each with its share of the partitions.
    pub fn of_brokers(brokers: i32) -> Self {
        let broker = MockCluster::new(brokers).unwrap();
        broker.create_topic(TOPIC, PARTITIONS, 1).unwrap();
        for partition in 0..PARTITIONS {
            let leader = partition % brokers + 1;
            broker
                .partition_leader(TOPIC, partition, Some(leader))
                .unwrap();
        }
        let settings = Kafka {
            bootstrap_servers: broker.bootstrap_servers(),
            topic: TOPIC.to_owned(),
            group: "group".to_owned(),
        };
        Self { broker, settings }
    }

    /// Creates a relay that publishes to this cluster.
    pub fn relay(&self, test: &TestApp) -> Relay {
        Relay {
            publisher: Publisher::Kafka {
                producer: Producer::new(&self.settings).unwrap(),
                topic: TOPIC.to_owned(),
            },
            ..test.relay()
        }
    }

    /// Reads all records of the topic, each partition in order.
    pub fn published(&self) -> Vec<Published> {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &self.settings.bootstrap_servers)
            .set("group.id", "reader of a test")
            .create()
            .unwrap();
        let mut partitions = TopicPartitionList::new();
        let mut left = 0;
        for partition in 0..PARTITIONS {
            let (low, high) = consumer
                .fetch_watermarks(TOPIC, partition, TIMEOUT)
                .unwrap();
            left += high - low;
            partitions
                .add_partition_offset(TOPIC, partition, Offset::Beginning)
                .unwrap();
        }
        consumer.assign(&partitions).unwrap();
        let records = (0..left).map(|_| {
            let record = consumer.poll(TIMEOUT).unwrap().unwrap();
            let headers = record.headers().unwrap();
            let headers = headers.iter().map(|header| (header.key, header.value));
            Published {
                partition: record.partition(),
                key: String::from_utf8(record.key().unwrap().to_vec()).unwrap(),
                event: CloudEvent::read(headers, record.payload().unwrap()).unwrap(),
            }
        });
        records.collect()
    }
}
