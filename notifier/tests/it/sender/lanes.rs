//! Lanes: hanging letters do not delay others.

use std::{future::poll_fn, pin::Pin, sync::Arc, time::Duration};

use entity::{NotificationState, UserId, notification};
use notifier::sender::{
    Sender,
    lanes::{Lanes, Permit},
};
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::support::{
    TestNotifier,
    smtp::{Act, SmtpServer},
    within_a_minute,
};

const TIMEOUT: Duration = Duration::from_millis(50);

#[tokio::test(flavor = "multi_thread")]
async fn hanging_letters_do_not_delay_others() {
    const HANGING: i64 = 12;
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let mut queue = Vec::new();
    for id in 1..=HANGING {
        queue.push(test.person(id, &format!("hanging{id}")).await);
        server.always(&format!("hanging{id}@example.com"), Act::Hang);
    }
    queue.push(test.person(100, "Ann").await);
    test.letters_to(&queue).await;

    let stop = CancellationToken::new();
    let sender = with_lanes(test.sender(&server), Lanes::new(2, 0, 20, TIMEOUT));
    let running = tokio::spawn(sender.run(stop));
    server.takes(1).await;
    assert_eq!(server.recipients(), ["ann@example.com"]);
    // She came last, and no earlier letter has timed out.
    server.hangs(HANGING as usize).await;
    let rows = test.rows().await;
    let before_her = rows.iter().take(HANGING as usize);
    for row in before_her {
        assert_eq!((row.state, row.attempts), (NotificationState::Waiting, 1));
    }
    running.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_to_a_hanging_mailbox_are_passed_over() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let [ann, bob] = [test.person(1, "Ann").await, test.person(2, "Bob").await];
    server.always("bob@example.com", Act::Hang);
    test.letters_to(&[bob; 30]).await;
    test.letters_to(&[ann; 30]).await;

    let stop = CancellationToken::new();
    let sender = with_lanes(test.sender(&server), Lanes::new(2, 0, 20, TIMEOUT));
    let running = tokio::spawn(sender.run(stop));
    server.takes(30).await;
    assert_eq!(
        server.attempts("bob@example.com"),
        2,
        "sends that began before the mailbox was known to hang"
    );
    running.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_recipients_do_not_get_reserved_slots() {
    const OPEN: usize = 2;
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let mut queue = Vec::new();
    for id in 1..=12 {
        queue.push(test.person(id, &format!("hanging{id}")).await);
        server.always(&format!("hanging{id}@example.com"), Act::Hang);
    }
    test.letters_to(&queue).await;
    test.execute("UPDATE notifications SET attempts = 1, smtp_response = 'no answer within 15 s'")
        .await;
    test.letters_to(&queue).await; // new letters to the same people
    let ann = test.person(100, "Ann").await;
    test.letters_to(&[ann; 3]).await;

    // Nothing moves into the slow lane: a hanging send keeps its slot.
    let lanes = Lanes::new(OPEN, 1, 0, TIMEOUT);
    let sender = with_lanes(test.sender(&server), lanes);
    let running = tokio::spawn(sender.run(CancellationToken::new()));
    server.takes(3).await;
    assert_eq!(server.recipients(), ["ann@example.com"; 3]);
    server.hangs(OPEN).await;
    let rows = test.rows().await;
    let begun = |row: &&notification::Model| row.recipient_id != ann && row.lease_until.is_some();
    assert_eq!(
        rows.iter().filter(begun).count(),
        OPEN,
        "the other letters are still leased"
    );
    running.abort();
}

// On one thread, so that a send that was seen to wait still waits.
#[tokio::test]
async fn slow_lane_takes_a_send_as_soon_as_a_slot_is_free() {
    let lanes = Arc::new(Lanes::new(1, 0, 1, TIMEOUT));
    let permit = lanes.acquire().await.open.remove(0);
    let first = begin(&lanes, permit, UserId(1));
    let permit = within_a_minute(lanes.acquire()).await.open.remove(0); // the first has made way
    let mut second = begin(&lanes, permit, UserId(2));
    let waits = second.polls.wait_for(|polls| *polls >= 2); // its patience is at an end
    within_a_minute(waits).await.unwrap();
    assert_eq!(lanes.slow_recipients(), [UserId(1)]);

    first.release.send(()).unwrap();
    assert_eq!(within_a_minute(lanes.acquire()).await.open.len(), 1);
    assert_eq!(lanes.slow_recipients(), [UserId(2)]);
}

/// A send that takes as long as the test wants.
struct Send {
    release: oneshot::Sender<()>,
    /// The number of polls.
    polls: watch::Receiver<usize>,
}

fn begin(lanes: &Arc<Lanes>, permit: Permit, recipient: UserId) -> Send {
    let (release, mut released) = oneshot::channel();
    let (count, polls) = watch::channel(0);
    let send = poll_fn(move |context| {
        count.send_modify(|polls| *polls += 1);
        Pin::new(&mut released).poll(context)
    });
    let lanes = lanes.clone();
    tokio::spawn(async move { lanes.run(permit, recipient, send).await });
    Send { release, polls }
}

/// Gives the sender its own lanes.
fn with_lanes(mut sender: Sender, lanes: Lanes) -> Arc<Sender> {
    sender.lanes = lanes;
    Arc::new(sender)
}
