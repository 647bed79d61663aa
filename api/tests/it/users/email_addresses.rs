//! E-mail addresses: one account per mailbox, and only deliverable addresses.

use entity::{PasswordHash, UserId, user};
use exchange::identity::passwords::AUTHENTICATED;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::{Value, json};

use crate::support::{TestApp, http::Answer};

const IN_UNICODE: &str = "ann@bücher.example";
const IN_ASCII: &str = "ann@xn--bcher-kva.example";

async fn register(test: &TestApp, email: &str) -> Answer {
    let body = json!({"name": "Ann", "email": email, "password": "pass123"});
    test.anonymous().post("/users", body).await
}

async fn log_in(test: &TestApp, email: &str) -> Answer {
    let body = json!({"email": email, "password": "pass123"});
    test.anonymous().post("/auth/login", body).await
}

/// Creates an account from before addresses were normalised.
async fn older_account(test: &TestApp, email: &str) {
    let hash = test
        .app
        .identity
        .passwords
        .hash("pass123".into(), AUTHENTICATED)
        .await;
    let now = test.app.clock.now();
    let row = user::ActiveModel {
        name: Set("Ann".to_owned()),
        email: Set(email.to_owned()),
        password_hash: Set(hash.unwrap()),
        token_version: Set(1),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let reader = test.app.database.reader();
    user::Entity::insert(row).exec(reader).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn register_rejects_undeliverable_addresses() {
    let test = TestApp::new().await;
    let query = "mutation($email: String!) { register(input: {name: \"Ann\", email: $email, password: \"pass123\"}) \
        { userErrors { field code } } }";
    for email in [
        "Ann <ann@example.com>",
        "a@[127.0.0.1]",
        "a@127.0.0.1",
        "\"a b\"@example.com",
        "ann@-example.com",
        "ann@xn--a.example",
        "deleted-3@deleted.invalid",
        "ann@INVALID",
    ] {
        let answer = register(&test, email).await;
        assert_eq!(answer.body["errors"][0]["code"], "not_an_email", "{email}");
        assert_eq!(answer.problem(422), "invalid");
        let said = test
            .anonymous()
            .graphql(query, json!({"email": email}))
            .await;
        let error = json!({"field": ["email"], "code": "not_an_email"});
        assert_eq!(
            said.body["data"]["register"]["userErrors"][0]["code"], error["code"],
            "{}",
            said.text
        );
        let asked = json!({"email": email});
        let answer = test.anonymous().post("/auth/password-reset", asked).await;
        assert_eq!(answer.problem(422), "invalid");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_finds_an_account_by_any_spelling_of_its_address() {
    let test = TestApp::new().await;
    let made = register(&test, "Ann@Bücher.example").await.expect(201);
    assert_eq!(made["email"], IN_ASCII);
    assert_eq!(test.letters().await[0].to.email.to_string(), IN_ASCII);
    for email in [IN_UNICODE, IN_ASCII, "ANN@BU\u{308}CHER.EXAMPLE"] {
        log_in(&test, email).await.expect(200);
        assert_eq!(register(&test, email).await.problem(409), "email_taken");
        let asked = json!({"email": email});
        test.anonymous()
            .post("/auth/password-reset", asked)
            .await
            .expect(202);
        assert_eq!(test.letters().await.len(), 1, "{email}");
        let mine = test.anonymous().with("x-user-id", 1);
        mine.put("/users/1", json!({"email": email}))
            .await
            .expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn older_account_keeps_its_address_spelling() {
    let test = TestApp::new().await;
    older_account(&test, IN_UNICODE).await;
    for email in [IN_UNICODE, IN_ASCII] {
        assert_eq!(log_in(&test, email).await.expect(200)["user_id"], 1);
        assert_eq!(register(&test, email).await.problem(409), "email_taken");
    }
    let asked = json!({"email": IN_ASCII});
    test.anonymous()
        .post("/auth/password-reset", asked)
        .await
        .expect(202);
    assert_eq!(test.letters().await[0].to.email.to_string(), IN_ASCII);
}

#[tokio::test(flavor = "multi_thread")]
async fn older_accounts_of_one_mailbox_stay_separate() {
    let test = TestApp::new().await;
    for email in [IN_UNICODE, IN_ASCII, "\"a b\"@example.com"] {
        older_account(&test, email).await;
    }
    for (id, email) in [(1, IN_UNICODE), (2, IN_ASCII), (3, "\"A b\"@example.com")] {
        assert_eq!(log_in(&test, email).await.expect(200)["user_id"], id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_works_whatever_addresses_are_taken() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    older_account(&test, "deleted-1@deleted.invalid").await;
    ann.delete("/users/1").await.expect(204);
    let left = user::Entity::find_by_id(UserId(1))
        .one(test.app.database.reader())
        .await;
    let left = left.unwrap().unwrap();
    assert!(
        left.deleted_at.is_some() && !left.email.contains('@'),
        "{}",
        left.email
    );
    assert_eq!(left.password_hash, PasswordHash(String::new()));
    assert_eq!(register(&test, &left.email).await.problem(422), "invalid");
    assert_eq!(
        log_in(&test, &left.email).await.problem(401),
        "bad_credentials"
    );
    let _: Value = register(&test, "ann@example.com").await.expect(201);
}
