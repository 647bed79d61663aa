//! The digests of requests. Each is literal here: a digest that changes would make a client repeat a write that an earlier
//! release has done.

use std::collections::HashMap;

use axum::http::Method;
use entity::idempotency_key;
use platform::system::sha256;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::support::{TestApp, http::Client, letters::token};

/// A keyed request, and the operation and input that its digest covers.
type Case<'c> = (&'c Client, Method, &'c str, Value, Value);

/// Sends the requests in this order, each under a key of its own, and compares the digests.
async fn compare<const N: usize>(test: &TestApp, cases: [Case<'_>; N]) {
    let mut expected = HashMap::new();
    for (number, (client, method, path, body, digested)) in cases.into_iter().enumerate() {
        let keyed = client.with("idempotency-key", number);
        let answer = keyed.call(method, path, Some(body).filter(|body| !body.is_null()));
        let answer = answer.await;
        assert!(answer.status.is_success(), "{path}: {}", answer.text);
        let name = digested[0].as_str().unwrap().to_owned();
        expected.insert(name, test.app.identity.request_digest.digest(&digested));
    }
    let rows = idempotency_key::Entity::find().all(test.app.database.reader());
    let recorded = rows.await.unwrap().into_iter();
    let recorded: HashMap<_, _> = recorded
        .map(|row| (row.operation, row.request_hmac))
        .collect();
    assert_eq!(recorded, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn digests_of_games_and_offers_never_change() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    for name in ["Ico", "Okami", "Rez"] {
        ann.lists(name).await;
    }
    let zelda = bob.lists("Zelda").await;
    for game in 2..=3 {
        ann.offers(&[entity::GameId(game)], &[zelda]).await.unwrap();
    }
    let (ann, bob, put) = (&ann.client(), &bob.client(), || Method::PUT);
    let game = json!({"name": "Hades", "publisher": "Supergiant", "year_published": 2020, "gaming_system": "Switch",
        "condition": "good"});
    let listed = json!(["create_game", {"name": "Hades", "publisher": "Supergiant", "year_published": 2020,
        "gaming_system": "Switch", "condition": "good", "previous_owners": 0, "owner_id": null}]);
    let edited = json!(["update_game", [1, {"name": "Ico II", "publisher": null, "year_published": null,
        "gaming_system": null, "condition": null}]]);
    let offer = json!({"offered_game_ids": [1], "requested_game_ids": [4], "message": "Please"});
    let offered = json!(["create_offer", {"offered": [1], "requested": [4], "message": "Please", "requester_id": null}]);
    let changed = json!(["update_offer", [1, {"offered": null, "requested": null, "first_offered": null,
        "first_requested": null, "message": "Well?", "status": null, "requester_id": null}]]);
    let (edit, change) = (json!({"name": "Ico II"}), json!({"message": "Well?"}));
    let (cancel, cancelled) = (json!({"status": "cancelled"}), json!(["cancel_offer", 2]));
    let nothing = || Value::Null;
    let cases = [
        (ann, Method::POST, "/games", game, listed),
        (ann, put(), "/games/1", edit, edited),
        (ann, Method::POST, "/offers", offer, offered),
        (ann, put(), "/offers/1", change, changed),
        (ann, put(), "/offers/2", cancel, cancelled),
        (
            bob,
            put(),
            "/offers/1/reject",
            nothing(),
            json!(["reject_offer", 1]),
        ),
        (
            bob,
            put(),
            "/offers/3/accept",
            nothing(),
            json!(["accept_offer", 3]),
        ),
        (
            ann,
            Method::DELETE,
            "/games/2",
            nothing(),
            json!(["delete_game", 2]),
        ),
    ];
    compare(&test, cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn digests_of_accounts_never_change() {
    let test = TestApp::new().await;
    let anonymous = &test.anonymous();
    for (name, email) in [("Ann", "ann@example.com"), ("Bob", "bob@example.com")] {
        let new = json!({"name": name, "email": email, "password": "pass123"});
        anonymous.post("/users", new).await.expect(201);
    }
    let confirmation = token(&test.letters().await[0], "/auth/email-confirmation");
    let asked = json!({"email": "bob@example.com"});
    let path = "/auth/password-reset";
    anonymous.post(path, asked).await.expect(202);
    let reset = token(&test.letters().await[0], path);
    let (ann, bob) = (
        &anonymous.with("x-user-id", 1),
        &anonymous.with("x-user-id", 2),
    );
    let cleo = json!({"name": "Cleo", "email": "Cleo@Example.com", "password": "pass123"});
    let registered = json!(["register", ["Cleo", "Cleo@Example.com", "pass123", null]]);
    let (edit, edited) = (
        json!({"street_address": null}),
        json!(["update_user", [1, {"name": null, "street_address": null, "email": null}]]),
    );
    let (change, changed) = (
        json!({"new_password": "pass1234"}),
        json!(["change_password", [1, null, "pass1234"]]),
    );
    let confirmed = json!(["confirm_email", sha256(&confirmation)]);
    let was_reset = json!(["reset_password", [sha256(&reset), "pass1234"]]);
    let (confirm, post) = (json!({"token": confirmation}), || Method::POST);
    let reset = json!({"token": reset, "new_password": "pass1234"});
    let (asks, asked) = (
        "/users/2/email-confirmation",
        json!(["request_confirmation", 2]),
    );
    let cases = [
        (anonymous, post(), "/users", cleo, registered),
        (ann, Method::PUT, "/users/1", edit, edited),
        (
            anonymous,
            post(),
            "/auth/email-confirmation",
            confirm,
            confirmed,
        ),
        (ann, Method::PUT, "/users/1/password", change, changed),
        (bob, post(), asks, Value::Null, asked),
        (
            anonymous,
            post(),
            "/auth/password-reset/confirm",
            reset,
            was_reset,
        ),
        (
            bob,
            Method::DELETE,
            "/users/2",
            Value::Null,
            json!(["delete_user", 2]),
        ),
    ];
    compare(&test, cases).await;
}
