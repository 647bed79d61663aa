//! Replays after the actor is gone: the first write ended the account, the session or the token, or was anonymous; and
//! replays of resources deleted since.

use entity::{UserId, user};
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    http::{Answer, Client},
    letters::token,
};

const DELETE: &str = "mutation { deleteUser(input: {}) { user { databaseId name email version } userErrors { code } } }";
const CHANGE: &str = "mutation { changePassword(input: {currentPassword: \"pass123\", newPassword: \"pass1234\"}) \
    { user { databaseId email } userErrors { code } } }";

fn ico() -> Value {
    json!({"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2", "condition": "good"})
}

fn cleo(email: &str) -> Value {
    json!({"name": "Cleo", "email": email, "password": "pass123"})
}

fn keyed(client: &Client, key: &str) -> Client {
    client.with("idempotency-key", key)
}

/// Creates a user who is identified by an access token, or by X-User-ID.
async fn person(test: &TestApp, name: &str, by_token: bool) -> (Client, i64) {
    let session = crate::sessions::session(test, name).await;
    let id = session["user_id"].as_i64().unwrap();
    let client = if by_token {
        let token = session["access_token"].as_str().unwrap();
        test.anonymous()
            .with("authorization", format!("Bearer {token}"))
    } else {
        test.anonymous().with("x-user-id", id)
    };
    (client, id)
}

