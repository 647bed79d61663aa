//! Races for one outcome, repeated: one writer wins, the other gets the reason.

use entity::{GameId, OfferStatus};
use exchange::{
    error::Error,
    games::DeleteGame,
    offers::{self, AcceptOffer, CancelOffer, OfferChange, RejectOffer},
    users::DeleteUser,
};
use futures_util::{StreamExt, future::join_all, stream};

use crate::support::{Person, TestApp, ledger};

/// The number of runs of each race. The winner differs from one to the next.
const ROUNDS: usize = 10;

struct Pair {
    test: TestApp,
    ann: Person,
    bob: Person,
}

impl Pair {
    async fn new() -> Self {
        let test = TestApp::new().await;
        let [ann, bob] = test.people(["ann", "bob"]).await;
        Self { test, ann, bob }
    }

    /// Lists a game of each.
    async fn games(&self) -> (GameId, GameId) {
        (
            self.ann.lists("Metroid").await,
            self.bob.lists("Zelda").await,
        )
    }
}

fn refused<T>(outcome: Result<T, Error>) -> Option<&'static str> {
    outcome.err().map(|failure| failure.code())
}

/// Asserts that exactly one won. Returns the codes of the others.
#[track_caller]
fn losers(outcomes: impl IntoIterator<Item = Option<&'static str>>) -> Vec<&'static str> {
    let outcomes: Vec<_> = outcomes.into_iter().collect();
    let losers: Vec<_> = outcomes.iter().flatten().copied().collect();
    assert_eq!(losers.len() + 1, outcomes.len(), "one wins: {outcomes:?}");
    losers
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_twice_together_settles_once() {
    let Pair { test, ann, bob } = &Pair::new().await;
    let (mut mine, mut theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    for _ in 0..ROUNDS {
        let id = ann.offers(&[mine], &[theirs]).await.unwrap().id;
        let accept = || test.app.execute(bob.actor, AcceptOffer { offer: id });
        let accepts = join_all((0..4).map(|_| accept())).await;
        assert_eq!(
            losers(accepts.into_iter().map(refused)),
            ["offer_closed"; 3]
        );
        (mine, theirs) = (theirs, mine);
    }
    ledger::audit(test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_of_rivals_together_settles_one() {
    let pair = Pair::new().await;
    let (test, ann, bob) = (&pair.test, &pair.ann, &pair.bob);
    for _ in 0..ROUNDS {
        // Rivals over two games each, named in opposite order.
        let ((one, other), (zelda, doom)) = (pair.games().await, pair.games().await);
        let first = ann.offers(&[one, zelda], &[other, doom]).await.unwrap().id;
        let second = bob.offers(&[doom, other], &[zelda]).await.unwrap().id;
        let (left, right) = tokio::join!(
            test.app.execute(bob.actor, AcceptOffer { offer: first }),
            test.app.execute(ann.actor, AcceptOffer { offer: second }),
        );
        assert_eq!(losers([refused(left), refused(right)]), ["offer_closed"]);
    }
    ledger::audit(test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_cancel_and_reject_together_close_an_offer_once() {
    let pair = Pair::new().await;
    let (test, ann, bob) = (&pair.test, &pair.ann, &pair.bob);
    for _ in 0..ROUNDS {
        let (mine, theirs) = pair.games().await;
        let id = ann.offers(&[mine], &[theirs]).await.unwrap().id;
        let (accept, reject, cancel) = tokio::join!(
            test.app.execute(bob.actor, AcceptOffer { offer: id }),
            test.app.execute(bob.actor, RejectOffer { offer: id }),
            test.app.execute(ann.actor, CancelOffer::new(id)),
        );
        assert_eq!(
            losers([refused(accept), refused(reject), refused(cancel)]),
            ["offer_closed"; 2]
        );
    }
    ledger::audit(test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_settles_the_locked_terms_during_updates() {
    let pair = Pair::new().await;
    let (test, ann, bob) = (&pair.test, &pair.ann, &pair.bob);
    for _ in 0..ROUNDS {
        let (mine, theirs) = pair.games().await;
        let (other, another) = pair.games().await;
        let id = ann.offers(&[mine], &[theirs]).await.unwrap().id;
        let to = |offered, requested| OfferChange {
            offered: Some(vec![offered]),
            requested: Some(vec![requested]),
            ..OfferChange::default()
        };
        let updates = (0..6).map(|turn| match turn % 2 {
            0 => to(other, another),
            _ => to(mine, theirs),
        });
        let updates =
            join_all(updates.map(|change| offers::update(&test.app, ann.actor, id, change)));
        let accept = test.app.execute(bob.actor, AcceptOffer { offer: id });
        let (accept, updates) = tokio::join!(accept, updates);
        accept.unwrap();
        assert!(
            updates
                .into_iter()
                .filter_map(refused)
                .all(|code| code == "offer_closed")
        );
    }
    ledger::audit(test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_or_delete_game_wins_when_both_run_together() {
    let pair = Pair::new().await;
    let (test, ann, bob) = (&pair.test, &pair.ann, &pair.bob);
    for _ in 0..ROUNDS {
        let (mine, theirs) = pair.games().await;
        let id = ann.offers(&[mine], &[theirs]).await.unwrap().id;
        let (accept, delete) = tokio::join!(
            test.app.execute(bob.actor, AcceptOffer { offer: id }),
            test.app.execute(ann.actor, DeleteGame { game: mine }),
        );
        let lost = losers([refused(accept), refused(delete)]);
        assert!(
            lost == ["offer_closed"] || lost == ["only_owner"],
            "{lost:?}"
        );
    }
    ledger::audit(test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_settles_or_closes_while_the_offerer_is_deleted() {
    let test = TestApp::new().await;
    let bob = test.with_user("bob").await;
    for round in 0..ROUNDS {
        let ann = test.with_user(&format!("ann-{round}")).await;
        let (mine, theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
        let id = ann.offers(&[mine], &[theirs]).await.unwrap().id;
        let (accept, delete) = tokio::join!(
            test.app.execute(bob.actor, AcceptOffer { offer: id }),
            test.app.execute(ann.actor, DeleteUser { user: ann.id }),
        );
        delete.unwrap();
        match accept {
            Ok(_) => assert_eq!(test.game(theirs).await.owner_id, ann.id),
            Err(failure) => assert_eq!(failure.code(), "offer_closed"),
        }
        assert_ne!(test.offer(id).await.status, OfferStatus::Pending);
        let left = test
            .game(if test.game(mine).await.owner_id == ann.id {
                mine
            } else {
                theirs
            })
            .await;
        assert!(
            left.deleted_at.is_some(),
            "what the offerer owned at the end left with them: {left:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn create_twice_together_makes_one_offer() {
    let pair = Pair::new().await;
    for _ in 0..ROUNDS {
        let (mine, theirs) = pair.games().await;
        let (offered, requested) = ([mine], [theirs]);
        let offers = join_all((0..4).map(|_| pair.ann.offers(&offered, &requested))).await;
        assert_eq!(
            losers(offers.into_iter().map(refused)),
            ["duplicate_offer"; 3]
        );
    }
    ledger::audit(&pair.test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_creates_never_exceed_a_hundred_pending() {
    let pair = Pair::new().await;
    let mine = pair.ann.lists("Metroid").await;
    let mut theirs = Vec::new();
    for number in 0..110 {
        theirs.push(pair.bob.lists(&format!("Game {number}")).await);
    }
    let offered = [mine];
    let offers = theirs
        .iter()
        .map(|theirs| pair.ann.offers(&offered, std::slice::from_ref(theirs)));
    // Fewer at once than connections, as admission ensures.
    let offers: Vec<_> = stream::iter(offers).buffer_unordered(16).collect().await;
    let refusals: Vec<_> = offers.into_iter().filter_map(refused).collect();
    assert_eq!(refusals, ["too_many_offers"; 10]);
    ledger::audit(&pair.test).await;
}
