//! What a person does by a letter in their mailbox: confirm the e-mail address, and set a new password.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use entity::letter_token;
use futures_util::future::join_all;
use notifier::letters::Letter;
use sea_orm::{EntityTrait, PaginatorTrait, Statement};
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    http::Answer,
    letters::{BASE, token},
};

const CONFIRMATION: &str = "/auth/email-confirmation";
const RESET: &str = "/auth/password-reset";

/// Registers ann, who has games to trade with bob, and gives the letters that she got.
async fn registered(test: &TestApp) -> Vec<Letter> {
    let body = json!({"name": "Ann", "email": "Ann@Example.com", "password": "pass123"});
    test.anonymous().post("/users", body).await.expect(201);
    test.letters().await
}

async fn log_in(test: &TestApp, password: &str) -> Answer {
    let body = json!({"email": "ann@example.com", "password": password});
    test.anonymous().post("/auth/login", body).await
}

async fn ask(test: &TestApp, email: &str) -> Answer {
    test.anonymous().post(RESET, json!({"email": email})).await
}

async fn reset(test: &TestApp, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "new_password": password});
    test.anonymous()
        .post("/auth/password-reset/confirm", body)
        .await
}

async fn confirm(test: &TestApp, token: &str) -> Answer {
    test.anonymous()
        .post(CONFIRMATION, json!({"token": token}))
        .await
}

async fn me(test: &TestApp) -> Value {
    test.anonymous()
        .with("x-user-id", 1)
        .get("/users/1")
        .await
        .expect(200)
}

#[tokio::test(flavor = "multi_thread")]
async fn confirm_email_works_once_with_the_letters_token() {
    let test = TestApp::new().await;
    let letters = registered(&test).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to.email.to_string(), "ann@example.com");
    let before = me(&test).await;
    assert_eq!(before["email_confirmed_at"], Value::Null);
    assert_eq!(
        before["_links"]["confirm_email"],
        json!({"href": "/users/1/email-confirmation", "method": "POST"})
    );

    let token = token(&letters[0], CONFIRMATION);
    let told = confirm(&test, &token).await.expect(200);
    assert!(told["detail"].as_str().unwrap().contains("is confirmed"));
    let after = me(&test).await;
    assert!(after["email_confirmed_at"].is_string());
    assert!(after["_links"].get("confirm_email").is_none());
    assert_eq!(
        confirm(&test, &token).await.problem(401),
        "bad_letter_token",
        "used up"
    );
    let again = test.anonymous().with("x-user-id", 1);
    let again = again.post("/users/1/email-confirmation", json!({})).await;
    assert_eq!(again.problem(409), "email_confirmed");
}

#[tokio::test(flavor = "multi_thread")]
async fn offer_letters_go_to_confirmed_addresses_only() {
    let test = TestApp::new().await;
    let welcome = registered(&test).await;
    let bob = test.with_user("bob").await;
    let ann = test.anonymous().with("x-user-id", 1);
    let game = json!({"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2",
        "condition": "good"});
    ann.post("/games", game).await.expect(201);
    let zelda = bob.lists("Zelda").await;
    let offer = async |requested| {
        let body = json!({"offered_game_ids": [1], "requested_game_ids": [requested]});
        ann.post("/offers", body).await.expect(201)
    };
    offer(zelda).await;
    assert_eq!(test.letters().await, [], "neither has confirmed");

    confirm(&test, &token(&welcome[0], CONFIRMATION))
        .await
        .expect(200);
    offer(bob.lists("Mario").await).await;
    let letters = test.letters().await;
    let to: Vec<_> = letters
        .iter()
        .map(|letter| letter.to.email.to_string())
        .collect();
    assert_eq!(to, ["ann@example.com"]);
    assert!(letters[0].text.contains(&format!("{BASE}/offers/2")));
}

