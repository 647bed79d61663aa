//! Create an offer.

use entity::GameId;
use exchange::{
    games::DeleteGame,
    offers::{self, CancelOffer, MAX_GAMES, RejectOffer},
};
use serde_json::json;

use super::update::games_change;
use crate::support::{TestApp, code, ledger};

#[tokio::test(flavor = "multi_thread")]
async fn create_rejects_games_that_cannot_be_traded() {
    let test = TestApp::new().await;
    let [ann, bob, eve] = test.people(["ann", "bob", "eve"]).await;
    let (metroid, ico) = (ann.lists("Metroid").await, ann.lists("Ico").await);
    let (zelda, gone, tetris) = (
        bob.lists("Zelda").await,
        bob.lists("Gone").await,
        eve.lists("Tetris").await,
    );
    test.app
        .execute(bob.actor, DeleteGame { game: gone })
        .await
        .unwrap();
    let nowhere = GameId(99);
    let many: Vec<_> = (1..=21).map(GameId).collect();
    for (offered, requested, refusal) in [
        (&[tetris][..], &[zelda][..], "not_your_game"),
        (&[metroid, tetris], &[zelda], "not_your_game"),
        (&[metroid], &[ico], "own_game"),
        (&[metroid], &[zelda, ico], "own_game"),
        (&[metroid], &[zelda, tetris], "several_owners"),
        (&[metroid], &[gone], "game_not_found"),
        (&[metroid], &[nowhere], "game_not_found"),
        (&[nowhere], &[zelda], "game_not_found"),
        (&[metroid, ico], &[zelda, metroid], "own_game"),
        (&[metroid, zelda], &[zelda], "not_your_game"),
        (&[], &[zelda], "invalid"),
        (&[metroid], &[], "invalid"),
        (&[metroid], &many, "invalid"),
        (&many, &[zelda], "invalid"),
    ] {
        assert_eq!(
            code(ann.offers(offered, requested).await),
            refusal,
            "{offered:?} for {requested:?}"
        );
    }
    assert_eq!(test.events().await, [], "a refusal tells nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn create_merges_the_single_game_into_the_list() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let mut mine = Vec::new();
    for _ in 0..MAX_GAMES {
        mine.push(ann.lists("Metroid").await);
    }
    let zelda = bob.lists("Zelda").await;
    let body =
        json!({"offered_game_id": mine[0], "offered_game_ids": mine, "requested_game_id": zelda});
    let offer = ann.client().post("/offers", body).await.expect(201);
    assert_eq!(offer["offered_game_ids"], json!(mine));
}

#[tokio::test(flavor = "multi_thread")]
async fn create_rejects_a_duplicate_pending_offer() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (metroid, ico, zelda) = (
        ann.lists("Metroid").await,
        ann.lists("Ico").await,
        bob.lists("Zelda").await,
    );
    let first = ann.offers(&[metroid, ico], &[zelda]).await.unwrap().id;
    assert_eq!(
        code(ann.offers(&[ico, metroid, ico], &[zelda]).await),
        "duplicate_offer"
    );
    let same = json!({"offered_game_ids": [ico, metroid], "requested_game_id": zelda});
    let refusal = ann.client().post("/offers", same).await;
    assert_eq!(
        refusal.body["_links"]["offer"]["href"],
        format!("/offers/{first}")
    );
    assert_eq!(refusal.problem(409), "duplicate_offer");
    // A part of the offer and its mirror image are other offers.
    let other = ann.offers(&[metroid], &[zelda]).await.unwrap().id;
    bob.offers(&[zelda], &[metroid, ico]).await.unwrap();
    let change = games_change(&[metroid, ico], &[zelda]);
    assert_eq!(
        code(offers::update(&test.app, ann.actor, other, change).await),
        "duplicate_offer"
    );
    test.app
        .execute(ann.actor, CancelOffer::new(first))
        .await
        .unwrap();
    ann.offers(&[metroid, ico], &[zelda]).await.unwrap();
    ledger::audit(&test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn create_rejects_the_hundred_and_first_pending_offer() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let mine = ann.lists("Metroid").await;
    let mut last = None;
    for number in 1..=100 {
        let theirs = bob.lists(&format!("Game {number}")).await;
        last = Some(ann.offers(&[mine], &[theirs]).await.unwrap().id);
    }
    let theirs = bob.lists("One more").await;
    assert_eq!(
        code(ann.offers(&[mine], &[theirs]).await),
        "too_many_offers"
    );
    test.app
        .execute(
            bob.actor,
            RejectOffer {
                offer: last.unwrap(),
            },
        )
        .await
        .unwrap();
    ann.offers(&[mine], &[theirs]).await.unwrap();
}
