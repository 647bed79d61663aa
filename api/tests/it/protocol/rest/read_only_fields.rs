//! Resources sent back as they were read: read-only fields may be in the body, unchanged.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    http::{Answer, Client},
};

const HAL: &str = "application/hal+json";
const PATCH: &str = "application/merge-patch+json";

/// Creates Ann and Bob, each with the game of the same number, and offer 1 of game 1 for game 2, with a message.
async fn trading() -> (TestApp, Client, Client) {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Ico").await, bob.lists("Zelda").await);
    let offer = json!({"offered_game_id": mine, "requested_game_id": theirs, "message": "Please"});
    ann.client().post("/offers", offer).await.expect(201);
    let clients = (ann.client(), bob.client());
    (test, clients.0, clients.1)
}

async fn send(client: &Client, method: Method, kind: &str, path: &str, body: &Value) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let request = request.header("content-type", kind);
    let body = Body::from(body.to_string());
    client.send(request.body(body).unwrap()).await
}

async fn put(client: &Client, path: &str, body: &Value) -> Answer {
    send(client, Method::PUT, HAL, path, body).await
}

async fn read(client: &Client, path: &str) -> Value {
    client.get(path).await.expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn update_changes_nothing_when_sent_back_as_read() {
    let (_test, ann, _) = trading().await;
    for path in ["/games/1", "/users/1", "/offers/1", "/trade-offers/1"] {
        for query in ["", "?expand=offered_games,receiver"] {
            if !query.is_empty() && !path.contains("offers") {
                continue;
            }
            let shown = ann.get(&format!("{path}{query}")).await;
            for (method, kind) in [(Method::PUT, HAL), (Method::PATCH, PATCH)] {
                let answer = send(&ann, method, kind, path, &shown.body).await;
                assert_eq!(answer.status, 200, "{path}: {}", answer.text);
                let now = ann.get(&format!("{path}{query}")).await;
                assert_eq!(now.header("etag"), shown.header("etag"), "{path}");
            }
        }
    }
    for (list, rows) in [
        ("/games", "games"),
        ("/users", "users"),
        ("/offers", "offers"),
    ] {
        let row = &read(&ann, list).await["_embedded"][rows][0];
        let path = format!("{list}/{}", row["id"]);
        put(&ann, &path, row).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn update_changes_a_resource_sent_back_with_a_change() {
    let (_test, ann, _) = trading().await;
    for (path, field, value) in [
        ("/games/1", "condition", json!("poor")),
        ("/users/1", "street_address", json!("1 Road\nTown\nCountry")),
        ("/offers/1", "message", Value::Null),
    ] {
        let mut body = read(&ann, path).await;
        body[field] = value.clone();
        let now = put(&ann, path, &body).await.expect(200);
        assert_eq!(now.get(field).unwrap_or(&Value::Null), &value, "{path}");
    }
    let mut body = read(&ann, "/games/1").await;
    body["created_at"] = json!(body["created_at"].as_str().unwrap().replace('Z', "+00:00"));
    put(&ann, "/games/1", &body).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn update_is_refused_when_a_read_only_field_differs() {
    let (_test, ann, _) = trading().await;
    for (path, members) in [
        (
            "/games/1",
            &[
                "id",
                "node_id",
                "owner_id",
                "title_key",
                "system_key",
                "previous_owners",
                "created_at",
                "updated_at",
            ][..],
        ),
        (
            "/users/1",
            &[
                "id",
                "node_id",
                "email_confirmed_at",
                "created_at",
                "updated_at",
            ],
        ),
        (
            "/offers/1",
            &[
                "id",
                "node_id",
                "awaiting",
                "closed_reason",
                "closed_by_offer_id",
                "offerer_id",
                "receiver_id",
                "offered_games",
                "requested_games",
                "offerer",
                "receiver",
                "offerer_address",
                "receiver_address",
                "created_at",
                "updated_at",
            ],
        ),
    ] {
        let before = ann.get(path).await;
        for member in members {
            let mut body = before.body.clone();
            body[*member] = json!("2001-01-01T00:00:00Z");
            let answer = put(&ann, path, &body).await;
            assert_eq!(
                answer.body["errors"].as_array().map(Vec::len),
                Some(1),
                "{}",
                answer.text
            );
            let error = &answer.body["errors"][0];
            let expected = (json!(format!("/{member}")), json!("read_only"));
            assert_eq!(
                (&error["pointer"], &error["code"]),
                (&expected.0, &expected.1)
            );
            assert_eq!(answer.problem(422), "invalid");
        }
        let answer = put(&ann, path, &json!({"no_such_member": 1})).await;
        assert_eq!(answer.body["errors"][0]["code"], "unknown_field", "{path}");
        let after = ann.get(path).await;
        assert_eq!(after.header("etag"), before.header("etag"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_fields_are_checked_last() {
    let (_test, ann, bob) = trading().await;
    let seen = ann.get("/games/1").await;
    let rename = json!({"name": "Ico 2"});
    let keyed = ann.with("idempotency-key", "k1");
    let mut body = seen.body.clone();
    body["name"] = rename["name"].clone();
    put(&keyed, "/games/1", &body).await.expect(200);
    let again = put(&keyed, "/games/1", &body).await;
    assert_eq!(
        again.header("idempotent-replayed"),
        "true",
        "{}",
        again.text
    );
    again.expect(200);
    let stale = ann.with("if-match", seen.header("etag"));
    assert_eq!(put(&stale, "/games/1", &body).await.problem(412), "stale");
    assert_eq!(put(&ann, "/games/1", &body).await.problem(422), "invalid");
    assert_eq!(
        put(&bob, "/games/1", &body).await.problem(403),
        "only_owner"
    );
    assert_eq!(
        put(&ann, "/games/99", &body).await.problem(404),
        "game_not_found"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn update_cancels_an_offer_sent_back_as_cancelled() {
    let (_test, ann, _) = trading().await;
    let mut body = read(&ann, "/offers/1").await;
    body["status"] = json!("cancelled");
    body["message"] = json!("Sorry");
    let answer = put(&ann, "/offers/1", &body).await;
    assert_eq!(answer.problem(409), "cancel_alone");
    body["message"] = json!("Please");
    body["id"] = json!(2);
    assert_eq!(put(&ann, "/offers/1", &body).await.problem(422), "invalid");
    body["id"] = json!(1);
    let keyed = ann.with("idempotency-key", "k1");
    for _ in 0..2 {
        let now = put(&keyed, "/offers/1", &body).await.expect(200);
        assert_eq!(now["status"], "cancelled");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn update_takes_the_changed_side_of_an_offer_sent_back() {
    let (test, ann, _) = trading().await;
    for _ in 0..2 {
        let game = json!({"name": "Pong", "publisher": "Atari", "year_published": 1972, "gaming_system": "PC", "condition": "fair"});
        ann.post("/games", game).await.expect(201);
    }
    for (field, value, side) in [
        ("offered_game_ids", json!([3, 4]), json!([3, 4])),
        ("offered_game_id", json!(1), json!([1])),
        ("offered_game_ids", json!([4]), json!([4])),
        ("offered_game_id", json!(4), json!([4])),
    ] {
        let mut body = read(&ann, "/offers/1").await;
        body[field] = value;
        let now = put(&ann, "/offers/1", &body).await.expect(200);
        assert_eq!(now["offered_game_ids"], side, "{field}");
    }
    let both = json!({"offered_game_id": 1, "offered_game_ids": [3]});
    let now = put(&ann, "/offers/1", &both).await.expect(200);
    assert_eq!(now["offered_game_ids"], json!([1, 3]));
    drop(test);
}
