//! Retries with the same idempotency key, on any instance and either surface.

use chrono::TimeDelta;
use entity::{game, idempotency_key};
use futures_util::future::join_all;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    http::{Answer, Client},
};

fn ico() -> Value {
    json!({"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2", "condition": "good"})
}

async fn games(test: &TestApp) -> u64 {
    let reader = test.app.database.reader();
    game::Entity::find().count(reader).await.unwrap()
}

fn keyed(client: &Client, key: &str) -> Client {
    client.with("idempotency-key", key)
}

/// Asserts that the answer is a replay of an earlier one.
#[track_caller]
fn again(first: &Answer, second: &Answer) {
    assert_eq!(first.header("idempotent-replayed"), "");
    assert_eq!(second.header("idempotent-replayed"), "true");
    assert_eq!(
        (first.status, &first.text, first.header("location")),
        (second.status, &second.text, second.header("location"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn create_replays_the_answer_under_the_same_key() {
    let test = TestApp::new().await;
    let ann = keyed(&test.with_user("ann").await.client(), "k1");
    let first = ann.post("/games", ico()).await;
    for _ in 0..2 {
        again(&first, &ann.post("/games", ico()).await);
    }
    assert_eq!(first.status, 201);
    assert_eq!(games(&test).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn letter_is_sent_once_under_the_same_key() {
    let test = TestApp::new().await;
    let body = json!({"name": "Ann", "email": "ann@example.com", "password": "pass123"});
    test.anonymous().post("/users", body).await.expect(201);
    test.letters().await;
    let sender = test.anonymous().with("x-user-id", 1);
    let ann = keyed(&sender, "letter");
    let path = "/users/1/email-confirmation";
    let first = ann.post(path, json!({})).await;
    assert_eq!(first.status, 202, "{}", first.text);
    again(&first, &ann.post(path, json!({})).await);
    let letters = test.letters().await;
    assert_eq!(letters.len(), 1);
    let token = crate::support::letters::token(&letters[0], "/auth/email-confirmation");
    let confirm = json!({"token": token});
    let stranger = test.anonymous();
    let confirmed = stranger.post("/auth/email-confirmation", confirm).await;
    confirmed.expect(200);
    again(&first, &ann.post(path, json!({})).await);
    let other = sender.post(path, json!({})).await;
    assert_eq!(other.problem(409), "email_confirmed");
}

#[tokio::test(flavor = "multi_thread")]
async fn offer_actions_replay_the_outcome() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Ico").await, bob.lists("Zelda").await);
    let body = json!({"offered_game_ids": [mine], "requested_game_ids": [theirs]});
    let make = keyed(&ann.client(), "make");
    let first = make.post("/offers", body.clone()).await;
    again(&first, &make.post("/offers", body).await);
    let change = keyed(&ann.client(), "change");
    let first = change.put("/offers/1", json!({"message": "Please"})).await;
    again(
        &first,
        &change.put("/offers/1", json!({"message": "Please"})).await,
    );
    let accept = keyed(&bob.client(), "accept");
    let first = accept.act("/offers/1/accept").await;
    again(&first, &accept.act("/offers/1/accept").await);
    assert_eq!(first.status, 200);
    let events = ["offer.created", "offer.updated", "offer.accepted"];
    assert_eq!(test.events().await, events.map(|kind| (kind.to_owned(), 1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_and_register_replay_the_outcome() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    ann.lists("Ico").await;
    let delete = keyed(&ann.client(), "gone");
    let first = delete.delete("/games/1").await;
    again(&first, &delete.delete("/games/1").await);
    assert_eq!(first.status, 204);
    let stranger = keyed(&test.anonymous(), "new");
    let body = json!({"name": "Cleo", "email": "cleo@example.com", "password": "pass123"});
    let first = stranger.post("/users", body.clone()).await;
    again(&first, &stranger.post("/users", body).await);
    assert_eq!(first.status, 201);
    let other = json!({"name": "Cleo", "email": "cleo@example.com", "password": "pass124"});
    let answer = stranger.post("/users", other).await;
    assert_eq!(answer.problem(422), "idempotency_key_reused");
}

#[tokio::test(flavor = "multi_thread")]
async fn key_is_refused_for_another_request() {
    let test = TestApp::new().await;
    let ann = keyed(&test.with_user("ann").await.client(), "k1");
    ann.post("/games", ico()).await.expect(201);
    let mut other = ico();
    other["name"] = json!("Shadow of the Colossus");
    let answer = ann.post("/games", other).await;
    assert_eq!(answer.problem(422), "idempotency_key_reused");
    let answer = ann.put("/games/1", json!({"name": "Ico"})).await;
    assert_eq!(answer.problem(422), "idempotency_key_reused");
    assert_eq!(games(&test).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn key_is_scoped_to_its_user() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let mine = keyed(&ann.client(), "k1").post("/games", ico()).await;
    let theirs = keyed(&bob.client(), "k1").post("/games", ico()).await;
    assert_eq!(theirs.header("idempotent-replayed"), "");
    assert_ne!(mine.body["id"], theirs.body["id"]);
    assert_eq!(theirs.body["owner_id"], json!(bob.id));
}

#[tokio::test(flavor = "multi_thread")]
async fn key_is_reusable_after_a_failure() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let mine = ann.lists("Ico").await;
    let ann = keyed(&ann.client(), "k1");
    let body = json!({"offered_game_ids": [mine], "requested_game_ids": [2]});
    let answer = ann.post("/offers", body.clone()).await;
    assert_eq!(answer.problem(404), "game_not_found");
    bob.lists("Zelda").await;
    ann.post("/offers", body).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn key_expires_after_a_day() {
    let test = TestApp::new().await;
    let ann = keyed(&test.with_user("ann").await.client(), "k1");
    let first = ann.post("/games", ico()).await;
    test.forward(TimeDelta::hours(24) - TimeDelta::minutes(1));
    again(&first, &ann.post("/games", ico()).await);
    test.forward(TimeDelta::minutes(2));
    let second = ann.post("/games", ico()).await;
    assert_eq!(second.header("idempotent-replayed"), "");
    assert_eq!(games(&test).await, 2);
    test.forward(TimeDelta::hours(25));
    exchange::idempotency::delete_expired(&test.app)
        .await
        .unwrap();
    let reader = test.app.database.reader();
    let left = idempotency_key::Entity::find().count(reader).await.unwrap();
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_creates_with_one_key_create_one_game() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    for round in 0..5 {
        let ann = keyed(&ann, &format!("k{round}"));
        let answers = join_all((0..64).map(|_| ann.post("/games", ico()))).await;
        let new = answers
            .iter()
            .filter(|answer| answer.header("idempotent-replayed").is_empty());
        assert_eq!(new.count(), 1);
        for answer in &answers {
            assert_eq!(answer.status, 201, "{}", answer.text);
            assert_eq!(answer.text, answers[0].text);
        }
        assert_eq!(games(&test).await, round + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn key_is_shared_by_both_surfaces() {
    let test = TestApp::new().await;
    let ann = keyed(&test.with_user("ann").await.client(), "k1");
    let query = "mutation { createGame(input: {name: \"Ico\", publisher: \"Sony\", yearPublished: 2001, \
        gamingSystem: \"PS2\", condition: GOOD}) { game { databaseId } userErrors { code } } }";
    let first = ann.graphql(query, json!({})).await;
    let second = ann.graphql(query, json!({})).await;
    assert_eq!(second.header("idempotent-replayed"), "true");
    assert_eq!(second.body["data"], first.body["data"]);
    assert_eq!(second.body["extensions"]["idempotentReplayed"], true);
    let rest = ann.post("/games", ico()).await;
    assert_eq!(rest.header("idempotent-replayed"), "true");
    assert_eq!(rest.expect(201)["id"], 1);
    assert_eq!(games(&test).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_key_is_rejected() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    for key in ["", "\"\"", "two words", &"x".repeat(256)] {
        let answer = keyed(&ann, key).post("/games", ico()).await;
        assert_eq!(answer.problem(400), "malformed");
    }
    let twice = keyed(&keyed(&ann, "k1"), "k2").post("/games", ico()).await;
    assert_eq!(twice.problem(400), "malformed");
    keyed(&ann, "\"k1\"")
        .post("/games", ico())
        .await
        .expect(201);
    let bare = keyed(&ann, "k1").post("/games", ico()).await;
    assert_eq!(bare.header("idempotent-replayed"), "true");
}

fn cleo(email: &str) -> Value {
    json!({"name": "Cleo", "email": email, "password": "pass123", "street_address": "1 Old Street"})
}

#[tokio::test(flavor = "multi_thread")]
async fn register_replays_the_answer_without_newer_data() {
    let test = TestApp::new().await;
    let stranger = keyed(&test.anonymous(), "register");
    let body = cleo("cleo@example.com");
    let first = stranger.post("/users", body.clone()).await;
    again(&first, &stranger.post("/users", body.clone()).await);
    let moved = json!({"street_address": "2 New Street"});
    let themself = test.anonymous().with("x-user-id", 1);
    themself.put("/users/1", moved).await.expect(200);
    let register = "mutation($input: RegisterInput!) { register(input: $input) { user { databaseId email streetAddress } } }";
    let input = json!({"input": {"name": "Cleo", "email": "cleo@example.com", "password": "pass123",
        "streetAddress": "1 Old Street"}});
    let late = stranger.post("/users", body).await;
    assert_eq!(
        (late.status.as_u16(), late.body["id"].as_i64()),
        (201, Some(1))
    );
    assert_eq!(late.header("idempotent-replayed"), "true");
    let graphql = stranger.graphql(register, input).await;
    assert!(
        graphql.text.contains("\"databaseId\":1"),
        "{}",
        graphql.text
    );
    for said in [late.text, graphql.text] {
        for private in ["New Street", "cleo@example.com", "change_password"] {
            assert!(!said.contains(private), "{said}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn register_keys_of_different_people_do_not_collide() {
    let test = TestApp::new().await;
    let stranger = keyed(&test.anonymous(), "register");
    for (id, email) in [(1, "cleo@example.com"), (2, "dee@example.com")] {
        let made = stranger.post("/users", cleo(email)).await;
        assert_eq!(made.header("idempotent-replayed"), "");
        assert_eq!(made.expect(201)["id"], id);
    }
}
