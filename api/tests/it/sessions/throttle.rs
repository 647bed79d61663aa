//! Limits on wrong passwords, by e-mail address and client, for log-ins and for password changes.

use axum::http::StatusCode;
use chrono::TimeDelta;
use entity::throttle::{Column, Entity};
use exchange::identity::{
    passwords::Passwords,
    throttle::{self, PasswordAttempts},
};
use futures_util::future::join_all;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::{holder, log_in, log_in_from, register};
use crate::{
    protocol::graphql::{data, error, trade::newcomer},
    support::{TestApp, eventually, letters::token},
};

/// Counts wrong passwords for Ann from these clients, ten from each.
async fn fail_from(test: &TestApp, clients: impl IntoIterator<Item = u8>) {
    for client in clients {
        let address = [192, 0, 2, client].into();
        for _ in 0..10 {
            let guesses = PasswordAttempts::for_log_in("ann@example.com", address);
            guesses.record_failure(&test.app).await.unwrap();
        }
    }
}

async fn counters(test: &TestApp) -> u64 {
    let reader = test.app.database.reader();
    let log_ins = Entity::find().filter(Column::Purpose.eq("log-in"));
    log_ins.count(reader).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_is_locked_only_for_the_failing_client() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let (thief, ann) = (
        test.anonymous().at("192.0.2.1"),
        test.anonymous().at("192.0.2.2"),
    );
    for _ in 0..10 {
        let answer = log_in_from(&thief, "ann", "guess1").await;
        assert_eq!(answer.problem(401), "bad_credentials");
    }
    log_in_from(&ann, "ann", "pass123").await.expect(200);
    let answer = log_in_from(&thief, "ann", "pass123").await;
    assert_eq!(answer.problem(429), "too_many_failures");
    log_in_from(&ann, "ann", "pass123").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_is_locked_for_everyone_after_a_hundred_failures() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    fail_from(&test, 1..=9).await;
    log_in(&test, "ann", "pass123").await.expect(200);
    fail_from(&test, [10]).await;
    let answer = log_in(&test, "ann", "pass123").await;
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    assert_eq!(answer.problem(429), "too_many_failures");
    test.forward(TimeDelta::seconds(wait));
    log_in(&test, "ann", "pass123").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_guesses_from_many_clients_stay_within_the_limit() {
    let test = TestApp::new().await;
    let guesses = (0..15).flat_map(|client| std::iter::repeat_n(client, 10));
    let told = guesses.map(|client| {
        let address = [192, 0, 2, client].into();
        PasswordAttempts::for_log_in("ann@example.com", address).record_failure(&test.app)
    });
    let told = join_all(told).await;
    assert_eq!(told.iter().filter(|told| told.is_ok()).count(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_does_not_reveal_a_right_password_when_locked() {
    let test = TestApp::new().await;
    fail_from(&test, 1..=10).await;
    let guesses = PasswordAttempts::for_log_in("ann@example.com", [192, 0, 2, 99].into());
    let settled = test
        .app
        .write(move |write| Box::pin(async move { guesses.forgive_failures(write).await }));
    assert_eq!(settled.await.unwrap_err().code(), "too_many_failures");
}

#[tokio::test(flavor = "multi_thread")]
async fn change_password_works_while_logins_are_locked() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    fail_from(&test, 1..=10).await;
    let answer = log_in(&test, "ann", "pass123").await;
    assert_eq!(answer.problem(429), "too_many_failures");
    let change = json!({"current_password": "pass123", "new_password": "new pass"});
    let ann = holder(&test, &session);
    ann.put("/users/1/password", change).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_works_while_password_changes_are_locked() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    let ann = holder(&test, &session);
    let guess = json!({"current_password": "guess1", "new_password": "new pass"});
    for _ in 0..10 {
        let answer = ann.put("/users/1/password", guess.clone()).await;
        assert_eq!(answer.problem(403), "wrong_password");
    }
    let right = json!({"current_password": "pass123", "new_password": "new pass"});
    let answer = ann.put("/users/1/password", right.clone()).await;
    let wait: i64 = answer.header("retry-after").parse().unwrap();
    assert_eq!(answer.problem(429), "too_many_failures");
    log_in(&test, "ann", "pass123").await.expect(200);
    test.forward(TimeDelta::seconds(wait));
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    let ann = holder(&test, &session);
    ann.put("/users/1/password", right).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn password_reset_works_while_logins_are_locked() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    test.letters().await;
    fail_from(&test, 1..=10).await;
    let reset = json!({"email": "ann@example.com"});
    let anonymous = test.anonymous();
    anonymous
        .post("/auth/password-reset", reset)
        .await
        .expect(202);
    let token = token(&test.letters().await[0], "/auth/password-reset");
    let body = json!({"token": token, "new_password": "new pass"});
    anonymous
        .post("/auth/password-reset/confirm", body)
        .await
        .expect(200);
    assert_eq!(
        counters(&test).await,
        0,
        "those of all clients are forgotten"
    );
    log_in(&test, "ann", "new pass").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_counters_of_different_purposes_never_collide() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    test.letters().await;
    for email in ["letter ann@example.com", "letter\0ann@example.com", "1", ""] {
        for _ in 0..6 {
            test.forward(TimeDelta::seconds(1));
            let body = json!({"email": email, "password": "guess1"});
            let answer = test.anonymous().post("/auth/login", body).await;
            assert_eq!(answer.problem(401), "bad_credentials", "{email:?}");
        }
    }
    let reset = json!({"email": "ann@example.com"});
    test.anonymous()
        .post("/auth/password-reset", reset)
        .await
        .expect(202);
    assert_eq!(test.letters().await.len(), 1);
    log_in(&test, "ann", "pass123").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_count_restarts_when_the_clock_is_set_back() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    test.forward(TimeDelta::days(40));
    fail_from(&test, 1..=10).await;
    test.forward(TimeDelta::days(-40));
    log_in(&test, "ann", "pass123").await.expect(200);
    fail_from(&test, [1]).await;
    throttle::delete_expired(&test.app).await.unwrap();
    assert_eq!(counters(&test).await, 2, "one client's and all clients'");
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_counters_are_deleted_when_their_windows_end() {
    let test = TestApp::new().await;
    test.stop_the_clock();
    fail_from(&test, 1..=3).await;
    test.forward(TimeDelta::minutes(15) - TimeDelta::milliseconds(1));
    throttle::delete_expired(&test.app).await.unwrap();
    assert_eq!(counters(&test).await, 4);
    test.forward(TimeDelta::milliseconds(1));
    throttle::delete_expired(&test.app).await.unwrap();
    assert_eq!(counters(&test).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_counts_no_failure_when_the_client_gives_up() {
    let mut test = TestApp::new().await;
    register(&test, "ann").await;
    let nobody_works = Passwords::new(0, 1, test.app.random.clone()).unwrap();
    let passwords = test.app.identity.passwords.clone();
    test.identity(|identity| identity.passwords = nobody_works.clone());
    for _ in 0..15 {
        test.forward(TimeDelta::seconds(1));
        let is_queued = eventually(async || nobody_works.waiting() > 0);
        tokio::select! {
            answer = log_in(&test, "ann", "guess1") => panic!("{}", answer.text),
            () = is_queued => {}
        }
    }
    test.identity(|identity| identity.passwords = passwords);
    let answer = log_in(&test, "ann", "pass123").await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_logins_are_counted_across_both_surfaces() {
    let test = TestApp::new().await;
    newcomer(&test, "ann", "Metroid").await;
    let log_in = |password: &str| {
        format!(
            "mutation {{ login(input: {{email: \"Ann@example.com\", password: \"{password}\"}}) {{ accessToken }} }}"
        )
    };
    for _ in 0..5 {
        let answer = test
            .anonymous()
            .graphql(&log_in("a wrong one"), json!({}))
            .await;
        assert_eq!(error(&answer), "bad_credentials");
        let body = json!({"email": "ann@example.com", "password": "a wrong one"});
        test.anonymous().post("/auth/login", body).await.expect(401);
    }
    let answer = test
        .anonymous()
        .graphql(&log_in("a long one"), json!({}))
        .await;
    assert_eq!(error(&answer), "too_many_failures");
    assert!(
        answer.body["errors"][0]["extensions"]["retryAfter"]
            .as_u64()
            .unwrap()
            > 0
    );
    test.forward(TimeDelta::minutes(16));
    data(
        test.anonymous()
            .graphql(&log_in("a long one"), json!({}))
            .await,
        "login",
    );
}
