//! Accept an offer: games change owners, rival offers are closed.

use entity::{ClosedReason, OfferStatus, game};
use exchange::offers::{AcceptOffer, RejectOffer};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::{Value, json};

use crate::{
    protocol::{
        graphql::data,
        rest::conditional::{etag, pending},
    },
    support::{Person, TestApp, code, ledger},
};

#[tokio::test(flavor = "multi_thread")]
async fn accept_moves_every_game_of_a_bundle() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (metroid, ico, zelda) = (
        ann.lists("Metroid").await,
        ann.lists("Ico").await,
        bob.lists("Zelda").await,
    );
    let offer = ann.offers(&[ico, metroid], &[zelda]).await.unwrap();
    let offer = test
        .app
        .execute(bob.actor, AcceptOffer { offer: offer.id })
        .await
        .unwrap();
    assert_eq!(offer.status, OfferStatus::Accepted);
    assert_eq!(offer.offerer_address.as_deref(), Some("ann's street 1"));
    assert_eq!(offer.receiver_address.as_deref(), Some("bob's street 1"));
    for (id, owner) in [(metroid, bob.id), (ico, bob.id), (zelda, ann.id)] {
        let game = test.game(id).await;
        assert_eq!(
            (game.owner_id, game.owner_seq, game.previous_owners),
            (owner, 1, 3)
        );
        assert_eq!(game.version, 2);
        assert!(game.updated_at > game.created_at);
    }
    ledger::audit(&test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_closes_rival_offers_only() {
    let test = TestApp::new().await;
    let [ann, bob, eve] = test.people(["ann", "bob", "eve"]).await;
    let (metroid, ico) = (ann.lists("Metroid").await, ann.lists("Ico").await);
    let (zelda, doom) = (bob.lists("Zelda").await, bob.lists("Doom").await);
    let tetris = eve.lists("Tetris").await;
    let winner = ann.offers(&[metroid], &[zelda]).await.unwrap().id;
    let rivals = [
        ann.offers(&[metroid], &[doom]).await.unwrap().id,
        eve.offers(&[tetris], &[zelda]).await.unwrap().id,
        bob.offers(&[zelda, doom], &[ico]).await.unwrap().id,
    ];
    let bystander = ann.offers(&[ico], &[doom]).await.unwrap().id;
    let rejected = eve.offers(&[tetris], &[metroid]).await.unwrap().id;
    test.app
        .execute(ann.actor, RejectOffer { offer: rejected })
        .await
        .unwrap();

    test.app
        .execute(bob.actor, AcceptOffer { offer: winner })
        .await
        .unwrap();

    for rival in rivals {
        let offer = test.offer(rival).await;
        assert_eq!(offer.status, OfferStatus::Cancelled);
        assert_eq!(offer.closed_reason, Some(ClosedReason::GameUnavailable));
        assert_eq!(offer.closed_by_offer_id, Some(winner));
        let receiver = offer_receiver(&test, rival, [&ann, &bob]).await.actor;
        let again = test.app.execute(receiver, AcceptOffer { offer: rival });
        assert_eq!(code(again.await), "offer_closed");
    }
    assert_eq!(test.offer(bystander).await.status, OfferStatus::Pending);
    assert_eq!(
        test.offer(rejected).await.closed_reason,
        Some(ClosedReason::Declined)
    );
    let told: Vec<_> = test.events().await.into_iter().skip(7).collect();
    let expected = [
        ("offer.accepted", winner),
        ("offer.cancelled", rivals[0]),
        ("offer.cancelled", rivals[1]),
        ("offer.cancelled", rivals[2]),
    ];
    assert_eq!(told, expected.map(|(event, id)| (event.to_owned(), id.0)));
    ledger::audit(&test).await;
}

async fn offer_receiver<'p>(
    test: &TestApp,
    offer: entity::OfferId,
    people: [&'p Person; 2],
) -> &'p Person {
    let receiver = test.offer(offer).await.receiver_id;
    people
        .into_iter()
        .find(|person| person.id == receiver)
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_lets_a_game_be_traded_again() {
    let test = TestApp::new().await;
    let [ann, bob, eve] = test.people(["ann", "bob", "eve"]).await;
    let (metroid, zelda, tetris) = (
        ann.lists("Metroid").await,
        bob.lists("Zelda").await,
        eve.lists("Tetris").await,
    );
    let first = ann.offers(&[metroid], &[zelda]).await.unwrap().id;
    test.app
        .execute(bob.actor, AcceptOffer { offer: first })
        .await
        .unwrap();
    assert_eq!(
        code(ann.offers(&[metroid], &[tetris]).await),
        "not_your_game"
    );
    let second = bob.offers(&[metroid], &[tetris]).await.unwrap().id;
    test.app
        .execute(eve.actor, AcceptOffer { offer: second })
        .await
        .unwrap();
    let game = test.game(metroid).await;
    assert_eq!(
        (game.owner_id, game.owner_seq, game.previous_owners),
        (eve.id, 2, 4)
    );
    ledger::audit(&test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_names_a_game_that_changed_its_owner() {
    let test = TestApp::new().await;
    let [ann, bob, eve] = test.people(["ann", "bob", "eve"]).await;
    let (metroid, zelda) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    let id = ann.offers(&[metroid], &[zelda]).await.unwrap().id;
    // No use case leaves such an offer pending; the check guards against a future one.
    let moved = game::Entity::update_many()
        .col_expr(game::Column::OwnerId, Expr::value(eve.id))
        .filter(game::Column::Id.eq(metroid));
    moved.exec(test.app.database.reader()).await.unwrap();
    let refusal = test
        .app
        .execute(bob.actor, AcceptOffer { offer: id })
        .await
        .unwrap_err();
    assert_eq!(refusal.code(), "game_moved");
    assert!(
        refusal.to_string().contains(&format!("Game {metroid}")),
        "{refusal}"
    );
    assert_eq!(test.offer(id).await.status, OfferStatus::Pending);
    assert_eq!(test.game(zelda).await.owner_id, bob.id, "all or nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_records_an_event_with_public_data_only() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (metroid, zelda) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    let id = ann.offers(&[metroid], &[zelda]).await.unwrap().id;
    test.app
        .execute(bob.actor, AcceptOffer { offer: id })
        .await
        .unwrap();
    let event = test.outbox().await.pop().unwrap();
    assert_eq!(
        (
            event.aggregate_type.as_str(),
            event.aggregate_id,
            event.aggregate_seq
        ),
        ("offer", id.0, 2)
    );
    assert_eq!(event.r#type, "offer.accepted");
    let facts = json!({
        "offer_id": id, "status": "accepted", "closed_reason": null, "closed_by_offer_id": null,
        "offerer": {"user_id": ann.id, "name": "ann"}, "receiver": {"user_id": bob.id, "name": "bob"},
        "offered_games": [{"game_id": metroid, "name": "Metroid"}],
        "requested_games": [{"game_id": zelda, "name": "Zelda"}],
    });
    assert_eq!(event.payload, facts);
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_returns_the_games_and_the_closed_offers() {
    let test = TestApp::new().await;
    let [ann, bob, eve] = test.people(["ann", "bob", "eve"]).await;
    let (mine, theirs) = (ann.lists("Ico").await, bob.lists("Zelda").await);
    let hers = [eve.lists("Okami").await, eve.lists("Tetris").await];
    ann.offers(&[mine], &[theirs]).await.unwrap();
    for game in hers {
        eve.offers(&[game], &[theirs]).await.unwrap();
    }
    eve.offers(&[hers[0]], &[mine]).await.unwrap();
    let text = "mutation { acceptOffer(input: {offerId: 1, idempotencyKey: \"k\"}) {
        offer { status } games { name owner { name } }
        closedOffers(first: 2) { totalCount nodes { databaseId closedReason closedBy { databaseId } } }
        userErrors { code } } }";
    let closed = |id: i64| json!({"databaseId": id, "closedReason": "GAME_UNAVAILABLE", "closedBy": {"databaseId": 1}});
    let expected = json!({
        "offer": {"status": "ACCEPTED"},
        "games": [{"name": "Ico", "owner": {"name": "bob"}}, {"name": "Zelda", "owner": {"name": "ann"}}],
        "closedOffers": {"totalCount": 3, "nodes": [closed(2), closed(3)]},
        "userErrors": [],
    });
    for _ in 0..2 {
        let answer = bob.client().graphql(text, json!({})).await;
        assert_eq!(
            data(answer, "acceptOffer"),
            expected,
            "when it is sent again, too"
        );
    }
    let refused = bob
        .client()
        .graphql(&text.replace(", idempotencyKey: \"k\"", ""), json!({}))
        .await;
    let payload = &refused.body["data"]["acceptOffer"];
    assert_eq!(
        (&payload["games"], &payload["closedOffers"]),
        (&Value::Null, &Value::Null)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_reports_an_edited_game_when_the_etag_is_stale() {
    let test = TestApp::new().await;
    let (ann, bob, _) = pending(&test).await;
    let seen = etag(&bob.client(), "/offers/1").await;
    let publisher = json!({"publisher": "Another"});
    ann.client().put("/games/1", publisher).await.expect(200);
    assert_eq!(
        etag(&bob.client(), "/offers/1").await,
        seen,
        "the ETag of an offer ignores the publisher"
    );
    let worse = json!({"condition": "poor"});
    ann.client().put("/games/1", worse).await.expect(200);
    let accept = bob.client().with("if-match", &seen);
    let answer = accept.act("/offers/1/accept").await;
    let detail = answer.body["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("game 1 (Ico) was edited"), "{detail}");
    assert!(!detail.contains("Zelda"), "{detail}");
    assert_eq!(answer.problem(412), "stale");
    for action in ["reject", "accept"] {
        let stale = accept.act(&format!("/offers/1/{action}")).await;
        assert_eq!(stale.problem(412), "stale");
    }
    let now = etag(&bob.client(), "/offers/1").await;
    let accept = bob.client().with("if-match", now);
    accept.act("/offers/1/accept").await.expect(200);
    assert_eq!(
        accept.act("/offers/1/accept").await.problem(409),
        "offer_closed",
        "what the state forbids comes first"
    );
}
