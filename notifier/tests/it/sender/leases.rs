//! Leases of letters.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use chrono::TimeDelta;
use entity::{NotificationState, notification};
use outbox::inbox::{self, Recipients, Verdict};
use platform::system::{Clock, Random};
use sea_orm::DbErr;
use tokio::sync::Semaphore;

use crate::support::{
    TestNotifier,
    golden::golden,
    locks::lock_the_inbox,
    smtp::{Act, SmtpServer},
};

/// Leases all due letters to a sender that does nothing with them.
async fn leased(test: &TestNotifier) -> Vec<notification::Model> {
    let clock = test.clock.clone();
    let leased = test.database.write(move |transaction| {
        Box::pin(async move { inbox::lease(transaction, 100, Recipients::Any, &[], &clock).await })
    });
    leased.await.map_err(|cause: DbErr| cause).unwrap()
}

#[tokio::test]
async fn leased_letter_is_not_taken_when_the_clock_is_ahead() {
    let test = TestNotifier::new().await;
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann]).await;
    assert_eq!(leased(&test).await.len(), 1);
    let clock = test.clock.clone();
    let ahead = Clock::new(move || clock.now() + TimeDelta::days(40));
    let again = test.database.write(move |transaction| {
        Box::pin(async move { inbox::lease(transaction, 100, Recipients::Any, &[], &ahead).await })
    });
    let again = again.await.map_err(|cause: DbErr| cause).unwrap();
    assert!(again.is_empty(), "{again:?}");
}

#[tokio::test]
async fn letter_is_retried_in_time_when_the_clock_is_ahead() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann]).await;
    server.next("ann@example.com", [Act::Answer("421 come back later")]);
    let ahead = Arc::new(test.sender_ahead(&server));
    for expected in [NotificationState::Waiting, NotificationState::Sent] {
        ahead.drain().await.unwrap();
        assert_eq!(test.row().await.state, expected);
        test.forward(TimeDelta::seconds(10));
    }
}

#[tokio::test]
async fn letter_with_a_token_is_sent_when_the_clock_is_ahead() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    test.person(2, "Bob").await;
    test.receive(&[golden("user.password_reset_requested")])
        .await;
    Arc::new(test.sender_ahead(&server)).drain().await.unwrap();
    assert_eq!(server.recipients(), ["bob@example.com"]);
}

async fn record(test: &TestNotifier, row: notification::Model, verdict: Verdict) {
    let recorded = test.database.write(move |transaction| {
        Box::pin(async move { inbox::record(transaction, &row, verdict).await })
    });
    recorded.await.map_err(|cause: DbErr| cause).unwrap();
}

#[tokio::test]
async fn letter_of_a_dead_sender_returns_when_its_lease_expires() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann]).await;
    assert_eq!(leased(&test).await.len(), 1);
    let sender = Arc::new(test.sender(&server));
    assert_eq!(sender.drain().await.unwrap(), 0);
    test.forward(TimeDelta::seconds(20));
    assert_eq!(
        sender.drain().await.unwrap(),
        0,
        "longer than a send may take"
    );
    test.forward(TimeDelta::seconds(11));
    assert_eq!(sender.drain().await.unwrap(), 1);
    let row = test.row().await;
    assert_eq!((row.state, row.attempts), (NotificationState::Sent, 2));
}

#[tokio::test]
async fn expired_lease_does_not_overwrite_another_outcome() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann]).await;
    let late = leased(&test).await.remove(0);
    test.forward(TimeDelta::seconds(31));

    // While the other holds the lease.
    let other = leased(&test).await.remove(0);
    let in_other_hands = test.row().await;
    let dead = Verdict::Finished(NotificationState::Dead, "late".to_owned());
    record(&test, late.clone(), dead).await;
    assert_eq!(test.row().await, in_other_hands);

    // And after the other has finished.
    record(
        &test,
        other,
        Verdict::Finished(NotificationState::Sent, "250".to_owned()),
    )
    .await;
    let sent = test.row().await;
    let again = Verdict::Later(TimeDelta::zero(), "late".to_owned());
    record(&test, late, again).await;
    assert_eq!(test.row().await, sent);
    assert_eq!(Arc::new(test.sender(&server)).drain().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn letter_keeps_its_message_id_when_sent_twice() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann]).await;
    let release = Arc::new(Semaphore::new(0));
    server.next("ann@example.com", [Act::Hold(release.clone())]);
    let frozen = Arc::new(test.sender(&server));
    let frozen = tokio::spawn(async move { frozen.drain().await });
    server.is_asked_for("ann@example.com", 1).await;
    test.forward(TimeDelta::seconds(31));
    Arc::new(test.sender(&server)).drain().await.unwrap();
    release.add_permits(1);
    frozen.await.unwrap().unwrap();
    let ids: Vec<_> = server
        .mails()
        .iter()
        .map(|mail| mail.header("Message-ID"))
        .collect();
    let row = test.row().await;
    let expected = format!("<{}.1@games.example>", row.event_id);
    assert_eq!(ids, [expected.clone(), expected]);
    assert_eq!((row.state, row.attempts), (NotificationState::Sent, 2));
}

#[tokio::test]
async fn lease_starts_when_granted_however_long_the_wait() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann]).await;
    let locked = lock_the_inbox(&test).await;
    let sender = Arc::new(test.sender(&server));
    let sending = tokio::spawn(async move { sender.drain().await });
    tokio::task::yield_now().await; // on one thread: so it has asked for letters
    test.forward(TimeDelta::seconds(31));
    locked.commit().await;
    sending.await.unwrap().unwrap();
    let row = test.row().await;
    assert_eq!((row.state, row.attempts), (NotificationState::Sent, 1));
}

#[tokio::test]
async fn letter_is_left_for_the_next_lease_when_composing_is_slow() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    test.person(2, "Bob").await;
    test.receive(&[golden("user.password_reset_requested")])
        .await;
    let mut sender = test.sender(&server);
    let (hands, slow) = (test.hands(), AtomicBool::new(true));
    sender.composer = test.composer_with(Random::new(move |token| {
        token.copy_from_slice(&Random::system().bytes::<32>());
        if slow.swap(false, Ordering::Relaxed) {
            hands(TimeDelta::seconds(15)); // of 30 s
        }
    }));
    let sender = Arc::new(sender);
    sender.drain().await.unwrap();
    assert!(server.mails().is_empty(), "another might send it, too");
    let row = test.row().await;
    assert_eq!(row.state, NotificationState::Waiting);
    assert!(row.lease_until > Some(test.clock.now()));
    test.forward(TimeDelta::seconds(16));
    sender.drain().await.unwrap();
    assert_eq!(server.recipients(), ["bob@example.com"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn outcome_is_recorded_when_the_database_is_back() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let ann = test.person(1, "Ann").await;
    test.letters_to(&[ann]).await;
    let release = Arc::new(Semaphore::new(0));
    server.next("ann@example.com", [Act::Hold(release.clone())]);
    let sender = Arc::new(test.sender(&server));
    let sending = tokio::spawn(async move { sender.drain().await });
    server.is_asked_for("ann@example.com", 1).await;
    test.execute("ALTER TABLE notifications RENAME TO gone")
        .await;
    release.add_permits(1);
    server.takes(1).await;
    test.clock_is_asked(6).await; // twice for each time that it could not be written down
    test.execute("ALTER TABLE gone RENAME TO notifications")
        .await;
    sending.await.unwrap().unwrap();
    let row = test.row().await;
    assert_eq!((row.state, row.attempts), (NotificationState::Sent, 1));
    assert_eq!(server.mails().len(), 1);
}
