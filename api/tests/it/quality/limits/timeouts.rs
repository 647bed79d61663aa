//! Time limits of requests and bodies.

use std::time::Duration;

use api::server::{Exposure, limits::Limits};
use entity::game;
use futures_util::FutureExt;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;
use tokio::sync::oneshot;

use super::{GRAPHQL, all_connections, endless, limited};
use crate::support::{
    TestApp,
    http::{Answer, Client},
};

#[tokio::test(flavor = "multi_thread")]
async fn slow_request_times_out_and_may_be_retried() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let slow = limited(&test, 1, Duration::ZERO).with("x-user-id", ann.id);
    let given_up = |answer: Answer, says: &str| {
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.contains(says), "{detail}");
        assert_eq!(answer.header("retry-after"), "5");
        assert_eq!(answer.problem(503), "timed_out");
    };
    let taken = all_connections(&test).await;
    for path in ["/games", GRAPHQL, "/health/ready"] {
        given_up(slow.get(path).await, "Nothing was changed");
    }
    let leave = json!({"query": "mutation { deleteUser(input: {}) { userErrors { code } } }"});
    given_up(slow.post("/graphql", leave).await, "Idempotency-Key");
    given_up(slow.act("/offers/1/accept").await, "Idempotency-Key");
    drop(taken);
    let ann = limited(&test, 1, Limits::default().time).with("x-user-id", ann.id);
    ann.get("/games").await.expect(200);
    ann.get("/users/1").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn timed_out_write_is_done_once_when_retried_with_its_key() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let id = ann.lists("Ico").await;
    let (locked, is_locked) = oneshot::channel();
    let (release, released) = oneshot::channel::<()>();
    let app = test.app.clone();
    let other = tokio::spawn(async move {
        app.write(move |write| {
            Box::pin(async move {
                let row = game::ActiveModel {
                    id: Set(id),
                    publisher: Set("Sony".to_owned()),
                    ..Default::default()
                };
                game::Entity::update(row).exec(write.transaction).await?;
                locked.send(()).unwrap();
                released.await.unwrap();
                Ok(())
            })
        })
        .await
    });
    is_locked.await.unwrap();
    let (path, body) = (format!("/games/{id}"), json!({"name": "Ico II"}));
    let key = "one-write";
    let hasty = limited(&test, 1, Duration::from_millis(50)).with("x-user-id", ann.id);
    let answer = hasty
        .with("idempotency-key", key)
        .put(&path, body.clone())
        .await;
    assert_eq!(answer.problem(503), "timed_out");
    release.send(()).unwrap();
    other.await.unwrap().unwrap();
    let patient = ann.client().with("idempotency-key", key);
    let game = patient.put(&path, body).await.expect(200);
    assert_eq!(game["name"], "Ico II");
    assert_eq!(test.game(id).await.version, 2, "changed once");
}

#[tokio::test]
async fn slow_bodies_hold_no_permit() {
    let test = TestApp::new().await;
    let client = limited(&test, 1, Limits::default().time);
    let paths = ["/graphql", "/auth/login", "/users", "/games"];
    let mut slow: Vec<_> = paths
        .map(|path| Box::pin(client.send(endless(path))))
        .into();
    for request in &mut slow {
        assert!(request.now_or_never().is_none(), "it comes yet");
    }
    for _ in 0..2 {
        client.get("/games").await.expect(200);
    }
    let log_in = json!({"email": "ann@example.com", "password": "pass123"});
    let answer = client.post("/auth/login", log_in).await;
    assert_eq!(answer.problem(401), "bad_credentials");
}

#[tokio::test]
async fn request_ends_when_its_body_is_late() {
    let test = TestApp::new().await;
    let exposure = Exposure {
        limits: Limits {
            body: Duration::ZERO,
            ..Limits::default()
        },
        ..Exposure::default()
    };
    let client = Client::exposed(&test.app, exposure);
    for path in ["/graphql", "/users", "/nothing"] {
        let answer = client.send(endless(path)).await;
        assert_eq!(answer.header("connection"), "close");
        assert_eq!(answer.problem(408), "request_timeout");
    }
    client.get("/games").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_fails_soon_when_the_database_is_silent() {
    let test = TestApp::new().await;
    let taken = all_connections(&test).await;
    let client = limited(&test, 1, Duration::from_secs(2));
    let answer = client.get("/health/ready").await;
    assert_eq!(answer.problem(503), "database_unavailable");
    drop(taken);
    client.get("/health/ready").await.expect(200);
}
