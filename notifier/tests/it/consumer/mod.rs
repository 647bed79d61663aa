//! From Kafka into the inbox.

mod outages;
mod unreadable;

use std::{collections::BTreeSet, sync::Arc};

use entity::{UserId, event::cloud::CloudEvent};
use sea_orm::{ConnectionTrait, DbErr};
use tokio::sync::{Semaphore, oneshot};
use uuid::Uuid;

use crate::support::{
    House,
    kafka::{Broker, committed_events, record_of, records_of},
};

/// Events of this many people.
fn events(house: &House, count: i64) -> Vec<CloudEvent> {
    (1..=count).map(|id| house.event_of(UserId(id))).collect()
}

/// The events that the inbox knows.
async fn in_the_inbox(house: &House) -> BTreeSet<Uuid> {
    let rows = house.rows().await;
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
async fn records_become_letters_of_the_inbox_and_are_committed() {
    let (house, broker) = (House::new().await, Broker::start(3));
    let events = events(&house, 300);
    let places = broker.put(&records_of(&events)).await;
    let consumer = broker.consumer(&house);
    consumer.takes_in(300).await;
    broker.commits_all(&places).await;
    consumer.stop().await;
    assert_eq!(in_the_inbox(&house).await, ids(&events));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_that_come_again_add_nothing() {
    let (house, broker) = (House::new().await, Broker::start(2));
    let events = events(&house, 100);
    broker.put(&records_of(&events)).await;
    broker.put(&records_of(&events[..50])).await;
    let first = broker.consumer(&house);
    first.takes_in(150).await;
    first.stop().await;
    // Another group begins at the beginning, as this one would had it lost its offsets.
    let again = broker.consumer_in("others", &house);
    again.takes_in(150).await;
    again.stop().await;
    assert_eq!(in_the_inbox(&house).await, ids(&events));
    assert_eq!(house.rows().await.len(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn batch_that_is_not_in_the_inbox_is_not_committed_at_a_stop() {
    let (house, broker) = (House::new().await, Broker::start(1));
    let events = events(&house, 20);
    let mut records = records_of(&events);
    records[10].payload = b"oops".to_vec();
    broker.put(&records).await;
    let (locked, release) = lock_the_inbox(&house).await;

    let consumer = broker.consumer(&house);
    broker.dead(1).await; // so it has the batch, and waits for the inbox
    consumer.stop().await;
    assert!(broker.committed().is_empty(), "{:?}", broker.committed());

    release.add_permits(1);
    locked.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn member_that_joins_and_leaves_while_records_flow_loses_none() {
    let (house, broker) = (House::new().await, Broker::start(4));
    let events = events(&house, 600);
    let (first, second) = (broker.consumer(&house), broker.consumer(&house));
    let mut places = Vec::new();
    let mut rest = events.chunks(20);
    for chunk in rest.by_ref().take(10) {
        places.extend(broker.put(&records_of(chunk)).await);
    }
    second.takes_in(1).await; // so it has a partition
    let third = broker.consumer(&house);
    for chunk in rest.by_ref().take(10) {
        places.extend(broker.put(&records_of(chunk)).await);
    }
    second.stop().await;
    // Whatever the group has committed by now is in the inbox.
    let committed = broker.committed();
    let inbox = in_the_inbox(&house).await;
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
    assert_eq!(in_the_inbox(&house).await, ids(&events));
}

#[tokio::test(flavor = "multi_thread")]
async fn record_of_an_offer_is_a_letter_to_each_party() {
    let (house, broker) = (House::new().await, Broker::start(1));
    let event = crate::support::golden::golden("offer.created");
    broker.put(&[record_of(&event)]).await;
    let consumer = broker.consumer(&house);
    consumer.takes_in(1).await;
    consumer.stop().await;
    let rows = house.rows().await;
    let letters: Vec<_> = rows
        .iter()
        .map(|row| (row.recipient_id.0, row.template.as_str()))
        .collect();
    assert_eq!(
        letters,
        [(1, "offer.created.offerer"), (2, "offer.created.receiver")]
    );
}

type Locked = tokio::task::JoinHandle<Result<(), DbErr>>;

/// Keeps everybody else from writing the inbox until the semaphore has a permit.
async fn lock_the_inbox(house: &House) -> (Locked, Arc<Semaphore>) {
    let (is_locked, locked) = oneshot::channel();
    let release = Arc::new(Semaphore::new(0));
    let (database, permits) = (house.database.clone(), release.clone());
    let shared = database.is_shared();
    let locking = tokio::spawn(async move {
        let held = database.write(move |transaction| {
            Box::pin(async move {
                if shared {
                    for sql in [
                        "SET LOCAL idle_in_transaction_session_timeout = 0",
                        "LOCK TABLE notifications IN ACCESS EXCLUSIVE MODE",
                    ] {
                        transaction.execute_unprepared(sql).await?;
                    }
                }
                is_locked.send(()).unwrap();
                permits.acquire().await.unwrap().forget();
                Ok(())
            })
        });
        held.await
    });
    locked.await.unwrap();
    (locking, release)
}
