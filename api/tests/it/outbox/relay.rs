//! The relay from the outbox to Kafka or into the inbox: no failure loses an event or breaks the order within an
//! aggregate.

use std::collections::{BTreeSet, HashMap};

use ::outbox::{
    in_flight::InFlight,
    publisher::{self, Publisher},
    relay::{Relay, Step},
};
use entity::{OfferId, event::cloud::CloudEvent, limits::Text, notification, outbox};
use exchange::offers::{self, OfferChange, RejectOffer};
use futures_util::future::join_all;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter,
};
use serde_json::json;

use crate::support::{
    Person, TestApp,
    kafka::{Cluster, Published},
    letters::pass,
};

/// Creates Ann and Bob, and `offers` offers of hers to him.
pub async fn trading(test: &TestApp, offers: usize) -> (Person, Person, Vec<OfferId>) {
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let mut made = Vec::new();
    for number in 0..offers {
        let mine = ann.lists(&format!("Mine {number}")).await;
        let theirs = bob.lists(&format!("Theirs {number}")).await;
        made.push(ann.offers(&[mine], &[theirs]).await.unwrap().id);
    }
    (ann, bob, made)
}

pub async fn change(test: &TestApp, ann: &Person, offer: OfferId, message: String) {
    let change = OfferChange {
        message: Some(Some(Text(message))),
        ..OfferChange::default()
    };
    offers::update(&test.app, ann.actor, offer, change)
        .await
        .unwrap();
}

