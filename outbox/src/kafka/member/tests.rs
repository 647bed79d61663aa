//! The effect of a rebalance on a batch that is not in the inbox yet.
#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::collections::BTreeMap;

use rdkafka::{
    mocking::MockCluster,
    producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer as _},
};

use super::*;

const TOPIC: &str = "events";
const PARTITIONS: i32 = 2;
const EACH: usize = 20;
/// The polls after which it is clear that nothing will arrive: a minute.
const POLLS: usize = 240;

/// Creates a topic with records in both partitions.
fn broker() -> (MockCluster<'static, DefaultProducerContext>, Kafka) {
    let broker = MockCluster::new(1).unwrap();
    broker.create_topic(TOPIC, PARTITIONS, 1).unwrap();
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", broker.bootstrap_servers())
        .create()
        .unwrap();
    for _ in 0..EACH {
        for partition in 0..PARTITIONS {
            let record = BaseRecord::<(), _>::to(TOPIC)
                .partition(partition)
                .payload("a record");
            producer.send(record).ok().unwrap();
        }
    }
    producer.flush(Duration::from_secs(60)).unwrap();
    let settings = Kafka {
        bootstrap_servers: broker.bootstrap_servers(),
        topic: TOPIC.to_owned(),
        group: "notifiers".to_owned(),
    };
    (broker, settings)
}

/// Reads all records of the topic as the only member.
fn poll_all(member: &Member) -> Vec<OwnedMessage> {
    let mut all = Vec::new();
    for _ in 0..POLLS {
        all.extend(member.poll_batch().unwrap());
        if all.len() == EACH * PARTITIONS as usize {
            return all;
        }
    }
    panic!("{} records came", all.len())
}

/// Lets another member join until each has one partition. Returns that member, and the partition that stays.
fn share(member: &Member, settings: &Kafka) -> (Member, i32) {
    let other = Member::join(settings).unwrap();
    for _ in 0..POLLS {
        member.poll_batch().unwrap();
        other.poll_batch().unwrap();
        let left = member.consumer.assignment().unwrap();
        if left.count() == 1 && other.consumer.assignment().unwrap().count() == 1 {
            return (other, left.elements()[0].partition());
        }
    }
    panic!("the partitions are not shared")
}

/// Returns the committed offsets by partition.
fn committed(settings: &Kafka) -> BTreeMap<i32, i64> {
    let asking: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", &settings.bootstrap_servers)
        .set("group.id", &settings.group)
        .create()
        .unwrap();
    let mut all = TopicPartitionList::new();
    all.add_partition_range(TOPIC, 0, PARTITIONS - 1);
    let committed = asking
        .committed_offsets(all, Duration::from_secs(60))
        .unwrap();
    let offsets = committed.to_topic_map().into_iter();
    offsets
        .filter_map(|((_, partition), offset)| match offset {
            Offset::Offset(offset) => Some((partition, offset)),
            _ => None,
        })
        .collect()
}

#[test]
fn commit_ignores_partitions_lost_in_a_rebalance() {
    let (_broker, settings) = broker();
    let member = Member::join(&settings).unwrap();
    let batch = poll_all(&member);
    let (other, left) = share(&member, &settings);
    assert_eq!(committed(&settings), BTreeMap::new());
    member.commit(&batch);
    let own = BTreeMap::from([(left, EACH as i64)]);
    assert_eq!(committed(&settings), own);
    // Dropping a member may hang in librdkafka; leaving has a timeout.
    other.leave();
    member.leave();
}

#[test]
fn leave_commits_again_what_failed_to_commit() {
    let (broker, settings) = broker();
    let member = Member::join(&settings).unwrap();
    let batch = poll_all(&member);
    let refused = rdkafka::types::RDKafkaRespErr::RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
    broker.request_errors(rdkafka::types::RDKafkaApiKey::OffsetCommit, &[refused]);
    member.commit(&batch);
    assert_eq!(committed(&settings), BTreeMap::new());
    member.leave();
    assert_eq!(
        committed(&settings),
        BTreeMap::from([(0, EACH as i64), (1, EACH as i64)])
    );
}
