//! Update a pending offer.

use entity::{GameId, OfferStatus, UserId, game};
use exchange::offers::{self, CreateOffer, NewOffer, OfferChange};
use serde_json::json;

use crate::{
    protocol::rest::merge_patch::{MERGE_PATCH, patch},
    support::{TestApp, code, ledger},
};

pub fn games_change(offered: &[GameId], requested: &[GameId]) -> OfferChange {
    OfferChange {
        offered: Some(offered.to_vec()),
        requested: Some(requested.to_vec()),
        ..OfferChange::default()
    }
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
        message: Some(" Please!\nIt is for my sister. ".into()),
        requester_id: Some(ann.id),
    };
    let offer = test.app.execute(ann.actor, CreateOffer(new)).await.unwrap();
    assert_eq!(
        offer.message.as_deref(),
        Some("Please!\nIt is for my sister.")
    );
    for (message, shown) in [(Some("Well?"), Some("Well?")), (None, None)] {
        let change = OfferChange {
            message: Some(message.map(Into::into)),
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
async fn patch_changes_named_fields_only() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (metroid, zelda) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    let client = ann.client();
    let offer =
        json!({"offered_game_id": metroid, "requested_game_id": zelda, "message": "Please"});
    let offer = client.post("/offers", offer).await.expect(201);
    let path = offer["_links"]["self"]["href"].as_str().unwrap();
    let patched = patch(&client, path, MERGE_PATCH, json!({}))
        .await
        .expect(200);
    assert_eq!(patched["message"], "Please");
    let taken_away = json!({"message": null});
    let patched = patch(&client, path, MERGE_PATCH, taken_away)
        .await
        .expect(200);
    assert_eq!(patched.get("message"), None);
    assert_eq!(patched["offered_game_ids"], json!([metroid]));
    let withdrawn = json!({"status": "cancelled"});
    let patched = patch(&client, path, "application/json", withdrawn)
        .await
        .expect(200);
    assert_eq!(patched["closed_reason"], "withdrawn");
}