/// Asserts that exactly the recorded events are on the topic, that each aggregate is on one partition and in order
/// (duplicates aside), and that positions have no gap. Returns the number of duplicates.
async fn complete(test: &TestApp, published: &[Published]) -> usize {
    let outbox = test.outbox().await;
    let written: BTreeSet<_> = outbox.iter().map(|row| row.id).collect();
    let mut seen = BTreeSet::new();
    let mut last = HashMap::new();
    for record in published {
        assert_eq!(record.key, record.event.subject());
        if !seen.insert(record.event.id) {
            continue;
        }
        let before = last.insert(&record.key, (record.partition, record.event.sequence));
        if let Some((partition, sequence)) = before {
            assert_eq!(partition, record.partition, "{}", record.key);
            assert!(sequence < record.event.sequence, "{}", record.key);
        }
    }
    assert_eq!(seen, written);
    let mut positions: Vec<_> = outbox.iter().map(|row| row.position.unwrap()).collect();
    positions.sort_unstable();
    let without_gap: Vec<_> = (1..).take(positions.len()).collect();
    assert_eq!(positions, without_gap);
    assert!(outbox.iter().all(|row| row.published_at.is_some()));
    published.len() - seen.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn pass_publishes_one_event_per_aggregate_at_a_time() {
    let test = TestApp::new().await;
    let cluster = Cluster::start();
    let (ann, bob, made) = trading(&test, 20).await;
    for offer in &made {
        change(&test, &ann, *offer, "Please".to_owned()).await;
        test.app
            .execute(bob.actor, RejectOffer { offer: *offer })
            .await
            .unwrap();
    }
    let (relay, mut in_flight) = (cluster.relay(&test), InFlight::default());
    for (passes, kind) in ["offer.created", "offer.updated", "offer.rejected"]
        .into_iter()
        .enumerate()
    {
        let passed = pass(&relay, &mut in_flight).await;
        assert_eq!(passed, published(20));
        let published = cluster.published();
        assert_eq!(published.len(), 20 * (passes + 1));
        let of_kind = published.iter();
        let of_kind = of_kind.filter(|record| record.event.event.type_name() == kind);
        assert_eq!(of_kind.count(), 20);
    }
    assert_eq!(pass(&relay, &mut in_flight).await, published(0));
    assert_eq!(complete(&test, &cluster.published()).await, 0);
}

/// Relays until nothing is left, and retries after failures.
async fn drain(relay: &Relay) {
    while pass(relay, &mut InFlight::default()).await != published(0) {}
}

fn published(count: usize) -> Step {
    Step {
        published: count,
        first_failure: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_have_no_gap_after_a_rolled_back_transaction() {
    let test = TestApp::new().await;
    let (ann, _, made) = trading(&test, 4).await;
    let gone = outbox::Entity::delete_many().filter(outbox::Column::AggregateId.eq(made[1].0));
    gone.exec(test.app.database.reader()).await.unwrap();
    let relay = test.relay();
    relay.assign_positions().await.unwrap();
    change(&test, &ann, made[0], "Please".to_owned()).await;
    relay.assign_positions().await.unwrap();
    let outbox = test.outbox().await;
    let positions: Vec<_> = outbox.iter().map(|row| row.position).collect();
    assert_eq!(positions, [1, 2, 3, 4].map(Some));
}

#[tokio::test(flavor = "multi_thread")]
async fn event_carries_the_trace_of_its_request() {
    let test = TestApp::new().await;
    let cluster = Cluster::start();
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let body = json!({"name": "Ann", "email": "ann@example.com", "password": "pass123"});
    let client = test.anonymous().with("traceparent", parent);
    client.post("/users", body).await.expect(201);
    pass(&cluster.relay(&test), &mut InFlight::default()).await;
    let published = cluster.published();
    let cause = published[0].event.traceparent.as_deref().unwrap();
    assert!(
        cause.starts_with("00-0af7651916cd43dd8448eb211c80319c-"),
        "{cause}"
    );
    assert_eq!(published[0].key, "user/1");
}

/// Runs `deaths`, which kills fifty relays, on ten exchanges at once.
async fn five_hundred(deaths: impl AsyncFn(&Cluster)) {
    // They run in one task, and starting or stopping a cluster blocks it.
    let clusters: Vec<_> = (0..10).map(|_| Cluster::start()).collect();
    join_all(clusters.iter().map(|cluster| deaths(cluster))).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_loses_nothing_when_it_dies_before_publishing() {
    five_hundred(async |cluster| {
        let test = TestApp::new().await;
        let (ann, _, made) = trading(&test, 10).await;
        for number in 0..50 {
            change(&test, &ann, made[number % 10], format!("Please {number}")).await;
            let relay = test.relay();
            relay.assign_positions().await.unwrap();
            assert_eq!(relay.due(&InFlight::default()).await.unwrap().len(), 10);
        }
        assert!(cluster.published().is_empty());
        drain(&cluster.relay(&test)).await;
        assert_eq!(complete(&test, &cluster.published()).await, 0);
        assert_eq!(test.outbox().await.len(), 60);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_publishes_again_when_it_dies_before_marking() {
    five_hundred(async |cluster| {
        let test = TestApp::new().await;
        let (ann, _, made) = trading(&test, 10).await;
        // Each republishes the unmarked event of the one before, and dies with the next.
        for number in 0..50 {
            let relay = cluster.relay(&test);
            drain(&relay).await;
            change(&test, &ann, made[number % 10], format!("Please {number}")).await;
            relay.assign_positions().await.unwrap();
            let due = relay.due(&InFlight::default()).await.unwrap().into_iter();
            let due: Vec<_> = due.map(|row| CloudEvent::try_from(row).unwrap()).collect();
            assert_eq!(due.len(), 1);
            let Publisher::Kafka { producer, topic } = &relay.publisher else {
                unreachable!("it publishes to Kafka");
            };
            assert_eq!(
                publisher::publish(producer, topic, due[0].clone()).await,
                Ok(())
            );
        }
        drain(&cluster.relay(&test)).await;
        assert_eq!(complete(&test, &cluster.published()).await, 50);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_event_delays_only_its_aggregate() {
    let test = TestApp::new().await;
    let cluster = Cluster::start();
    let (ann, _, made) = trading(&test, 3).await;
    let first = test.outbox().await.remove(0);
    let rewrite = async |payload| {
        let mut row = first.clone().into_active_model();
        row.payload = Set(payload);
        row.update(test.app.database.reader()).await.unwrap();
    };
    let mut too_large = first.payload.clone();
    too_large["offerer"]["name"] = json!("x".repeat(1_100_000));
    rewrite(too_large).await;
    for offer in &made {
        change(&test, &ann, *offer, "Please".to_owned()).await;
    }
    let (relay, mut in_flight) = (cluster.relay(&test), InFlight::default());
    let passed = pass(&relay, &mut in_flight).await;
    assert_eq!(passed.published, 2);
    assert!(
        passed
            .first_failure
            .unwrap()
            .contains("MessageSizeTooLarge")
    );
    assert_eq!(pass(&relay, &mut in_flight).await, published(2));
    assert_eq!(
        pass(&relay, &mut in_flight).await,
        published(0),
        "its aggregate backs off, and later events of it wait"
    );

    rewrite(first.payload.clone()).await;
    drain(&relay).await;
    assert_eq!(complete(&test, &cluster.published()).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_event_delays_only_its_aggregate() {
    let test = TestApp::new().await;
    let cluster = Cluster::of_brokers(2);
    cluster.broker.broker_down(2).unwrap();
    let (ann, _, made) = trading(&test, 20).await;
    let (relay, mut in_flight) = (cluster.relay(&test), InFlight::default());
    relay.send_due(&mut in_flight).await.unwrap();
    in_flight.completed().await;
    relay.mark_completed(&mut in_flight).await.unwrap();
    assert!(!in_flight.is_empty(), "half of the partitions are away");

    // Other aggregates continue meanwhile.
    let published = async || {
        let outbox = test.outbox().await.into_iter();
        outbox.filter(|row| row.published_at.is_some()).count()
    };
    let through = published().await;
    for offer in &made {
        change(&test, &ann, *offer, "Please".to_owned()).await;
    }
    while published().await < 2 * through {
        relay.send_due(&mut in_flight).await.unwrap();
        in_flight.completed().await;
        relay.mark_completed(&mut in_flight).await.unwrap();
    }
    assert!(
        !in_flight.is_empty(),
        "the first of the others are still under way"
    );
    cluster.broker.broker_up(2).unwrap();
    while !in_flight.is_empty() {
        in_flight.completed().await;
        relay.mark_completed(&mut in_flight).await.unwrap();
    }
    drain(&relay).await;
    assert_eq!(complete(&test, &cluster.published()).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_marks_events_in_flight_when_it_stops() {
    let test = TestApp::new().await;
    let cluster = Cluster::start();
    trading(&test, 5).await;
    let (relay, mut in_flight) = (cluster.relay(&test), InFlight::default());
    relay.send_due(&mut in_flight).await.unwrap();
    assert_eq!(in_flight.len(), 5);
    relay.drain(&mut in_flight).await;
    assert!(in_flight.is_empty());
    assert_eq!(complete(&test, &cluster.published()).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn relay_publishes_the_backlog_after_an_outage() {
    let test = TestApp::new().await;
    let cluster = Cluster::start();
    let relay = cluster.relay(&test);
    cluster.broker.broker_down(1).unwrap();
    let (ann, bob, made) = trading(&test, 5).await;
    let mut in_flight = InFlight::default();
    let passed = pass(&relay, &mut in_flight).await;
    assert_eq!(passed.published, 0);
    assert!(passed.first_failure.unwrap().contains("MessageTimedOut"));
    assert!(
        in_flight.backoff.waiting().is_empty(),
        "it is no fault of the events: all go as soon as Kafka is back"
    );
    for offer in &made {
        change(&test, &ann, *offer, "Please".to_owned()).await;
        test.app
            .execute(bob.actor, RejectOffer { offer: *offer })
            .await
            .unwrap();
    }
    cluster.broker.broker_up(1).unwrap();
    drain(&relay).await;
    assert_eq!(complete(&test, &cluster.published()).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_relays_leading_at_once_do_no_harm() {
    let test = TestApp::new().await;
    let cluster = Cluster::start();
    let (ann, bob, made) = trading(&test, 40).await;
    let (one, other) = (cluster.relay(&test), cluster.relay(&test));
    let work = async {
        for (number, offer) in made.iter().enumerate() {
            change(&test, &ann, *offer, format!("Please {number}")).await;
            test.app
                .execute(bob.actor, RejectOffer { offer: *offer })
                .await
                .unwrap();
        }
    };
    let lead = async |relay: &Relay| {
        let mut in_flight = InFlight::default();
        for _ in 0..60 {
            // The second relay to assign a position is refused, and starts over.
            if relay.send_due(&mut in_flight).await.is_ok() && !in_flight.is_empty() {
                in_flight.completed().await;
                relay.mark_completed(&mut in_flight).await.unwrap();
            }
        }
    };
    tokio::join!(work, lead(&one), lead(&other));
    drain(&one).await;
    complete(&test, &cluster.published()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pass_without_kafka_puts_letters_into_the_inbox_once() {
    let test = TestApp::new().await;
    let (ann, _, made) = trading(&test, 10).await;
    for offer in &made {
        change(&test, &ann, *offer, "Please".to_owned()).await;
    }
    let (one, other) = (test.relay(), test.relay());
    let lead = async |relay: &Relay| {
        let mut in_flight = InFlight::default();
        for _ in 0..5 {
            let _ = relay.send_due(&mut in_flight).await;
        }
    };
    tokio::join!(lead(&one), lead(&other));
    drain(&one).await;
    let reader = test.app.database.reader();
    let letters = notification::Entity::find().count(reader).await.unwrap();
    assert_eq!(letters, 40, "20 events for two people each");
    let outbox = test.outbox().await;
    assert!(outbox.iter().all(|row| row.published_at.is_some()));
}
