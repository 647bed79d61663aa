//! The consumer: from Kafka into the inbox.

mod outages;
mod unreadable;

use std::{collections::BTreeSet, sync::Arc};

use entity::{UserId, event::cloud::CloudEvent};
use platform::system::Clock;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::support::{
    TestNotifier,
    kafka::{Broker, committed_events, record_of, records_of},
    within_a_minute,
};

/// Creates users with an event each.
fn events(test: &TestNotifier, count: i64) -> Vec<CloudEvent> {
    (1..=count).map(|id| test.event_of(UserId(id))).collect()
}

/// Returns the ids of the events in the inbox.
async fn in_the_inbox(test: &TestNotifier) -> BTreeSet<Uuid> {
    let rows = test.rows().await;
    let ids: BTreeSet<_> = rows.iter().map(|row| row.event_id).collect();
    assert_eq!(
        ids.len(),
        rows.len(),
        "each has one recipient, and is there once"
    );
    ids
}

fn ids(events: &[CloudEvent]) -> BTreeSet<Uuid> {
    events.iter().map(|event| event.id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_stored_as_letters_then_committed() {
    let (test, broker) = (TestNotifier::new().await, Broker::start(3));
    let events = events(&test, 300);
    let places = broker.put(&records_of(&events)).await;
    let consumer = broker.consumer(&test);
    consumer.takes_in(300).await;
    broker.commits_all(&places).await;
    consumer.stop().await;
    assert_eq!(in_the_inbox(&test).await, ids(&events));
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_records_add_no_letters() {
    let (test, broker) = (TestNotifier::new().await, Broker::start(2));
    let events = events(&test, 100);
    broker.put(&records_of(&events)).await;
    broker.put(&records_of(&events[..50])).await;
    let first = broker.consumer(&test);
    first.takes_in(150).await;
    first.stop().await;
    // Another group starts at the beginning, as this one would without its offsets.
    let again = broker.consumer_in("others", &test);
    again.takes_in(150).await;
    again.stop().await;
    assert_eq!(in_the_inbox(&test).await, ids(&events));
    assert_eq!(test.rows().await.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_does_not_commit_a_batch_that_is_not_stored() {
    let (test, broker) = (TestNotifier::new().await, Broker::start(1));
    let events = events(&test, 20);
    broker.put(&records_of(&events)).await;
    test.execute("ALTER TABLE notifications RENAME TO gone")
        .await;
    let consumer = broker.consumer(&test);
    consumer.tries_again(1).await; // so it has the batch
    consumer.stop().await;
    assert!(broker.committed().is_empty(), "{:?}", broker.committed());
}

#[tokio::test(flavor = "multi_thread")]
async fn consumer_ends_when_its_thread_ends() {
    let (test, broker) = (TestNotifier::new().await, Broker::start(1));
    let mut consumer = broker.new_consumer(&test);
    consumer.clock = Clock::new(|| panic!("the test breaks this thread"));
    let ran = within_a_minute(Arc::new(consumer).run(CancellationToken::new())).await;
    assert_eq!(
        ran.unwrap_err().to_string(),
        "the consumer thread ended unexpectedly: no events are received"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rebalance_loses_no_record_while_records_flow() {
    let (test, broker) = (TestNotifier::new().await, Broker::start(4));
    let events = events(&test, 600);
    let (first, second) = (broker.consumer(&test), broker.consumer(&test));
    let mut places = Vec::new();
    let mut rest = events.chunks(20);
    for chunk in rest.by_ref().take(10) {
        places.extend(broker.put(&records_of(chunk)).await);
    }
    second.takes_in(1).await; // so it has a partition
    let third = broker.consumer(&test);
    for chunk in rest.by_ref().take(10) {
        places.extend(broker.put(&records_of(chunk)).await);
    }
    second.stop().await;
    // Everything that the group has committed is in the inbox.
    let committed = broker.committed();
    let inbox = in_the_inbox(&test).await;
    for id in committed_events(&committed, &events, &places) {
        assert!(
            inbox.contains(&id),
            "{id} is committed and not in the inbox"
        );
    }
    for chunk in rest {
        places.extend(broker.put(&records_of(chunk)).await);
    }
    broker.commits_all(&places).await;
    first.stop().await;
    third.stop().await;
    assert_eq!(in_the_inbox(&test).await, ids(&events));
}

#[tokio::test(flavor = "multi_thread")]
async fn offer_record_is_a_letter_to_each_party() {
    let (test, broker) = (TestNotifier::new().await, Broker::start(1));
    let event = crate::support::golden::golden("offer.created");
    broker.put(&[record_of(&event)]).await;
    let consumer = broker.consumer(&test);
    consumer.takes_in(1).await;
    consumer.stop().await;
    let rows = test.rows().await;
    let letters: Vec<_> = rows
        .iter()
        .map(|row| (row.recipient_id.0, row.template.as_str()))
        .collect();
    assert_eq!(
        letters,
        [(1, "offer.created.offerer"), (2, "offer.created.receiver")]
    );
}
