//! Outages of brokers and of the database.

use chrono::TimeDelta;
use rdkafka::types::{RDKafkaApiKey, RDKafkaRespErr};

use super::{events, ids, in_the_inbox};
use crate::support::{
    TestNotifier,
    kafka::{Broker, records_of},
};

#[tokio::test(flavor = "multi_thread")]
async fn broker_outage_loses_nothing() {
    let (test, broker) = (TestNotifier::new().await, Broker::start(2));
    let events = events(&test, 200);
    let mut places = broker.put(&records_of(&events[..100])).await;
    let consumer = broker.consumer(&test);
    consumer.takes_in(100).await;
    broker.mock.broker_down(-1).unwrap();
    broker.mock.broker_up(-1).unwrap();
    places.extend(broker.put(&records_of(&events[100..])).await);
    broker.commits_all(&places).await;
    consumer.stop().await;
    assert_eq!(in_the_inbox(&test).await, ids(&events));
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_broker_requests_are_retried() {
    use RDKafkaRespErr::{
        RD_KAFKA_RESP_ERR__TRANSPORT as BROKEN,
        RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS as LOADING,
        RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE as ABSENT,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION as MOVED,
        RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART as UNKNOWN,
    };
    let (test, broker) = (TestNotifier::new().await, Broker::start(2));
    let events = events(&test, 200);
    let mut places = broker.put(&records_of(&events[..100])).await;
    for (request, errors) in [
        (RDKafkaApiKey::FindCoordinator, &[ABSENT, BROKEN][..]),
        (RDKafkaApiKey::JoinGroup, &[LOADING]),
        (RDKafkaApiKey::OffsetFetch, &[LOADING, BROKEN]),
        (RDKafkaApiKey::Fetch, &[MOVED, BROKEN, UNKNOWN]),
        (RDKafkaApiKey::Heartbeat, &[BROKEN]),
        (RDKafkaApiKey::OffsetCommit, &[LOADING, BROKEN]),
    ] {
        broker.mock.request_errors(request, errors);
    }
    let consumer = broker.consumer(&test);
    consumer.takes_in(100).await;
    places.extend(broker.put(&records_of(&events[100..])).await);
    broker.commits_all(&places).await;
    consumer.stop().await;
    assert_eq!(in_the_inbox(&test).await, ids(&events));
}

#[tokio::test(flavor = "multi_thread")]
async fn database_outage_loses_nothing() {
    let (test, broker) = (TestNotifier::new().await, Broker::start(1));
    let events = events(&test, 50);
    let mut records = records_of(&events);
    records[0].payload = b"oops".to_vec();
    let places = broker.put(&records).await;
    test.execute("ALTER TABLE notifications RENAME TO gone")
        .await;
    let consumer = broker.consumer(&test);
    consumer.tries_again(1).await;
    test.forward(TimeDelta::seconds(61));
    consumer.tries_again(2).await;
    assert!(
        consumer.heartbeat.age(test.clock.now()) > TimeDelta::seconds(60),
        "/health says that it does not move"
    );
    assert!(broker.committed().is_empty());
    assert_eq!(consumer.metrics.events.get(), 0);
    test.execute("ALTER TABLE gone RENAME TO notifications")
        .await;
    consumer.takes_in(49).await;
    broker.commits_all(&places).await;
    broker.dead(1).await;
    consumer.stop().await;
    assert_eq!(in_the_inbox(&test).await, ids(&events[1..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_dead_letter_topic_delays_no_letter_and_is_reported() {
    let (test, broker) = (TestNotifier::new().await, Broker::start(1));
    let events = events(&test, 50);
    let mut records = records_of(&events);
    records[0].payload = b"oops".to_vec();
    let places = broker.put(&records).await;
    let forbidden = [RDKafkaRespErr::RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED; 1_000];
    let produce = RDKafkaApiKey::Produce;
    broker.mock.request_errors(produce, &forbidden);
    let consumer = broker.consumer(&test);
    consumer.takes_in(49).await;
    assert_eq!(in_the_inbox(&test).await, ids(&events[1..]));
    consumer.tries_again(1).await;
    test.forward(TimeDelta::seconds(61));
    consumer.tries_again(2).await;
    assert!(
        consumer.heartbeat.age(test.clock.now()) > TimeDelta::seconds(60),
        "/health says that it does not move"
    );
    assert!(broker.committed().is_empty(), "{:?}", broker.committed());

    broker.mock.clear_request_errors(produce);
    broker.dead(1).await;
    broker.commits_all(&places).await;
    consumer.stop().await;
}
