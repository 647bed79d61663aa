//! The rules of an offer while it is pending, one story each. Who may do what is in [`crate::permissions`]; what becomes
//! of an offer that is accepted, in [`super::accept`]; what happens at once, in
//! [`crate::quality`].

use entity::{GameId, OfferStatus, UserId, game};
use exchange::{
    games,
    offers::{self, MAX_GAMES, NewOffer, OfferChange},
};
use serde_json::json;

use crate::support::{TestApp, code, ledger};

fn games_change(offered: &[GameId], requested: &[GameId]) -> OfferChange {
    OfferChange {
        offered: Some(offered.to_vec()),
        requested: Some(requested.to_vec()),
        ..OfferChange::default()
    }
}

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
    games::delete(&test.app, bob.actor, gone).await.unwrap();
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
    // Part of it is another offer, and so is its mirror image.
    let other = ann.offers(&[metroid], &[zelda]).await.unwrap().id;
    bob.offers(&[zelda], &[metroid, ico]).await.unwrap();
    let change = games_change(&[metroid, ico], &[zelda]);
    assert_eq!(
        code(offers::update(&test.app, ann.actor, other, change).await),
        "duplicate_offer"
    );
    offers::cancel(&test.app, ann.actor, first).await.unwrap();
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
    offers::reject(&test.app, bob.actor, last.unwrap())
        .await
        .unwrap();
    ann.offers(&[mine], &[theirs]).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn update_changes_the_games_but_not_the_parties() {
    let test = TestApp::new().await;
    let [ann, bob, eve] = test.people(["ann", "bob", "eve"]).await;
    let (metroid, ico) = (ann.lists("Metroid").await, ann.lists("Ico").await);
    let (zelda, doom, tetris) = (
        bob.lists("Zelda").await,
        bob.lists("Doom").await,
        eve.lists("Tetris").await,
    );
    let id = ann.offers(&[metroid], &[zelda]).await.unwrap().id;
    let update = |change| offers::update(&test.app, ann.actor, id, change);
    assert_eq!(
        code(update(games_change(&[metroid], &[tetris])).await),
        "parties_changed"
    );
    assert_eq!(
        code(update(games_change(&[zelda], &[doom])).await),
        "not_your_game"
    );
    assert_eq!(
        code(update(games_change(&[metroid], &[ico])).await),
        "own_game"
    );
    assert_eq!(code(update(games_change(&[], &[zelda])).await), "invalid");
    assert_eq!(test.offer(id).await.version, 1, "a refusal changes nothing");
    let offer = update(games_change(&[ico, metroid], &[doom]))
        .await
        .unwrap();
    assert_eq!((offer.version, offer.receiver_id), (2, bob.id));
    let sides = offers::sides(&test.app, &[id])
        .await
        .unwrap()
        .remove(&id)
        .unwrap();
    let ids = |games: Vec<game::Model>| games.into_iter().map(|game| game.id).collect::<Vec<_>>();
    assert_eq!(
        (ids(sides.offered), ids(sides.requested)),
        (vec![metroid, ico], vec![doom])
    );
    ledger::audit(&test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn update_without_changes_records_no_event() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (metroid, zelda) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    let id = ann.offers(&[metroid], &[zelda]).await.unwrap().id;
    let same = games_change(&[metroid], &[zelda]);
    let offer = offers::update(&test.app, ann.actor, id, same)
        .await
        .unwrap();
    assert_eq!(offer, test.offer(id).await);
    let consent = OfferChange {
        status: Some(OfferStatus::Accepted),
        ..OfferChange::default()
    };
    let offer = offers::update(&test.app, ann.actor, id, consent)
        .await
        .unwrap();
    assert_eq!((offer.status, offer.version), (OfferStatus::Pending, 1));
    assert_eq!(
        test.game(zelda).await.owner_id,
        bob.id,
        "nobody takes a game by accepting alone"
    );
    assert_eq!(test.events().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn update_sets_and_removes_the_message() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (metroid, zelda) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    let new = NewOffer {
        offered: vec![metroid],
        requested: vec![zelda],
        message: Some(" Please!\nIt is for my sister. ".to_owned()),
        requester_id: Some(ann.id),
    };
    let offer = offers::create(&test.app, ann.actor, new).await.unwrap();
    assert_eq!(
        offer.message.as_deref(),
        Some("Please!\nIt is for my sister.")
    );
    for (message, shown) in [(Some("Well?"), Some("Well?")), (None, None)] {
        let change = OfferChange {
            message: Some(message.map(str::to_owned)),
            ..OfferChange::default()
        };
        let offer = offers::update(&test.app, ann.actor, offer.id, change)
            .await
            .unwrap();
        assert_eq!(offer.message.as_deref(), shown);
    }
    let mallory = OfferChange {
        requester_id: Some(UserId(2)),
        ..OfferChange::default()
    };
    assert_eq!(
        code(offers::update(&test.app, ann.actor, offer.id, mallory).await),
        "not_yourself"
    );
    let events: Vec<_> = test
        .events()
        .await
        .into_iter()
        .map(|(event, _)| event)
        .collect();
    assert_eq!(events, ["offer.created", "offer.updated", "offer.updated"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn update_with_a_status_does_the_permitted_action() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (metroid, zelda) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    let id = ann.offers(&[metroid], &[zelda]).await.unwrap().id;
    let path = format!("/offers/{id}");
    let offer = ann
        .client()
        .put(&path, json!({"status": "accepted"}))
        .await
        .expect(200);
    assert_eq!(
        (&offer["status"], &offer["awaiting"]),
        (&json!("pending"), &json!("receiver"))
    );
    assert_eq!(
        ann.client()
            .put(&path, json!({"status": "rejected"}))
            .await
            .problem(403),
        "only_receiver"
    );
    let refusal = bob.client().put(&path, json!({"status": "accepted"})).await;
    let links = &refusal.body["_links"];
    assert_eq!(
        links["accept"],
        json!({"href": format!("{path}/accept"), "method": "PUT"})
    );
    assert_eq!(
        links["reject"],
        json!({"href": format!("{path}/reject"), "method": "PUT"})
    );
    assert_eq!(refusal.problem(403), "only_offerer");
    let both = json!({"status": "cancelled", "message": "Sorry"});
    assert_eq!(
        ann.client().put(&path, both).await.problem(409),
        "cancel_alone"
    );
    let offer = ann
        .client()
        .put(&path, json!({"status": "cancelled"}))
        .await
        .expect(200);
    assert_eq!(
        (&offer["status"], &offer["closed_reason"]),
        (&json!("cancelled"), &json!("withdrawn"))
    );
    for status in ["pending", "accepted", "cancelled"] {
        assert_eq!(
            ann.client()
                .put(&path, json!({"status": status}))
                .await
                .problem(409),
            "offer_closed"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn game_in_a_pending_offer_can_be_updated_and_deleted() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (metroid, zelda) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    let id = ann.offers(&[metroid], &[zelda]).await.unwrap().id;
    let path = format!("/games/{metroid}");
    ann.client()
        .put(&path, json!({"name": "Super Metroid"}))
        .await
        .expect(200);
    assert_eq!(test.offer(id).await.status, OfferStatus::Pending);
    assert_eq!(bob.client().delete(&path).await.problem(403), "only_owner");
    ann.client().delete(&path).await.expect(204);
    assert_eq!(
        ann.client().delete(&path).await.problem(404),
        "game_not_found"
    );
    let offer = test
        .anonymous()
        .get(&format!("/offers/{id}"))
        .await
        .expect(200);
    assert_eq!(
        (&offer["status"], &offer["closed_reason"]),
        (&json!("cancelled"), &json!("game_unavailable"))
    );
    assert_eq!(
        offer["offered_games"][0],
        json!({"id": metroid, "node_id": "R2FtZTox", "name": "Super Metroid", "_links": {}})
    );
    ledger::audit(&test).await;
}
