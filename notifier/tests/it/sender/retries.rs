//! Retries and their timing.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use entity::NotificationState;
use outbox::inbox;
use sea_orm::DbErr;

use crate::support::{
    TestNotifier,
    smtp::{Act, SmtpServer},
};

const BUSY: Act = Act::Answer("421 4.3.2 come back later, ann@example.com");

#[tokio::test]
async fn temporary_refusals_back_off_until_dead() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann]).await;
    server.always("ann@example.com", BUSY);
    let sender = Arc::new(test.sender(&server));
    let hour = 3600.0;
    let waits = [5.0, 300.0, 1800.0, 2.0 * hour, 5.0 * hour, 10.0 * hour];
    for (nth, wait) in waits.into_iter().enumerate() {
        let before = test.clock.now();
        assert_eq!(sender.drain().await.unwrap(), 1);
        let (after, row) = (test.clock.now(), test.row().await);
        assert_eq!(row.state, NotificationState::Waiting);
        assert_eq!(row.attempts, nth as i64 + 1);
        assert_eq!(
            row.smtp_response.as_deref(),
            Some("transient error (421): 4.3.2 come back later, [address]")
        );
        assert!(
            seconds_after(before, row.next_attempt_at) >= 0.8 * wait,
            "{row:?}"
        );
        assert!(
            seconds_after(after, row.next_attempt_at) <= 1.2 * wait,
            "{row:?}"
        );
        assert_eq!(sender.drain().await.unwrap(), 0, "not before its time");
        test.forward(TimeDelta::milliseconds((1.2 * wait * 1000.0) as i64));
    }
    assert_eq!(sender.drain().await.unwrap(), 1);
    let row = test.row().await;
    assert_eq!((row.state, row.attempts), (NotificationState::Dead, 7));
    assert_eq!(
        server.attempts("ann@example.com"),
        7,
        "once for each attempt"
    );
    test.forward(TimeDelta::days(1));
    assert_eq!(sender.drain().await.unwrap(), 0);
}

#[tokio::test]
async fn retries_of_failed_letters_are_jittered() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann; 16]).await;
    server.always("ann@example.com", BUSY);
    let before = test.clock.now();
    Arc::new(test.sender(&server)).drain().await.unwrap();
    let rows = test.rows().await;
    let waits = rows
        .iter()
        .map(|row| seconds_after(before, row.next_attempt_at));
    let (least, most) = (
        waits.clone().fold(f64::MAX, f64::min),
        waits.fold(0.0, f64::max),
    );
    assert!(most - least > 0.1, "from {least} to {most} s");
}

#[tokio::test]
async fn send_retries_a_broken_connection() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann]).await;
    server.next("ann@example.com", [Act::Drop, Act::DropAfterMessage]);
    let sender = Arc::new(test.sender(&server));
    for wait in [TimeDelta::seconds(6), TimeDelta::minutes(6)] {
        sender.drain().await.unwrap();
        assert_eq!(test.row().await.state, NotificationState::Waiting);
        test.forward(wait);
    }
    sender.drain().await.unwrap();
    assert_eq!(server.mails().len(), 1);
    let row = test.row().await;
    assert_eq!((row.state, row.attempts), (NotificationState::Sent, 3));
}

#[tokio::test]
async fn send_times_out_without_delaying_others() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let [ann, bob] = [test.person(1, "Ann").await, test.person(2, "Bob").await];
    server.next("bob@example.com", [Act::Hang]);
    test.letters_to(&[bob, ann, ann, ann]).await;
    let sender = Arc::new(test.hurried_sender(&server, Duration::from_secs(3)));
    sender.drain().await.unwrap();
    assert_eq!(server.recipients(), ["ann@example.com"; 3]);
    assert_eq!(test.states().await, [1, 3, 0, 0]);
    let rows = test.rows().await;
    assert_eq!(
        rows[0].smtp_response.as_deref(),
        Some("no answer within 3 s")
    );

    // Its connection is closed, and the next one is answered.
    test.forward(TimeDelta::seconds(6));
    test.letters_to(&[ann; 20]).await;
    sender.drain().await.unwrap();
    assert_eq!(test.states().await, [0, 24, 0, 0]);
}

#[tokio::test]
async fn dead_letters_are_kept_longer_than_sent_ones() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let [ann, bob] = [test.person(1, "Ann").await, test.person(2, "Bob").await];
    test.letters_to(&[bob, ann]).await;
    server.next("bob@example.com", [Act::Answer("550 no such user")]);
    Arc::new(test.sender(&server)).drain().await.unwrap();
    for (days, left) in [(29, [0, 1, 0, 1]), (2, [0, 0, 0, 1]), (60, [0; 4])] {
        test.forward(TimeDelta::days(days));
        let swept = test
            .database
            .write(|transaction| Box::pin(inbox::delete_expired(transaction)));
        swept.await.map_err(|cause: DbErr| cause).unwrap();
        assert_eq!(test.states().await, left, "{days} days later");
    }
}

/// Returns the seconds from `from` to `then`.
fn seconds_after(from: DateTime<Utc>, then: Option<DateTime<Utc>>) -> f64 {
    (then.unwrap() - from).as_seconds_f64()
}
