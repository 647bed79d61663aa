//! Letters that hang, and others.

use std::{future::poll_fn, pin::Pin, sync::Arc, time::Duration};

use entity::{NotificationState, UserId};
use notifier::sender::lanes::{Lanes, Place};
use tokio::sync::{oneshot, watch};
use tokio_util::sync::CancellationToken;

use crate::support::{
    House,
    smtp::{Act, SmtpServer},
    with_lanes, within_a_minute,
};

const PATIENCE: Duration = Duration::from_millis(50);

#[tokio::test(flavor = "multi_thread")]
async fn many_letters_that_hang_do_not_hold_up_others() {
    const HANGING: i64 = 12;
    let (house, server) = (House::new().await, SmtpServer::start().await);
    let mut queue = Vec::new();
    for id in 1..=HANGING {
        queue.push(house.person(id, &format!("hanging{id}")).await);
        server.always(&format!("hanging{id}@example.com"), Act::Hang);
    }
    queue.push(house.person(100, "Ann").await);
    house.letters_to(&queue).await;

    let stop = CancellationToken::new();
    let sender = with_lanes(house.sender(&server), Lanes::new(2, 20, PATIENCE));
    let running = tokio::spawn(sender.run(stop));
    server.takes(1).await;
    assert_eq!(server.recipients(), ["ann@example.com"]);
    // She came last, and none of those before her has been given up.
    server.hangs(HANGING as usize).await;
    let rows = house.rows().await;
    let before_her = rows.iter().take(HANGING as usize);
    for row in before_her {
        assert_eq!((row.state, row.attempts), (NotificationState::Waiting, 1));
    }
    running.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_to_somebody_whose_mailbox_hangs_are_passed_over() {
    let (house, server) = (House::new().await, SmtpServer::start().await);
    let [ann, bob] = [house.person(1, "Ann").await, house.person(2, "Bob").await];
    server.always("bob@example.com", Act::Hang);
    house.letters_to(&[bob; 30]).await;
    house.letters_to(&[ann; 30]).await;

    let stop = CancellationToken::new();
    let sender = with_lanes(house.sender(&server), Lanes::new(2, 20, PATIENCE));
    let running = tokio::spawn(sender.run(stop));
    server.takes(30).await;
    assert_eq!(
        server.attempts("bob@example.com"),
        2,
        "what was begun before it was known"
    );
    running.abort();
}

// On one thread, so that whoever has seen a send wait for its turn knows that it does.
#[tokio::test]
async fn full_slow_lane_takes_a_send_as_soon_as_it_has_a_place() {
    let lanes = Arc::new(Lanes::new(1, 1, PATIENCE));
    let place = lanes.free().await.remove(0);
    let first = begin(&lanes, place, UserId(1));
    let place = within_a_minute(lanes.free()).await.remove(0); // the first has made way
    let mut second = begin(&lanes, place, UserId(2));
    let waits = second.polls.wait_for(|polls| *polls >= 2); // its patience is at an end
    within_a_minute(waits).await.unwrap();
    assert_eq!(lanes.waited_for(), [UserId(1)]);

    first.release.send(()).unwrap();
    assert_eq!(within_a_minute(lanes.free()).await.len(), 1);
    assert_eq!(lanes.waited_for(), [UserId(2)]);
}

/// A send that takes as long as the test wants.
struct Send {
    release: oneshot::Sender<()>,
    /// How often it was looked at.
    polls: watch::Receiver<usize>,
}

fn begin(lanes: &Arc<Lanes>, place: Place, recipient: UserId) -> Send {
    let (release, mut released) = oneshot::channel();
    let (count, polls) = watch::channel(0);
    let send = poll_fn(move |context| {
        count.send_modify(|polls| *polls += 1);
        Pin::new(&mut released).poll(context)
    });
    let lanes = lanes.clone();
    tokio::spawn(async move { lanes.run(place, recipient, send).await });
    Send { release, polls }
}
