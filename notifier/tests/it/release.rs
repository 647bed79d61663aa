//! Held and merged letters about offers, and the hourly limit: as few letters as possible, and no event lost.

use std::{collections::BTreeMap, sync::Arc};

use chrono::TimeDelta;
use entity::{
    NotificationState::{self, Held, Merged, Sent, Waiting},
    OfferId, UserId,
    event::{Event, OfferEvent, OfferFacts, cloud::CloudEvent},
    notification,
};
use futures_util::future::join_all;
use notifier::release::{HOURLY_LIMIT, UPDATE_HOLD};
use platform::system::Random;

use crate::support::{
    TestNotifier,
    golden::{golden, recipients},
    smtp::SmtpServer,
};

const HOUR: TimeDelta = TimeDelta::hours(1);

/// Creates an event, at the present time, of an offer of Ann (1) to Bob (2).
fn event(test: &TestNotifier, kind: &str, offer: i64, version: i64) -> CloudEvent {
    let mut event = golden(kind);
    event.id = Random::system().uuid_v7(test.clock.now());
    event.sequence = version;
    let facts = facts(&mut event);
    facts.offer_id = OfferId(offer);
    facts.offered_games[0].name = format!("Game {version}");
    event
}

fn facts(event: &mut CloudEvent) -> &mut OfferFacts {
    match &mut event.event {
        Event::Offer(_, facts) => facts,
        other => panic!("{other:?} is of no offer"),
    }
}

async fn with_ann_and_bob() -> (TestNotifier, SmtpServer) {
    let test = TestNotifier::new().await;
    test.person(1, "Ann").await;
    test.person(2, "Bob").await;
    (test, SmtpServer::start().await)
}

async fn send(test: &TestNotifier, server: &SmtpServer) {
    Arc::new(test.sender(server)).drain().await.unwrap();
}

/// Counts the letters to a recipient.
fn came_to(server: &SmtpServer, recipient: &str) -> usize {
    let recipients = server.recipients();
    recipients.iter().filter(|one| *one == recipient).count()
}

async fn states_of(test: &TestNotifier, recipient: i64) -> BTreeMap<String, usize> {
    let mut states = BTreeMap::new();
    for row in test.rows().await {
        if row.recipient_id == UserId(recipient) {
            *states.entry(format!("{:?}", row.state)).or_default() += 1;
        }
    }
    states
}

/// Asserts that a sent letter covers each event, and that each letter covers as many as it says.
async fn nothing_is_lost(test: &TestNotifier) {
    let rows = test.rows().await;
    let by_id: BTreeMap<_, _> = rows.iter().map(|row| (row.id, row)).collect();
    let mut told = BTreeMap::<_, i64>::new();
    for row in &rows {
        let mut letter: &notification::Model = row;
        while let Some(covering) = letter.covered_by {
            letter = by_id[&covering];
        }
        assert_eq!(letter.state, Sent, "{row:?}");
        *told.entry(letter.id).or_default() += 1;
    }
    for (id, events) in told {
        assert_eq!(by_id[&id].changes, events, "{:?}", by_id[&id]);
    }
}

#[tokio::test]
async fn updates_within_a_minute_become_the_newest_letter() {
    let (test, server) = with_ann_and_bob().await;
    let mut newest = None;
    for version in 2..12 {
        let update = event(&test, "offer.updated", 7, version);
        test.receive(std::slice::from_ref(&update)).await;
        newest = Some(update.id);
        send(&test, &server).await;
        test.forward(TimeDelta::seconds(2));
    }
    assert_eq!(server.mails().len(), 0, "the minute is not over");
    test.forward(TimeDelta::seconds(40));
    send(&test, &server).await;
    let mails = server.mails();
    assert_eq!(mails.len(), 2, "one to each party");
    for mail in mails {
        assert!(mail.data.contains("Game 11"), "{}", mail.data);
        let id = newest.unwrap().to_string();
        assert!(mail.header("Message-ID").contains(&id), "{id}");
    }
    nothing_is_lost(&test).await;

    let next = event(&test, "offer.updated", 7, 12);
    test.receive(&[next]).await;
    test.forward(UPDATE_HOLD);
    send(&test, &server).await;
    assert_eq!(server.mails().len(), 4, "another minute, another letter");
    nothing_is_lost(&test).await;
}

#[tokio::test]
async fn update_is_held_when_the_clock_is_ahead() {
    let (test, server) = with_ann_and_bob().await;
    test.receive(&[event(&test, "offer.updated", 7, 2)]).await;
    let ahead = Arc::new(test.sender_ahead(&server));
    ahead.drain().await.unwrap();
    assert_eq!(server.mails().len(), 0, "the minute is not over");
    test.forward(UPDATE_HOLD);
    ahead.drain().await.unwrap();
    assert_eq!(server.mails().len(), 2);
}

