//! Passwords match in every Unicode form, in every field that takes one, and their length is counted in characters.

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use entity::{PasswordHash, user};
use sea_orm::{EntityTrait, sea_query::Expr};
use serde_json::{Value, json};

use crate::{
    sessions::{holder, log_in, register},
    support::{TestApp, http::Client, letters::token},
};

/// One password: precomposed, decomposed, and with a ligature and wide digits.
const NFC: &str = "pässwört-fi12";
const NFD: &str = "pa\u{308}sswo\u{308}rt-fi12";
const WIDE: &str = "pässwört-\u{fb01}\u{ff11}\u{ff12}";

async fn by_graphql(client: &Client, name: &str, input: Value) -> Value {
    let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let query = format!(
        "mutation($input: {kind}!) {{ {name}(input: $input) {{ userErrors {{ code }} }} }}"
    );
    let answer = client.graphql(&query, json!({ "input": input })).await;
    let data = answer.expect(200)["data"][name].clone();
    assert_eq!(data["userErrors"], json!([]), "{name}");
    data
}

async fn letter(test: &TestApp) -> String {
    let reset = json!({"email": "ann@example.com"});
    let anonymous = test.anonymous();
    anonymous
        .post("/auth/password-reset", reset)
        .await
        .expect(202);
    token(test.letters().await.last().unwrap(), "/auth/password-reset")
}

/// Asserts that Ann can log in with each form of the password, on both surfaces.
async fn knows_all_spellings(test: &TestApp) {
    for password in [NFC, NFD, WIDE] {
        log_in(test, "ann", password).await.expect(200);
        let input = json!({"email": "ann@example.com", "password": password});
        by_graphql(&test.anonymous(), "login", input).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn password_matches_in_every_unicode_form() {
    let test = TestApp::new().await;
    let anonymous = test.anonymous();
    let ann = json!({"name": "ann", "email": "ann@example.com", "password": NFD});
    anonymous.post("/users", ann).await.expect(201);
    knows_all_spellings(&test).await;
    let bob = json!({"name": "bob", "email": "bob@example.com", "password": WIDE});
    by_graphql(&anonymous, "register", bob).await;
    log_in(&test, "bob", NFC).await.expect(200);

    let session = log_in(&test, "ann", NFC).await.expect(200);
    let change = json!({"current_password": WIDE, "new_password": format!("{NFD}2")});
    holder(&test, &session)
        .put("/users/1/password", change)
        .await
        .expect(200);
    let session = log_in(&test, "ann", &format!("{NFC}2")).await.expect(200);
    let change = json!({"currentPassword": format!("{WIDE}2"), "newPassword": WIDE});
    by_graphql(&holder(&test, &session), "changePassword", change).await;
    test.forward(chrono::TimeDelta::minutes(1));
    knows_all_spellings(&test).await;

    let body = json!({"token": letter(&test).await, "new_password": format!("{WIDE}3")});
    anonymous
        .post("/auth/password-reset/confirm", body)
        .await
        .expect(200);
    log_in(&test, "ann", &format!("{NFD}3")).await.expect(200);
    let input = json!({"token": letter(&test).await, "newPassword": NFD});
    by_graphql(&anonymous, "resetPassword", input).await;
    log_in(&test, "ann", NFC).await.expect(200);
}

/// Hashes a password without normalising it, as older versions did.
fn hash_of_old(password: &str) -> PasswordHash {
    let params = Params::new(19_456, 2, 1, None).unwrap();
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let hash = hasher.hash_password_with_salt(password.as_bytes(), b"salt of the test");
    PasswordHash(hash.unwrap().to_string())
}

async fn ann(test: &TestApp) -> user::Model {
    let reader = test.app.database.reader();
    user::Entity::find().one(reader).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_verifies_and_renews_an_old_hash() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    user::Entity::update_many()
        .col_expr(user::Column::PasswordHash, Expr::value(hash_of_old(NFD)))
        .exec(test.app.database.reader())
        .await
        .unwrap();
    let before = ann(&test).await;
    assert_eq!(
        log_in(&test, "ann", NFC).await.problem(401),
        "bad_credentials"
    );
    assert_eq!(ann(&test).await, before, "a wrong password changes nothing");
    let session = log_in(&test, "ann", NFD).await.expect(200);
    let after = ann(&test).await;
    assert_ne!(after.password_hash, before.password_hash);
    let same = user::Model {
        password_hash: before.password_hash.clone(),
        ..after
    };
    assert_eq!(same, before, "nothing else of the account changes");
    knows_all_spellings(&test).await;
    let change = json!({"current_password": WIDE, "new_password": "new pass"});
    holder(&test, &session)
        .put("/users/1/password", change)
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn change_password_accepts_a_password_with_an_old_hash() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    user::Entity::update_many()
        .col_expr(user::Column::PasswordHash, Expr::value(hash_of_old(NFD)))
        .exec(test.app.database.reader())
        .await
        .unwrap();
    let change = json!({"current_password": NFD, "new_password": NFC});
    holder(&test, &session)
        .put("/users/1/password", change)
        .await
        .expect(200);
    knows_all_spellings(&test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn password_length_is_counted_in_characters() {
    let test = TestApp::new().await;
    let register = async |number: usize, password: String| {
        let email = format!("{number}@example.com");
        let body = json!({"name": "ann", "email": email, "password": password});
        test.anonymous().post("/users", body).await
    };
    for (number, (password, code)) in [
        ("é".repeat(5), Some("too_short")),
        ("é".repeat(6), None),
        ("e\u{301}".repeat(3), None),
        ("🎮".repeat(256), None),
        ("\u{fdfa}".repeat(256), None),
        ("🎮".repeat(257), Some("too_long")),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = register(number, password.clone()).await;
        match code {
            None => drop(answer.expect(201)),
            Some(code) => assert_eq!(answer.expect(422)["errors"][0]["code"], code),
        }
    }
}
