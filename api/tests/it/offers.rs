//! The rules of an offer, one story each. Who may do what is in [`crate::permissions`]; what happens at once, in
//! [`crate::races`] and [`crate::storm`].

use api::exchange::{
    games,
    offers::{self, NewOffer, OfferChange},
};
use entity::{ClosedReason, GameId, OfferStatus, UserId, game};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use crate::{
    ledger,
    support::{Person, TestApp, code},
};

async fn three_people(test: &TestApp) -> (Person, Person, Person) {
    (
        test.with_user("ann").await,
        test.with_user("bob").await,
        test.with_user("eve").await,
    )
}

fn games_change(offered: &[GameId], requested: &[GameId]) -> OfferChange {
    OfferChange {
        offered: Some(offered.to_vec()),
        requested: Some(requested.to_vec()),
        ..OfferChange::default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_moves_every_game_of_a_bundle() {
    let test = TestApp::new().await;
    let (ann, bob, _) = three_people(&test).await;
    let (metroid, ico, zelda) = (
        ann.lists("Metroid").await,
        ann.lists("Ico").await,
        bob.lists("Zelda").await,
    );
    let offer = ann.offers(&[ico, metroid], &[zelda]).await.unwrap();
    let offer = offers::accept(&test.app, bob.actor, offer.id)
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
    }
    ledger::audit(&test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_closes_its_rivals_and_nothing_else() {
    let test = TestApp::new().await;
    let (ann, bob, eve) = three_people(&test).await;
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
    offers::reject(&test.app, ann.actor, rejected)
        .await
        .unwrap();

    offers::accept(&test.app, bob.actor, winner).await.unwrap();

    for rival in rivals {
        let offer = test.offer(rival).await;
        assert_eq!(offer.status, OfferStatus::Cancelled);
        assert_eq!(offer.closed_reason, Some(ClosedReason::GameUnavailable));
        assert_eq!(offer.closed_by_offer_id, Some(winner));
        let again = offers::accept(
            &test.app,
            offer_receiver(&test, rival, [&ann, &bob]).await.actor,
            rival,
        );
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
async fn accept_lets_a_game_travel_on() {
    let test = TestApp::new().await;
    let (ann, bob, eve) = three_people(&test).await;
    let (metroid, zelda, tetris) = (
        ann.lists("Metroid").await,
        bob.lists("Zelda").await,
        eve.lists("Tetris").await,
    );
    let first = ann.offers(&[metroid], &[zelda]).await.unwrap().id;
    offers::accept(&test.app, bob.actor, first).await.unwrap();
    assert_eq!(
        code(ann.offers(&[metroid], &[tetris]).await),
        "not_your_game"
    );
    let second = bob.offers(&[metroid], &[tetris]).await.unwrap().id;
    offers::accept(&test.app, eve.actor, second).await.unwrap();
    let game = test.game(metroid).await;
    assert_eq!(
        (game.owner_id, game.owner_seq, game.previous_owners),
        (eve.id, 2, 4)
    );
    ledger::audit(&test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_refuses_a_game_that_left_its_side_and_names_it() {
    let test = TestApp::new().await;
    let (ann, bob, eve) = three_people(&test).await;
    let (metroid, zelda) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    let id = ann.offers(&[metroid], &[zelda]).await.unwrap().id;
    // No use case leaves such an offer pending; the check is there for the day when one would.
    let moved = game::Entity::update_many()
        .col_expr(game::Column::OwnerId, Expr::value(eve.id))
        .filter(game::Column::Id.eq(metroid));
    moved.exec(test.app.database.reader()).await.unwrap();
    let refusal = offers::accept(&test.app, bob.actor, id).await.unwrap_err();
    assert_eq!(refusal.code(), "game_moved");
    assert!(
        refusal.to_string().contains(&format!("Game {metroid}")),
        "{refusal}"
    );
    assert_eq!(test.offer(id).await.status, OfferStatus::Pending);
    assert_eq!(test.game(zelda).await.owner_id, bob.id, "all or nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn create_refuses_games_that_cannot_be_traded() {
    let test = TestApp::new().await;
    let (ann, bob, eve) = three_people(&test).await;
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
        (&[zelda][..], &[metroid][..], "not_your_game"),
        (&[metroid, tetris], &[zelda], "not_your_game"),
        (&[metroid], &[ico], "own_game"),
        (&[metroid], &[zelda, ico], "own_game"),
        (&[metroid], &[zelda, tetris], "several_owners"),
        (&[metroid], &[gone], "game_not_found"),
        (&[metroid], &[nowhere], "game_not_found"),
        (&[nowhere], &[zelda], "game_not_found"),
        (&[metroid, ico], &[zelda, metroid], "invalid"),
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
async fn create_refuses_the_same_offer_while_it_is_pending() {
    let test = TestApp::new().await;
    let (ann, bob, _) = three_people(&test).await;
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
async fn create_refuses_the_hundred_and_first_pending_offer() {
    let test = TestApp::new().await;
    let (ann, bob, _) = three_people(&test).await;
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
async fn update_changes_the_games_and_keeps_the_parties() {
    let test = TestApp::new().await;
    let (ann, bob, eve) = three_people(&test).await;
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
async fn update_that_changes_nothing_tells_nobody() {
    let test = TestApp::new().await;
    let (ann, bob, _) = three_people(&test).await;
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
async fn update_of_the_message_sets_it_and_takes_it_away() {
    let test = TestApp::new().await;
    let (ann, bob, _) = three_people(&test).await;
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
async fn update_with_a_status_does_what_the_requester_may() {
    let test = TestApp::new().await;
    let (ann, bob, _) = three_people(&test).await;
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
async fn game_of_a_pending_offer_may_be_edited_and_deleted() {
    let test = TestApp::new().await;
    let (ann, bob, _) = three_people(&test).await;
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
        json!({"id": metroid, "name": "Super Metroid", "_links": {}})
    );
    ledger::audit(&test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn event_of_an_acceptance_says_what_is_public() {
    let test = TestApp::new().await;
    let (ann, bob, _) = three_people(&test).await;
    let (metroid, zelda) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    let id = ann.offers(&[metroid], &[zelda]).await.unwrap().id;
    offers::accept(&test.app, bob.actor, id).await.unwrap();
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
