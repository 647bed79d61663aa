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
    House,
    golden::golden,
    locks::lock_the_inbox,
    smtp::{Act, SmtpServer},
};

/// Leases all due letters to a sender that does nothing with them.
async fn leased(house: &House) -> Vec<notification::Model> {
    let clock = house.clock.clone();
    let leased = house.database.write(move |transaction| {
        Box::pin(async move { inbox::lease(transaction, 100, Recipients::Any, &[], &clock).await })
    });
    leased.await.map_err(|cause: DbErr| cause).unwrap()
}

#[tokio::test]
async fn leased_letter_is_not_taken_when_the_clock_is_ahead() {
    let house = House::new().await;
    let ann = house.person(1, "Ann").await;
    house.letters_to(&[ann]).await;
    assert_eq!(leased(&house).await.len(), 1);
    let clock = house.clock.clone();
    let ahead = Clock::new(move || clock.now() + TimeDelta::days(40));
    let again = house.database.write(move |transaction| {
        Box::pin(async move { inbox::lease(transaction, 100, Recipients::Any, &[], &ahead).await })
    });
    let again = again.await.map_err(|cause: DbErr| cause).unwrap();
    assert!(again.is_empty(), "{again:?}");
}

async fn record(house: &House, row: notification::Model, verdict: Verdict) {
    let recorded = house.database.write(move |transaction| {
        Box::pin(async move { inbox::record(transaction, &row, verdict).await })
    });
    recorded.await.map_err(|cause: DbErr| cause).unwrap();
}

#[tokio::test]
async fn letter_of_a_dead_sender_returns_when_its_lease_expires() {
    let (house, server) = (House::new().await, SmtpServer::start().await);
    let ann = house.person(1, "Ann").await;
    house.letters_to(&[ann]).await;
    assert_eq!(leased(&house).await.len(), 1);
    let sender = Arc::new(house.sender(&server));
    assert_eq!(sender.drain().await.unwrap(), 0);
    house.forward(TimeDelta::seconds(20));
    assert_eq!(
        sender.drain().await.unwrap(),
        0,
        "longer than a send may take"
    );
    house.forward(TimeDelta::seconds(11));
    assert_eq!(sender.drain().await.unwrap(), 1);
    let row = house.row().await;
    assert_eq!((row.state, row.attempts), (NotificationState::Sent, 2));
}

#[tokio::test]
async fn expired_lease_does_not_overwrite_another_outcome() {
    let (house, server) = (House::new().await, SmtpServer::start().await);
    let ann = house.person(1, "Ann").await;
    house.letters_to(&[ann]).await;
    let late = leased(&house).await.remove(0);
    house.forward(TimeDelta::seconds(31));

    // While the other holds the lease.
    let other = leased(&house).await.remove(0);
    let in_other_hands = house.row().await;
    let dead = Verdict::Finished(NotificationState::Dead, "late".to_owned());
    record(&house, late.clone(), dead).await;
    assert_eq!(house.row().await, in_other_hands);

    // And after the other has finished.
    record(
        &house,
        other,
        Verdict::Finished(NotificationState::Sent, "250".to_owned()),
    )
    .await;
    let sent = house.row().await;
    let again = Verdict::Later(TimeDelta::zero(), "late".to_owned());
    record(&house, late, again).await;
    assert_eq!(house.row().await, sent);
    assert_eq!(Arc::new(house.sender(&server)).drain().await.unwrap(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn letter_keeps_its_message_id_when_sent_twice() {
    let (house, server) = (House::new().await, SmtpServer::start().await);
    let ann = house.person(1, "Ann").await;
    house.letters_to(&[ann]).await;
    let release = Arc::new(Semaphore::new(0));
    server.next("ann@example.com", [Act::Hold(release.clone())]);
    let frozen = Arc::new(house.sender(&server));
    let frozen = tokio::spawn(async move { frozen.drain().await });
    server.is_asked_for("ann@example.com", 1).await;
    house.forward(TimeDelta::seconds(31));
    Arc::new(house.sender(&server)).drain().await.unwrap();
    release.add_permits(1);
    frozen.await.unwrap().unwrap();
    let ids: Vec<_> = server
        .mails()
        .iter()
        .map(|mail| mail.header("Message-ID"))
        .collect();
    let row = house.row().await;
    let expected = format!("<{}.1@games.example>", row.event_id);
    assert_eq!(ids, [expected.clone(), expected]);
    assert_eq!((row.state, row.attempts), (NotificationState::Sent, 2));
}

#[tokio::test]
async fn lease_starts_when_granted_however_long_the_wait() {
    let (house, server) = (House::new().await, SmtpServer::start().await);
    let ann = house.person(1, "Ann").await;
    house.letters_to(&[ann]).await;
    let locked = lock_the_inbox(&house).await;
    let sender = Arc::new(house.sender(&server));
    let sending = tokio::spawn(async move { sender.drain().await });
    tokio::task::yield_now().await; // on one thread: so it has asked for letters
    house.forward(TimeDelta::seconds(31));
    locked.commit().await;
    sending.await.unwrap().unwrap();
    let row = house.row().await;
    assert_eq!((row.state, row.attempts), (NotificationState::Sent, 1));
}

#[tokio::test]
async fn letter_is_left_for_the_next_lease_when_composing_is_slow() {
    let (house, server) = (House::new().await, SmtpServer::start().await);
    house.person(2, "Bob").await;
    house
        .receive(&[golden("user.password_reset_requested")])
        .await;
    let mut sender = house.sender(&server);
    let (hands, slow) = (house.hands(), AtomicBool::new(true));
    sender.composer = house.composer_with(Random::new(move |token| {
        token.copy_from_slice(&Random::system().bytes::<32>());
        if slow.swap(false, Ordering::Relaxed) {
            hands(TimeDelta::seconds(15)); // of 30 s
        }
    }));
    let sender = Arc::new(sender);
    sender.drain().await.unwrap();
    assert!(server.mails().is_empty(), "another might send it, too");
    let row = house.row().await;
    assert_eq!(row.state, NotificationState::Waiting);
    assert!(row.lease_until > Some(house.clock.now()));
    house.forward(TimeDelta::seconds(16));
    sender.drain().await.unwrap();
    assert_eq!(server.recipients(), ["bob@example.com"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn outcome_is_recorded_when_the_database_is_back() {
    let (house, server) = (House::new().await, SmtpServer::start().await);
    let ann = house.person(1, "Ann").await;
    house.letters_to(&[ann]).await;
    let release = Arc::new(Semaphore::new(0));
    server.next("ann@example.com", [Act::Hold(release.clone())]);
    let sender = Arc::new(house.sender(&server));
    let sending = tokio::spawn(async move { sender.drain().await });
    server.is_asked_for("ann@example.com", 1).await;
    house
        .execute("ALTER TABLE notifications RENAME TO gone")
        .await;
    release.add_permits(1);
    server.takes(1).await;
    house.clock_is_asked(6).await; // twice for each time that it could not be written down
    house
        .execute("ALTER TABLE gone RENAME TO notifications")
        .await;
    sending.await.unwrap().unwrap();
    let row = house.row().await;
    assert_eq!((row.state, row.attempts), (NotificationState::Sent, 1));
    assert_eq!(server.mails().len(), 1);
}
