//! The sender: from the inbox to the mail server.

mod floods;
mod lanes;
mod leases;
mod refusals;
mod retries;

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use chrono::TimeDelta;
use entity::NotificationState;
use notifier::settings::Tls;
use platform::system::Random;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::support::{
    TestNotifier,
    locks::lock_the_inbox,
    smtp::{Act, SmtpServer},
    within_a_minute,
};

#[tokio::test]
async fn send_marks_the_letter_sent() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann]).await;
    let sender = Arc::new(test.sender(&server));
    assert_eq!(sender.drain().await.unwrap(), 1);
    assert_eq!(server.recipients(), ["ann@example.com"]);
    let row = test.row().await;
    assert_eq!(row.state, NotificationState::Sent);
    assert_eq!(row.attempts, 1);
    assert_eq!(row.smtp_response.as_deref(), Some("250 2.0.0 taken"));
    assert!(row.finished_at.is_some());
    assert_eq!((row.next_attempt_at, row.lease_until), (None, None));

    assert_eq!(sender.drain().await.unwrap(), 0, "it is sent once");
    assert_eq!(server.mails().len(), 1);
    let metrics = test.metrics.text();
    assert!(
        metrics.contains("notifier_letters_total{outcome=\"sent\"} 1"),
        "{metrics}"
    );
    assert!(
        metrics.contains("notifier_letter_delay_seconds_count 1"),
        "{metrics}"
    );
}

#[tokio::test]
async fn send_measures_latency_from_the_event() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    let event = test.event_of(ann);
    test.forward(TimeDelta::seconds(40));
    test.receive(&[event]).await;
    Arc::new(test.sender(&server)).drain().await.unwrap();
    let metrics = test.metrics.text();
    assert!(
        metrics.contains("notifier_letter_delay_seconds_bucket{le=\"30.0\"} 0"),
        "{metrics}"
    );
    assert!(
        metrics.contains("notifier_letter_delay_seconds_bucket{le=\"60.0\"} 1"),
        "{metrics}"
    );
}

#[tokio::test]
async fn send_measures_no_latency_when_the_event_is_in_the_future() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    let ahead = test.clock.now() + TimeDelta::hours(1);
    let mut event = test.event_of(ann);
    event.id = Random::system().uuid_v7(ahead);
    test.receive(&[event]).await;
    Arc::new(test.sender(&server)).drain().await.unwrap();
    let metrics = test.metrics.text();
    assert!(
        metrics.contains("notifier_letter_delay_seconds_sum 0.0"),
        "{metrics}"
    );
}

#[tokio::test]
async fn send_reuses_its_connection() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    let sender = Arc::new(test.sender(&server));
    for _ in 0..3 {
        test.letters_to(&[ann]).await;
        sender.drain().await.unwrap();
    }
    assert_eq!((server.mails().len(), server.connections()), (3, 1));
}

#[tokio::test]
async fn send_reconnects_when_the_server_closed_the_connection() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    server.next("ann@example.com", [Act::TakeAndClose]);
    let sender = Arc::new(test.sender(&server));
    for _ in 0..2 {
        test.letters_to(&[ann]).await;
        sender.drain().await.unwrap();
    }
    assert_eq!((server.mails().len(), server.connections()), (2, 2));
    let rows = test.rows().await;
    assert!(rows.iter().all(|row| row.attempts == 1), "{rows:?}");
}

#[tokio::test]
async fn send_refuses_a_server_without_encryption() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann]).await;
    let mut settings = server.settings();
    settings.tls = Tls::Starttls;
    Arc::new(test.sender_with(settings)).drain().await.unwrap();
    assert_eq!(server.attempts("ann@example.com"), 0);
    let row = test.row().await;
    assert_eq!(
        row.state,
        NotificationState::Waiting,
        "an operator can repair that"
    );
    let said = row.smtp_response.unwrap();
    assert!(said.contains("STARTTLS is not supported"), "{said}");
}

#[tokio::test]
async fn send_dead_letters_unknown_event_types_at_once() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let [ann, bob] = [test.person(1, "Ann").await, test.person(2, "Bob").await];
    test.letters_to(&[ann, bob]).await;
    test.execute("UPDATE notifications SET template = 'offer.expired' WHERE recipient_id = 1")
        .await;
    test
        .execute(r#"UPDATE notifications SET event = '{"type": "offer.expired", "data": {}}' WHERE recipient_id = 2"#)
        .await;
    Arc::new(test.sender(&server)).drain().await.unwrap();
    for row in test.rows().await {
        assert_eq!((row.state, row.attempts), (NotificationState::Dead, 1));
        assert!(row.smtp_response.is_some());
    }
    assert!(server.mails().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn run_sends_new_letters_and_finishes_those_in_flight() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let [ann, bob] = [test.person(1, "Ann").await, test.person(2, "Bob").await];
    let (release, stop) = (Arc::new(Semaphore::new(0)), CancellationToken::new());
    server.next("bob@example.com", [Act::Hold(release.clone())]);
    let running = tokio::spawn(Arc::new(test.sender(&server)).run(stop.clone()));
    test.letters_to(&[ann]).await;
    server.takes(1).await;
    test.letters_to(&[bob]).await;
    server.is_asked_for("bob@example.com", 1).await;
    stop.cancel();
    release.add_permits(1);
    running.await.unwrap();
    assert_eq!(test.states().await, [0, 2, 0, 0]);
}

#[tokio::test]
async fn run_stops_when_the_database_does_not_answer() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann]).await;
    let locked = lock_the_inbox(&test).await;
    let sender = Arc::new(test.hurried_sender(&server, Duration::from_millis(200)));
    let stop = CancellationToken::new();
    let running = tokio::spawn(sender.run(stop.clone()));
    tokio::task::yield_now().await; // on one thread: so it waits for letters
    stop.cancel();
    within_a_minute(running).await.unwrap();
    locked.commit().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn run_beats_only_while_it_can_take_letters() {
    let test = TestNotifier::new().await;
    test.execute("ALTER TABLE notifications RENAME TO gone")
        .await;
    let sender = Arc::new(test.logging_sender());
    let heartbeat = sender.heartbeat.clone();
    let running = tokio::spawn(sender.run(CancellationToken::new()));
    test.forward(TimeDelta::seconds(61));
    test.clock_is_asked(3).await; // so it has tried at least once since
    assert!(heartbeat.age(test.clock.now()) > TimeDelta::seconds(60));
    test.execute("ALTER TABLE gone RENAME TO notifications")
        .await;
    within_a_minute(async {
        while heartbeat.age(test.clock.now()) > TimeDelta::seconds(60) {
            test.clock_is_asked(1).await;
        }
    })
    .await;
    running.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_senders_send_each_letter_once() {
    const LETTERS: usize = 300;
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let people = [test.person(1, "Ann").await, test.person(2, "Bob").await];
    let stop = CancellationToken::new();
    let running = [test.sender(&server), test.sender(&server)]
        .map(|sender| tokio::spawn(Arc::new(sender).run(stop.clone())));
    for _ in 0..LETTERS / 10 {
        test.letters_to(&people.repeat(5)).await;
    }
    server.takes(LETTERS).await;
    stop.cancel();
    for sender in running {
        sender.await.unwrap();
    }
    let ids: BTreeSet<_> = server
        .mails()
        .iter()
        .map(|mail| mail.header("Message-ID"))
        .collect();
    assert_eq!((ids.len(), server.mails().len()), (LETTERS, LETTERS));
    assert_eq!(test.states().await, [0, LETTERS, 0, 0]);
    assert!(test.rows().await.iter().all(|row| row.attempts == 1));
}
