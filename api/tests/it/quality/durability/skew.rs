//! An instance whose clock is 40 days ahead of the database's deletes no live rows, and repeats no write.

use chrono::TimeDelta;
use entity::{idempotency_key, outbox, refresh_token};
use exchange::{
    idempotency,
    identity::{log_in_rate, throttle},
};
use platform::system::Clock;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use super::game;
use crate::support::TestApp;

/// Advances the clock of the instance, not that of the database.
fn skew(test: &mut TestApp) {
    let clock = test.app.clock.clone();
    test.rebuild_exchange(|exchange| {
        exchange.clock = Clock::new(move || clock.now() + TimeDelta::days(40));
    });
}

async fn count<E: EntityTrait<Model: Sync>>(_: E, test: &TestApp) -> u64
where
    for<'s> sea_orm::Select<E>: PaginatorTrait<'s, platform::database::Reader>,
{
    E::find().count(test.app.database.reader()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn idempotency_key_holds_when_the_clock_is_ahead() {
    let mut test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let first = ann
        .client()
        .with("idempotency-key", "k")
        .post("/games", game(1))
        .await;
    skew(&mut test);
    let ann = test.anonymous().with("x-user-id", ann.id);
    let again = ann
        .with("idempotency-key", "k")
        .post("/games", game(1))
        .await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    assert_eq!(again.text, first.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn cleanup_keeps_rows_that_are_young_by_the_database_clock() {
    let mut test = TestApp::new().await;
    // The last event is always kept.
    for email in ["ann@example.com", "bob@example.com"] {
        let body = json!({"name": "Ann", "email": email, "password": "pass123"});
        test.anonymous().post("/users", body).await.expect(201);
    }
    let log_in = json!({"email": "ann@example.com", "password": "pass123"});
    test.anonymous()
        .post("/auth/login", log_in.clone())
        .await
        .expect(200);
    let ann = test.anonymous().with("x-user-id", 1);
    for key in ["k1", "k2"] {
        ann.with("idempotency-key", key)
            .post("/games", game(1))
            .await
            .expect(201);
    }
    test.letters().await;
    let events = count(outbox::Entity, &test).await;
    skew(&mut test);

    idempotency::delete_expired(&test.app).await.unwrap();
    assert_eq!(count(idempotency_key::Entity, &test).await, 2);
    assert_eq!(test.retention().delete_expired().await.unwrap(), 0);
    assert_eq!(count(outbox::Entity, &test).await, events);
    test.anonymous()
        .post("/auth/login", log_in)
        .await
        .expect(200);
    assert_eq!(count(refresh_token::Entity, &test).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_logins_are_counted_when_the_clock_is_ahead() {
    let mut test = TestApp::new().await;
    let body = json!({"name": "Ann", "email": "ann@example.com", "password": "pass123"});
    test.anonymous().post("/users", body).await.expect(201);
    let log_in = async |test: &TestApp, password: &str| {
        let body = json!({"email": "ann@example.com", "password": password});
        test.anonymous().post("/auth/login", body).await
    };
    for _ in 0..10 {
        log_in(&test, "guess1").await.expect(401);
    }
    skew(&mut test);
    throttle::delete_expired(&test.app).await.unwrap();
    let answer = log_in(&test, "pass123").await;
    assert_eq!(answer.problem(429), "too_many_failures");
}

#[tokio::test(flavor = "multi_thread")]
async fn log_in_rate_is_limited_when_the_clock_is_ahead() {
    let mut test = TestApp::new().await;
    test.stop_the_clock();
    let client = [192, 0, 2, 1].into();
    while log_in_rate::take(&test.app, client).await.is_ok() {}
    skew(&mut test);
    log_in_rate::delete_expired(&test.app).await.unwrap();
    let refused = log_in_rate::take(&test.app, client).await.unwrap_err();
    assert_eq!(refused.code(), "too_many_log_ins");
}