/// Asserts that the answer is a replay of the first one.
#[track_caller]
fn is_again(first: &Answer, second: &Answer) {
    assert_eq!(
        (second.status, &second.body["data"]),
        (first.status, &first.body["data"]),
        "{}",
        second.text
    );
    let rest = first.body.get("data").is_none();
    assert!(
        !rest || second.text == first.text,
        "{} is not {}",
        second.text,
        first.text
    );
    assert_eq!(first.header("idempotent-replayed"), "");
    assert_eq!(second.header("idempotent-replayed"), "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_user_replays_its_answer_in_rest() {
    let test = TestApp::new().await;
    for (name, by_token) in [("ann", true), ("bob", false)] {
        let (client, id) = person(&test, name, by_token).await;
        let (path, once) = (format!("/users/{id}"), keyed(&client, "leave"));
        let first = once.delete(&path).await;
        assert_eq!(first.status, 204);
        is_again(&first, &once.delete(&path).await);
        let code = if by_token {
            "bad_token"
        } else {
            "unknown_actor"
        };
        for other in [&client, &keyed(&client, "other")] {
            assert_eq!(other.delete(&path).await.problem(401), code);
        }
        assert_eq!(once.get("/games").await.problem(401), code);
        assert_eq!(once.post("/games", ico()).await.problem(401), code);
        assert_eq!(once.delete("/users/9").await.problem(401), code);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_user_replays_its_answer_in_graphql() {
    let test = TestApp::new().await;
    for (name, by_token) in [("ann", true), ("bob", false)] {
        let (client, id) = person(&test, name, by_token).await;
        let once = keyed(&client, "leave");
        let first = once.graphql(DELETE, json!({})).await;
        let left =
            json!({"databaseId": id, "name": "Deleted account", "email": null, "version": 2});
        assert_eq!(
            first.body["data"]["deleteUser"]["user"], left,
            "{}",
            first.text
        );
        is_again(&first, &once.graphql(DELETE, json!({})).await);
        // A key in the input is the same key, and replays REST's outcome.
        let by_input = DELETE.replace("{}", "{idempotencyKey: \"leave\"}");
        is_again(&first, &client.graphql(&by_input, json!({})).await);
        let rest = once.delete(&format!("/users/{id}")).await;
        assert_eq!(
            (rest.status.as_u16(), rest.header("idempotent-replayed")),
            (204, "true")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mutation_is_refused_whole_when_its_session_ended() {
    let test = TestApp::new().await;
    let (ann, _) = person(&test, "ann", true).await;
    ann.delete("/users/1").await.expect(204);
    let create = "mutation { createGame(input: {name: \"Ico\", publisher: \"Sony\", yearPublished: 2001, gamingSystem: \
        \"PS2\", condition: GOOD}) { game { id } } }";
    let register = "mutation { register(input: {name: \"Eve\", email: \"eve@example.com\", password: \"pass123\"}) \
        { user { id } } }";
    let log_in = "mutation { login(input: {email: \"ann@example.com\", password: \"pass123\"}) { accessToken } }";
    let ask = "mutation { requestPasswordReset(input: {email: \"ann@example.com\"}) { accepted } }";
    let reset = "mutation { resetPassword(input: {token: \"x\", newPassword: \"pass123\"}) { user { id } } }";
    let confirm = "mutation { confirmEmail(input: {token: \"x\"}) { user { id } } }";
    for document in [
        DELETE,
        CHANGE,
        create,
        register,
        log_in,
        ask,
        reset,
        confirm,
        "{ viewer { id } }",
    ] {
        for client in [&ann, &keyed(&ann, "k")] {
            let answer = client.graphql(document, json!({})).await;
            assert_eq!(answer.status, 401, "{document}: {}", answer.text);
            assert_eq!(answer.body["errors"][0]["extensions"]["code"], "bad_token");
            assert!(answer.body.get("data").is_none());
        }
    }
    let people = user::Entity::find().all(test.app.database.reader()).await;
    assert_eq!(people.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn change_password_replays_its_answer() {
    let test = TestApp::new().await;
    let body = json!({"current_password": "pass123", "new_password": "pass1234"});
    for (name, by_token) in [("ann", true), ("bob", false)] {
        let (client, id) = person(&test, name, by_token).await;
        let (path, once) = (format!("/users/{id}/password"), keyed(&client, "change"));
        let first = once.put(&path, body.clone()).await;
        assert_eq!(first.status, 200);
        assert_eq!(first.body["email"], format!("{name}@example.com"));
        is_again(&first, &once.put(&path, body.clone()).await);
        let other = json!({"current_password": "pass123", "new_password": "pass12345"});
        let refused = once.put(&path, other.clone()).await;
        let code = if by_token {
            (401, "bad_token")
        } else {
            (403, "wrong_password")
        };
        assert_eq!(refused.problem(code.0), code.1);
        if by_token {
            assert_eq!(
                client.put(&path, body.clone()).await.problem(401),
                "bad_token"
            );
        }
        let graphql = once.graphql(CHANGE, json!({})).await;
        assert_eq!(graphql.header("idempotent-replayed"), "true");
        let shown = &graphql.body["data"]["changePassword"]["user"];
        assert_eq!(
            shown["email"],
            format!("{name}@example.com"),
            "{}",
            graphql.text
        );
        let versions = user::Entity::find_by_id(UserId(id))
            .one(test.app.database.reader())
            .await;
        assert_eq!(versions.unwrap().unwrap().token_version, 2, "changed once");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn create_game_replays_its_answer_after_the_log_out() {
    let test = TestApp::new().await;
    let session = crate::sessions::session(&test, "ann").await;
    let ann = crate::sessions::holder(&test, &session);
    for (number, path) in ["/games", "/games?owner_id=1"].into_iter().enumerate() {
        let first = keyed(&ann, &number.to_string()).post(path, ico()).await;
        assert_eq!(first.status, 201, "{}", first.text);
    }
    let token = json!({"refresh_token": session["refresh_token"]});
    let out = test.anonymous().post("/auth/logout", token).await;
    out.expect(204);
    for (number, path) in ["/games", "/games?owner_id=1"].into_iter().enumerate() {
        let again = keyed(&ann, &number.to_string()).post(path, ico()).await;
        assert_eq!(again.header("idempotent-replayed"), "true", "{path}");
        assert_eq!(again.expect(201)["id"], json!(number + 1));
    }
    let other = keyed(&ann, "0").post("/games?owner_id=2", ico()).await;
    assert_eq!(other.problem(403), "not_yourself");
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_password_replays_its_answer() {
    let test = TestApp::new().await;
    let (_, _) = person(&test, "ann", true).await;
    test.letters().await;
    let asked = json!({"email": "ann@example.com"});
    test.anonymous()
        .post("/auth/password-reset", asked)
        .await
        .expect(202);
    let token = token(&test.letters().await[0], "/auth/password-reset");
    let path = "/auth/password-reset/confirm";
    let (body, once) = (
        json!({"token": token, "new_password": "pass1234"}),
        keyed(&test.anonymous(), "reset"),
    );
    let first = once.post(path, body.clone()).await;
    assert_eq!(first.status, 200);
    is_again(&first, &once.post(path, body.clone()).await);
    for (client, password) in [(&test.anonymous(), "pass1234"), (&once, "pass12345")] {
        let other = json!({"token": token, "new_password": password});
        assert_eq!(
            client.post(path, other).await.problem(401),
            "bad_letter_token"
        );
    }
}

/// Every keyed write that needs no identity, by two people with the same key.
#[tokio::test(flavor = "multi_thread")]
async fn anonymous_keys_of_different_requests_do_not_collide() {
    let test = TestApp::new().await;
    let once = keyed(&test.anonymous(), "the-same");
    let emails = ["cleo@example.com", "dee@example.com"];
    for (id, email) in (1..).zip(emails) {
        let made = once.post("/users", cleo(email)).await;
        assert_eq!(made.header("idempotent-replayed"), "");
        assert_eq!(made.expect(201)["id"], id);
    }
    for letter in test.letters().await {
        let body = json!({"token": token(&letter, "/auth/email-confirmation")});
        let first = once.post("/auth/email-confirmation", body.clone()).await;
        assert_eq!(first.status, 200, "{}", first.text);
        is_again(&first, &once.post("/auth/email-confirmation", body).await);
    }
    for email in emails {
        once.post("/auth/password-reset", json!({"email": email}))
            .await
            .expect(202);
    }
    let letters = test.letters().await;
    assert_eq!(letters.len(), 2, "nobody's request is taken for another's");
    for letter in letters {
        let body =
            json!({"token": token(&letter, "/auth/password-reset"), "new_password": "pass1234"});
        let path = "/auth/password-reset/confirm";
        let first = once.post(path, body.clone()).await;
        assert_eq!(first.status, 200, "{}", first.text);
        is_again(&first, &once.post(path, body).await);
    }
}

/// A keyed write without an identity must bind the key to its subject, and needs a case in the test above.
#[test]
fn anonymous_keyed_writes_are_these() {
    let api: Value = serde_json::from_str(api::rest::openapi::json()).unwrap();
    let mut open = Vec::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let keyed = parameters
                .into_iter()
                .any(|one| one["name"] == "Idempotency-Key");
            if keyed && operation["security"] == json!([{}]) {
                open.push(format!("{method} {path}"));
            }
        }
    }
    open.sort();
    let expected = [
        "post /auth/email-confirmation",
        "post /auth/password-reset/confirm",
        "post /users",
    ];
    assert_eq!(open, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn create_replays_no_resource_deleted_since() {
    let test = TestApp::new().await;
    let (ann, _) = person(&test, "ann", false).await;
    let make = keyed(&ann, "make");
    make.post("/games", ico()).await.expect(201);
    let edit = keyed(&ann, "edit");
    edit.put("/games/1", json!({"name": "Okami"}))
        .await
        .expect(200);
    ann.delete("/games/1").await.expect(204);
    assert_eq!(
        make.post("/games", ico()).await.problem(409),
        "since_deleted"
    );
    let edited = edit.put("/games/1", json!({"name": "Okami"})).await;
    assert_eq!(edited.problem(409), "since_deleted");
    let create = "mutation { createGame(input: {name: \"Ico\", publisher: \"Sony\", yearPublished: 2001, gamingSystem: \
        \"PS2\", condition: GOOD}) { game { id } userErrors { code } } }";
    let made = make.graphql(create, json!({})).await;
    assert_eq!(
        made.body["data"]["createGame"],
        json!({"game": null, "userErrors": [{"code": "since_deleted"}]}),
        "{}",
        made.text
    );

    let stranger = keyed(&test.anonymous(), "register");
    let id = stranger
        .post("/users", cleo("cleo@example.com"))
        .await
        .expect(201)["id"]
        .clone();
    test.anonymous()
        .with("x-user-id", &id)
        .delete(&format!("/users/{id}"))
        .await
        .expect(204);
    let again = stranger.post("/users", cleo("cleo@example.com")).await;
    assert_eq!(again.problem(409), "since_deleted");
    keyed(&test.anonymous(), "anew")
        .post("/users", cleo("cleo@example.com"))
        .await
        .expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn create_offer_replays_an_offer_closed_since() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Ico").await, bob.lists("Okami").await);
    let body = json!({"offered_game_id": mine, "requested_game_id": theirs});
    let make = keyed(&ann.client(), "make");
    make.post("/offers", body.clone()).await.expect(201);
    ann.client().act("/offers/1/cancel").await.expect(200);
    let again = make.post("/offers", body).await;
    assert_eq!(again.header("location"), "/offers/1");
    assert_eq!(again.expect(201)["status"], "cancelled");
    ann.client().get("/offers/1").await.expect(200);
}