#[tokio::test(flavor = "multi_thread")]
async fn register_confirms_the_address_in_development() {
    let mut test = TestApp::new().await;
    test.identity(|identity| identity.trust_email = true);
    let letters = registered(&test).await;
    assert!(me(&test).await["email_confirmed_at"].is_string());
    assert!(
        !letters[0].text.contains(CONFIRMATION),
        "{}",
        letters[0].text
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_password_sets_the_password_and_ends_all_sessions() {
    let test = TestApp::new().await;
    registered(&test).await;
    let session = log_in(&test, "pass123").await.expect(200);
    let told = ask(&test, "ANN@example.com").await.expect(202);
    assert!(told["_links"]["login"]["href"].is_string());
    let letters = test.letters().await;
    assert_eq!(letters.len(), 1);
    let first = token(&letters[0], RESET);
    ask(&test, "ann@example.com").await.expect(202);
    let second = token(&test.letters().await[0], RESET);

    reset(&test, &second, "a new one").await.expect(200);
    log_in(&test, "a new one").await.expect(200);
    assert_eq!(
        log_in(&test, "pass123").await.problem(401),
        "bad_credentials"
    );
    let body = json!({"refresh_token": session["refresh_token"]});
    let refreshed = test.anonymous().post("/auth/refresh", body).await;
    assert_eq!(refreshed.problem(401), "bad_refresh_token");
    assert!(
        me(&test).await["email_confirmed_at"].is_string(),
        "she has the mailbox"
    );
    for used in [&second, &first] {
        assert_eq!(
            reset(&test, used, "another").await.problem(401),
            "bad_letter_token",
            "the first that is used ends the others"
        );
    }
    let letters = test.letters().await;
    let subjects: Vec<_> = letters.iter().map(|letter| &letter.subject).collect();
    assert_eq!(subjects, ["Your password was changed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn request_reset_of_an_unknown_address_sends_nothing() {
    let test = TestApp::new().await;
    registered(&test).await;
    let known = ask(&test, "ann@example.com").await.expect(202);
    assert_eq!(test.letters().await.len(), 1);
    assert_eq!(ask(&test, "nobody@example.com").await.expect(202), known);
    test.anonymous()
        .with("x-user-id", 1)
        .delete("/users/1")
        .await
        .expect(204);
    assert_eq!(ask(&test, "ann@example.com").await.expect(202), known);
    assert_eq!(test.letters().await, []);
    assert_eq!(ask(&test, "ann").await.problem(422), "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn register_sends_at_most_five_letters_to_one_address() {
    let test = TestApp::new().await;
    let mut letters = 0;
    for id in 1..=8 {
        letters += registered(&test).await.len();
        let person = test.anonymous().with("x-user-id", id);
        person.delete(&format!("/users/{id}")).await.expect(204);
    }
    assert_eq!(letters, 5);
    test.forward(TimeDelta::minutes(15));
    assert_eq!(registered(&test).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn request_reset_sends_at_most_five_letters() {
    let test = TestApp::new().await;
    registered(&test).await;
    let asked = join_all((0..12).map(|_| ask(&test, "ann@example.com")));
    for answer in asked.await {
        answer.expect(202);
    }
    assert_eq!(test.letters().await.len(), 4, "the fifth was the welcome");
    let ann = test.anonymous().with("x-user-id", 1);
    let answer = ann.post("/users/1/email-confirmation", json!({})).await;
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
    assert_eq!(answer.problem(429), "too_many_letters");
    test.forward(TimeDelta::minutes(15));
    ask(&test, "ann@example.com").await.expect(202);
    assert_eq!(test.letters().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn request_reset_does_the_same_work_for_unknown_users() {
    let mut test = TestApp::new().await;
    registered(&test).await;
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = heard.clone();
    test.rebuild_exchange(|exchange| {
        let hear = move |statement: &Statement| ear.lock().unwrap().push(statement.sql.clone());
        exchange.database = exchange.database.clone().with_statement_observer(hear);
    });
    // The time is a part of the statements.
    test.stop_the_clock();
    let mut done = Vec::new();
    for email in ["ann@example.com", "nobody@example.com"] {
        ask(&test, email).await.expect(202);
        done.push(std::mem::take(&mut *heard.lock().unwrap()));
    }
    assert_eq!(done[0], done[1]);
    assert!(!done[0].is_empty());
    assert_eq!(test.letters().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn letter_token_is_valid_for_its_purpose_and_time() {
    let test = TestApp::new().await;
    let welcome = registered(&test).await;
    ask(&test, "ann@example.com").await.expect(202);
    let letters = test.letters().await;
    let (confirmation, resetting) = (token(&welcome[0], CONFIRMATION), token(&letters[0], RESET));
    for answer in [
        reset(&test, &confirmation, "a new one").await,
        confirm(&test, &resetting).await,
        reset(&test, "", "a new one").await,
        confirm(&test, "made up").await,
    ] {
        assert_eq!(answer.problem(401), "bad_letter_token");
    }
    assert_eq!(
        reset(&test, &resetting, "short").await.problem(422),
        "invalid"
    );
    test.forward(TimeDelta::hours(1));
    assert_eq!(
        reset(&test, &resetting, "a new one").await.problem(401),
        "bad_letter_token",
        "too old"
    );
    log_in(&test, "pass123").await.expect(200);
    confirm(&test, &confirmation).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn letter_token_works_once_when_used_concurrently() {
    let test = TestApp::new().await;
    let welcome = registered(&test).await;
    ask(&test, "ann@example.com").await.expect(202);
    let letters = test.letters().await;
    let (confirmation, resetting) = (token(&welcome[0], CONFIRMATION), token(&letters[0], RESET));
    let passwords: Vec<_> = (0..8).map(|number| format!("password {number}")).collect();
    let confirms = (0..32).map(|_| confirm(&test, &confirmation));
    let resets = passwords.iter().map(|new| reset(&test, &resetting, new));
    let worked = |answers: Vec<Answer>| {
        let worked = answers.iter().enumerate();
        let worked = worked.filter(|(_, answer)| answer.status == 200);
        worked.map(|(number, _)| number).collect::<Vec<_>>()
    };
    assert_eq!(worked(join_all(confirms).await).len(), 1);
    let reset_by = worked(join_all(resets).await);
    assert_eq!(reset_by.len(), 1);
    log_in(&test, &passwords[reset_by[0]]).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn password_change_and_delete_revoke_letter_tokens() {
    let test = TestApp::new().await;
    registered(&test).await;
    ask(&test, "ann@example.com").await.expect(202);
    let old = token(&test.letters().await[0], RESET);
    let ann = test.anonymous().with("x-user-id", 1);
    let body = json!({"new_password": "pass124"});
    ann.put("/users/1/password", body).await.expect(200);
    assert_eq!(
        reset(&test, &old, "a new one").await.problem(401),
        "bad_letter_token"
    );
    ask(&test, "ann@example.com").await.expect(202);
    let last = token(&test.letters().await[0], RESET);
    ann.delete("/users/1").await.expect(204);
    assert_eq!(
        reset(&test, &last, "a new one").await.problem(401),
        "bad_letter_token"
    );
    let left = letter_token::Entity::find()
        .count(test.app.database.reader())
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn reset_password_unlocks_log_in() {
    let test = TestApp::new().await;
    registered(&test).await;
    for _ in 0..10 {
        log_in(&test, "wrong").await.problem(401);
    }
    let answer = log_in(&test, "pass123").await;
    assert_eq!(
        answer.body["_links"]["reset_password"],
        json!({"href": RESET, "method": "POST"})
    );
    assert_eq!(answer.problem(429), "too_many_failures");
    ask(&test, "ann@example.com").await.expect(202);
    let token = token(&test.letters().await[0], RESET);
    reset(&test, &token, "a new one").await.expect(200);
    log_in(&test, "a new one").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn graphql_sends_the_same_letters_as_rest() {
    let test = TestApp::new().await;
    registered(&test).await;
    let ann = test.anonymous().with("x-user-id", 1);
    let query = "mutation { requestEmailConfirmation(input: {}) { user { databaseId } userErrors { code } } }";
    let asked = ann.graphql(query, json!({})).await.expect(200);
    assert_eq!(
        asked["data"]["requestEmailConfirmation"],
        json!({"user": {"databaseId": 1}, "userErrors": []})
    );
    let confirmation = token(&test.letters().await[0], CONFIRMATION);
    let query = "mutation($input: ConfirmEmailInput!) { confirmEmail(input: $input) { user { name } userErrors { code } } }";
    let variables = json!({"input": {"token": confirmation}});
    let confirmed = test.anonymous().graphql(query, variables.clone()).await;
    assert_eq!(
        confirmed.expect(200)["data"]["confirmEmail"]["user"]["name"],
        "Ann"
    );
    let again = test.anonymous().graphql(query, variables).await;
    assert_eq!(
        again.body["errors"][0]["extensions"]["code"],
        "bad_letter_token"
    );
    let viewer = ann
        .graphql("{ viewer { emailConfirmedAt } }", json!({}))
        .await;
    assert!(viewer.body["data"]["viewer"]["emailConfirmedAt"].is_string());

    let query = "mutation($email: String!) { requestPasswordReset(input: {email: $email}) { accepted userErrors { code } } }";
    for email in ["nobody@example.com", "ann@example.com"] {
        let asked = test
            .anonymous()
            .graphql(query, json!({"email": email}))
            .await;
        assert_eq!(
            asked.expect(200)["data"]["requestPasswordReset"],
            json!({"accepted": true, "userErrors": []})
        );
    }
    let resetting = token(&test.letters().await[0], RESET);
    let query = "mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { user { name } userErrors { field code } } }";
    let reset = async |new| {
        let variables = json!({"input": {"token": resetting, "newPassword": new}});
        test.anonymous().graphql(query, variables).await.expect(200)
    };
    assert_eq!(
        reset("short").await["data"]["resetPassword"]["userErrors"],
        json!([{"field": "newPassword", "code": "too_short"}])
    );
    assert_eq!(
        reset("a new one").await["data"]["resetPassword"]["user"]["name"],
        "Ann"
    );
    log_in(&test, "a new one").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn letter_pages_load_nothing_from_other_hosts() {
    let test = TestApp::new().await;
    for page in [RESET, CONFIRMATION] {
        let answer = test.anonymous().get(page).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(
            answer
                .header("content-security-policy")
                .starts_with("default-src 'none'; script-src 'self';")
        );
        assert!(!answer.text.contains("//"), "{}", answer.text);
        assert!(answer.text.contains("src=\"letters.js\""));
    }
    let script = test.anonymous().get("/auth/letters.js").await;
    assert_eq!(
        script.header("content-type"),
        "text/javascript; charset=utf-8"
    );
}
