//! The inbox: each event is stored once.

use std::sync::Arc;

use chrono::TimeDelta;
use entity::{NotificationState, UserId};
use futures_util::future::join_all;

use crate::support::{TestNotifier, golden::golden, smtp::SmtpServer};

#[tokio::test]
async fn receive_stores_each_event_once_per_recipient() {
    let test = TestNotifier::new().await;
    let (offer, person) = (golden("offer.created"), golden("user.registered"));
    assert_eq!(test.receive(&[offer.clone(), person.clone()]).await, 3);
    assert_eq!(
        test.receive(std::slice::from_ref(&offer)).await,
        0,
        "it came before"
    );
    let twice = [offer.clone(), golden("offer.accepted"), offer, person];
    assert_eq!(test.receive(&twice).await, 2, "one of these is new");
    let mut letters: Vec<_> = test
        .rows()
        .await
        .into_iter()
        .map(|row| (row.template, row.recipient_id.0))
        .collect();
    letters.sort();
    let expected = [
        ("offer.accepted.offerer", 1),
        ("offer.accepted.receiver", 2),
        ("offer.created.offerer", 1),
        ("offer.created.receiver", 2),
        ("user.registered", 2),
    ];
    assert_eq!(
        letters,
        expected.map(|(template, id)| (template.to_owned(), id))
    );
}

#[tokio::test]
async fn receive_leaves_the_letter_unchanged_on_a_duplicate() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    test.person(2, "Bob").await;
    let event = golden("user.password_changed");
    test.receive(std::slice::from_ref(&event)).await;
    let sender = Arc::new(test.sender(&server));
    sender.drain().await.unwrap();
    let sent = test.row().await;
    test.receive(&[event]).await;
    assert_eq!(test.row().await, sent);
    assert_eq!(sender.drain().await.unwrap(), 0);
    assert_eq!(server.mails().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn receive_stores_each_event_once_when_concurrent() {
    let test = Arc::new(TestNotifier::new().await);
    let events: Vec<_> = (1..=400).map(|id| test.event_of(UserId(id))).collect();
    let consumers = (0..8).map(|nth| {
        let (test, mut events) = (test.clone(), events.clone());
        events.rotate_left(nth * 50);
        tokio::spawn(async move { test.receive(&events).await })
    });
    let new: u64 = join_all(consumers)
        .await
        .into_iter()
        .map(Result::unwrap)
        .sum();
    assert_eq!((new, test.rows().await.len()), (400, 400));
}

#[tokio::test]
async fn receive_stores_the_due_time_of_a_letter() {
    let test = TestNotifier::new().await;
    for (kind, state, held) in [
        ("user.password_changed", NotificationState::Waiting, 0),
        ("offer.accepted", NotificationState::Held, 0),
        ("offer.updated", NotificationState::Held, 60),
    ] {
        test.execute("DELETE FROM notifications").await;
        let event = golden(kind);
        test.receive(std::slice::from_ref(&event)).await;
        for row in test.rows().await {
            assert_eq!(row.event_id, event.id);
            assert_eq!(row.event, serde_json::to_value(&event.event).unwrap());
            assert_eq!((row.state, row.attempts), (state, 0));
            let due = row.created_at + TimeDelta::seconds(held);
            assert_eq!(row.next_attempt_at, Some(due), "{kind}");
        }
    }
}