#[tokio::test]
async fn newest_update_has_the_highest_version() {
    let (test, server) = with_ann_and_bob().await;
    for version in [4, 2, 3] {
        test.receive(&[event(&test, "offer.updated", 7, version)])
            .await;
    }
    test.forward(UPDATE_HOLD);
    send(&test, &server).await;
    for mail in server.mails() {
        assert!(mail.data.contains("Game 4"), "{}", mail.data);
    }
    nothing_is_lost(&test).await;
}

#[tokio::test]
async fn covering_update_is_covered_with_its_predecessors() {
    let (test, server) = with_ann_and_bob().await;
    let first = [
        event(&test, "offer.created", 7, 1),
        event(&test, "offer.updated", 7, 2),
        event(&test, "offer.updated", 7, 3),
    ];
    test.receive(&first).await;
    send(&test, &server).await;
    assert_eq!(server.mails().len(), 2, "of letters that are not updates");
    test.receive(&[event(&test, "offer.updated", 7, 4)]).await;
    test.forward(UPDATE_HOLD);
    send(&test, &server).await;
    assert_eq!(server.mails().len(), 4);
    nothing_is_lost(&test).await;
}

#[tokio::test]
async fn updates_of_different_offers_are_separate_letters() {
    let (test, server) = with_ann_and_bob().await;
    for offer in [7, 8] {
        for version in [2, 3] {
            test.receive(&[event(&test, "offer.updated", offer, version)])
                .await;
        }
    }
    test.forward(UPDATE_HOLD);
    send(&test, &server).await;
    assert_eq!(came_to(&server, "bob@example.com"), 2);
    nothing_is_lost(&test).await;
}

#[tokio::test]
async fn other_letters_are_sent_at_once() {
    let (test, server) = with_ann_and_bob().await;
    let others = OfferEvent::ALL
        .iter()
        .filter(|kind| **kind != OfferEvent::Updated);
    let mut letters = 0;
    for (offer, kind) in others.enumerate() {
        letters += recipients(kind.as_str()).len();
        test.receive(&[event(&test, kind.as_str(), offer as i64, 2)])
            .await;
    }
    send(&test, &server).await;
    assert_eq!(server.mails().len(), letters);
}

#[tokio::test]
async fn reply_is_sent_at_once_and_covers_earlier_updates() {
    let (test, server) = with_ann_and_bob().await;
    let batch = [
        event(&test, "offer.updated", 7, 2),
        event(&test, "offer.updated", 7, 3),
        event(&test, "offer.accepted", 7, 4),
        event(&test, "offer.updated", 8, 2),
    ];
    test.receive(&batch).await;
    send(&test, &server).await;
    assert_eq!(server.mails().len(), 2);
    test.forward(UPDATE_HOLD);
    send(&test, &server).await;
    assert_eq!(server.mails().len(), 4, "the other offer's");
    nothing_is_lost(&test).await;
}

#[tokio::test]
async fn letters_over_the_hourly_limit_end_in_one_summary() {
    let (test, server) = with_ann_and_bob().await;
    let offers: Vec<_> = (1..=50)
        .map(|offer| event(&test, "offer.created", offer, 1))
        .collect();
    test.receive(&offers).await;
    send(&test, &server).await;
    assert_eq!(came_to(&server, "bob@example.com"), HOURLY_LIMIT);
    let mails = server.mails();
    let to_bob = mails.iter().filter(|mail| mail.to == ["bob@example.com"]);
    let subjects: Vec<_> = to_bob.map(|mail| mail.header("Subject")).collect();
    let many = "31 changes to your offers with Ann Lee".to_owned();
    assert_eq!(subjects.iter().filter(|one| **one == many).count(), 1);
    nothing_is_lost(&test).await;
}

#[tokio::test]
async fn letters_over_the_hourly_limit_wait_for_one_summary() {
    let (test, server) = with_ann_and_bob().await;
    for offer in 1..=50 {
        test.receive(&[event(&test, "offer.created", offer, 1)])
            .await;
        send(&test, &server).await;
        test.forward(TimeDelta::seconds(1));
    }
    assert_eq!(came_to(&server, "bob@example.com"), HOURLY_LIMIT);
    let states = states_of(&test, 2).await;
    assert_eq!(states["Held"], 1, "{states:?}");
    assert_eq!(states["Merged"], 29, "{states:?}");

    test.forward(HOUR - TimeDelta::minutes(10));
    send(&test, &server).await;
    assert_eq!(came_to(&server, "bob@example.com"), HOURLY_LIMIT, "not yet");
    test.forward(TimeDelta::minutes(10));
    send(&test, &server).await;
    assert_eq!(came_to(&server, "bob@example.com"), HOURLY_LIMIT + 1);
    let last = server.mails().pop().unwrap();
    assert!(last.header("Subject").contains("30 changes"), "{last:?}");
    nothing_is_lost(&test).await;
}

