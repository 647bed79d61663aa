//! Request a password reset, and reset the password with the token of the letter.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use futures_util::future::join_all;
use sea_orm::Statement;
use serde_json::json;

use super::{RESET, ask, log_in, me, registered, reset};
use crate::support::{TestApp, letters::token};

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
    // The statements contain the time.
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
