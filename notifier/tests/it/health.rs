//! Health and metrics of the notifier.

use std::{sync::Arc, time::Duration};

use axum::{body::Body, http::Request};
use chrono::TimeDelta;
use http_body_util::BodyExt;
use notifier::{
    health::{self, Health},
    heartbeat::Heartbeat,
    letters,
};
use outbox::inbox;
use sea_orm::DbErr;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::support::{
    TestNotifier,
    smtp::{Act, SmtpServer},
    within_a_minute,
};

async fn get(health: &Health, path: &str) -> (u16, String) {
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = health::router(health.clone())
        .oneshot(request)
        .await
        .unwrap();
    let status = response.status().as_u16();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

async fn health_of(test: &TestNotifier) -> Health {
    Health {
        database: test.database.clone(),
        clock: test.clock.clone(),
        metrics: test.metrics.clone(),
        consumer: Heartbeat::new(test.clock.now()),
        sender: Heartbeat::new(test.clock.now()),
    }
}

fn body(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn health_is_ok_when_everything_works() {
    let test = TestNotifier::new().await;
    let (status, text) = get(&health_of(&test).await, "/health").await;
    assert_eq!(status, 200);
    assert_eq!(
        body(&text),
        json!({"status": "ok", "consumer": "ok", "sender": "ok", "database": "ok"})
    );
}

#[tokio::test]
async fn health_fails_when_a_worker_is_silent_for_a_minute() {
    let test = TestNotifier::new().await;
    let begun = health_of(&test).await;
    test.forward(TimeDelta::seconds(50));
    assert_eq!(get(&begun, "/health").await.0, 200);
    test.forward(TimeDelta::seconds(12));
    for (consumer, sender) in [("down", "ok"), ("ok", "down"), ("down", "down")] {
        let mut health = health_of(&test).await;
        if consumer == "down" {
            health.consumer = begun.consumer.clone();
        }
        if sender == "down" {
            health.sender = begun.sender.clone();
        }
        let (status, text) = get(&health, "/health").await;
        assert_eq!(status, 503);
        assert_eq!(
            body(&text),
            json!({"status": "down", "consumer": consumer, "sender": sender, "database": "ok"})
        );
    }
}

#[tokio::test]
async fn health_fails_when_the_database_is_away() {
    let test = TestNotifier::new().await;
    let health = health_of(&test).await;
    test.database.clone().close().await;
    let (status, text) = get(&health, "/health").await;
    assert_eq!(status, 503);
    assert_eq!(
        body(&text),
        json!({"status": "down", "consumer": "ok", "sender": "ok", "database": "down"})
    );
}

/// PostgreSQL only: a trigger raises the error of a full disk.
#[tokio::test]
async fn health_fails_until_a_probe_write_succeeds() {
    if std::env::var("TEST_DATABASE_URL").is_err() {
        return;
    }
    let test = TestNotifier::new().await;
    let (health, ann) = (health_of(&test).await, test.person(1, "Ann").await);
    let full = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
        'begin raise exception ''no room'' using errcode = ''53100''; end';
        CREATE TRIGGER is_full BEFORE INSERT ON notifications EXECUTE FUNCTION full_disk();
        CREATE TRIGGER is_full BEFORE INSERT ON storage_probes EXECUTE FUNCTION full_disk()";
    test.execute(full).await;
    let event = test.event_of(ann);
    let received = test.database.write(move |transaction| {
        Box::pin(async move { inbox::receive(transaction, &[event], letters::deliveries).await })
    });
    let received: Result<u64, DbErr> = received.await;
    assert!(received.is_err());
    for _ in 0..2 {
        let (status, text) = get(&health, "/health").await;
        assert_eq!((status, &body(&text)["database"]), (503, &json!("down")));
    }
    let room = "DROP TRIGGER is_full ON notifications; DROP TRIGGER is_full ON storage_probes";
    test.execute(room).await;
    within_a_minute(async {
        while get(&health, "/health").await.0 != 200 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn metrics_count_letters_by_outcome() {
    let (test, server) = (TestNotifier::new().await, SmtpServer::start().await);
    let mut people = Vec::new();
    for (id, name) in [(1, "Ann"), (2, "Bob"), (3, "Eve")] {
        people.push(test.person(id, name).await);
    }
    people.push(entity::UserId(4)); // who has no account
    server.next("bob@example.com", [Act::Answer("550 no such user")]);
    server.next("eve@example.com", [Act::Answer("451 not now")]);
    test.letters_to(&people).await;
    Arc::new(test.sender(&server)).drain().await.unwrap();
    test.forward(TimeDelta::seconds(90));
    let (status, text) = get(&health_of(&test).await, "/metrics").await;
    assert_eq!(status, 200);
    for line in [
        "notifier_letters_total{outcome=\"sent\"} 1",
        "notifier_letters_total{outcome=\"dead\"} 1",
        "notifier_letters_total{outcome=\"later\"} 1",
        "notifier_letters_total{outcome=\"skipped\"} 1",
        "notifier_inbox_letters{state=\"waiting\"} 1",
        "notifier_inbox_letters{state=\"dead\"} 1",
        "notifier_events_total 0",
        "notifier_unreadable_records_total 0",
        "notifier_consumer_retries_total 0",
        "notifier_lag_records 0",
        "notifier_inbox_oldest_waiting_seconds 90",
        "notifier_letter_delay_seconds_count 1",
    ] {
        assert!(
            text.lines().any(|found| found == line),
            "no {line:?} in:\n{text}"
        );
    }
}