#[tokio::test]
async fn hourly_limit_of_one_user_does_not_delay_others() {
    let (test, server) = with_ann_and_bob().await;
    test.person(3, "Cid").await;
    let flood: Vec<_> = (1..=HOURLY_LIMIT as i64 + 5)
        .map(|offer| event(&test, "offer.created", offer, 1))
        .collect();
    test.receive(&flood).await;
    send(&test, &server).await;

    let mut from_cid = event(&test, "offer.created", 100, 1);
    facts(&mut from_cid).offerer.user_id = UserId(3);
    let bobs_own = event(&test, "offer.rejected", 1, 2);
    test.receive(&[from_cid, bobs_own]).await;
    let account = [(); HOURLY_LIMIT + 5].map(|()| test.event_of(UserId(2)));
    test.receive(&account).await;
    send(&test, &server).await;
    let held = states_of(&test, 2).await.get("Held").copied();
    assert_eq!(held, None, "nothing to Bob is held");
    assert_eq!(
        came_to(&server, "bob@example.com"),
        HOURLY_LIMIT + 2 + account.len()
    );
    assert_eq!(
        came_to(&server, "ann@example.com"),
        HOURLY_LIMIT + 1,
        "Bob's answer"
    );
    nothing_is_lost(&test).await;
}

#[tokio::test]
async fn skipped_letters_do_not_count_toward_the_limit() {
    let (test, server) = with_ann_and_bob().await;
    test.execute("UPDATE users SET email_confirmed_at = NULL WHERE id = 2")
        .await;
    for offer in 1..=HOURLY_LIMIT as i64 {
        test.receive(&[event(&test, "offer.created", offer, 1)])
            .await;
        send(&test, &server).await;
    }
    test.execute("UPDATE users SET email_confirmed_at = created_at")
        .await;
    test.receive(&[event(&test, "offer.created", 100, 1)]).await;
    send(&test, &server).await;
    assert_eq!(came_to(&server, "bob@example.com"), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn notifiers_share_the_hourly_limit() {
    let (test, server) = with_ann_and_bob().await;
    let test = Arc::new(test);
    let work = (0..4).map(|nth| {
        let (test, server) = (test.clone(), server.clone());
        tokio::spawn(async move {
            for offer in 0..15 {
                let created = event(&test, "offer.created", 100 * nth + offer, 1);
                test.receive(&[created]).await;
                send(&test, &server).await;
            }
        })
    });
    for done in join_all(work).await {
        done.unwrap();
    }
    send(&test, &server).await;
    assert_eq!(came_to(&server, "bob@example.com"), HOURLY_LIMIT);
    test.forward(HOUR);
    send(&test, &server).await;
    assert_eq!(came_to(&server, "bob@example.com"), HOURLY_LIMIT + 1);
    nothing_is_lost(&test).await;
}

#[tokio::test]
async fn summary_letter_is_the_same_when_sent_again() {
    let (test, server) = with_ann_and_bob().await;
    let offers: Vec<_> = (1..=30)
        .map(|offer| event(&test, "offer.created", offer, 1))
        .collect();
    test.receive(&offers).await;
    send(&test, &server).await;
    let many = |row: &notification::Model| row.changes > 1 && row.recipient_id == UserId(2);
    let rows = test.rows().await;
    let row = rows.iter().find(|row| many(row)).unwrap();
    let again = test.composer();
    let [first, second] = [again.compose(row).await, again.compose(row).await];
    assert_eq!(first.unwrap(), second.unwrap());
}

/// Rows of the previous version, which writes them during a rolling update.
#[tokio::test]
async fn unheld_letters_are_sent_at_once() {
    let (test, server) = with_ann_and_bob().await;
    for offer in 1..=HOURLY_LIMIT as i64 + 5 {
        test.receive(&[event(&test, "offer.updated", offer, 2)])
            .await;
    }
    test
        .execute(
            "UPDATE notifications SET state = 'waiting', next_attempt_at = created_at, sender_id = NULL, \
             offer_id = NULL, offer_version = NULL",
        )
        .await;
    send(&test, &server).await;
    let all: &[NotificationState] = &[Held, Waiting, Merged];
    let rows = test.rows().await;
    assert!(rows.iter().all(|row| !all.contains(&row.state)));
    assert_eq!(server.mails().len(), rows.len());
}
