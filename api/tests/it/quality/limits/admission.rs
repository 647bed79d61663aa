//! Admission: requests in flight, the queue, and a limit of its own for requests with passwords.

use std::time::Duration;

use api::{
    admission::Admission,
    http::clients::unread::Unread,
    server::{self, Exposure, limits::Limits},
};
use axum::{
    body::Body,
    http::{Method, Request, header},
};
use exchange::identity::passwords::Passwords;
use futures_util::FutureExt;
use http_body_util::BodyExt;
use serde_json::json;
use tokio::join;
use tower::ServiceExt;
use uuid::Uuid;

use super::{GRAPHQL, ORIGIN, admission, admitting, all_connections, games, holding, limited};
use crate::support::{TestApp, eventually, http::Client};

#[tokio::test]
async fn request_over_the_limit_is_rejected_except_health() {
    let test = TestApp::new().await;
    let client = limited(&test, 1, Limits::default().time).with("origin", ORIGIN);
    {
        let _first = holding(&test, games(&client)).await;
        for path in [
            "/", "/games", "/nothing", "/whoami", "/docs/", "/redoc", GRAPHQL,
        ] {
            let answer = client.get(path).await;
            assert_eq!(answer.header("retry-after"), "1", "{path}: {}", answer.text);
            assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);
            assert_eq!(answer.problem(503), "overloaded");
        }
        for path in ["/health", "/health/live", "/health/ready"] {
            client.get(path).await.expect(200);
        }
    }
    for _ in 0..2 {
        client.get("/games").await.expect(200);
    }
}

#[tokio::test]
async fn queued_requests_are_served_in_turn_and_one_more_is_rejected() {
    let test = TestApp::new().await;
    let client = admitting(&test, admission(1, 2), Limits::default().time);
    let mut waiting: Vec<_> = {
        let _first = holding(&test, games(&client)).await;
        let mut waiting: Vec<_> = (0..2).map(|_| Box::pin(client.get("/games"))).collect();
        for request in &mut waiting {
            assert!(request.now_or_never().is_none(), "it waits");
        }
        let beyond = client.get("/games").now_or_never().expect("at once");
        assert_eq!(beyond.problem(503), "overloaded");
        waiting
    };
    let second = waiting.remove(1);
    assert!(second.now_or_never().is_none(), "its turn has not come");
    waiting.remove(0).await.expect(200);
    client.get("/games").await.expect(200);
}

#[tokio::test]
async fn client_that_never_reads_is_refused_alone() {
    let mut test = TestApp::new().await;
    test.rebuild(|app| app.clients.unread = Unread::new(1_000_000, 1_000));
    let exposure = Exposure {
        trusted_proxies: "127.0.0.1".parse().unwrap(),
        ..Exposure::default()
    };
    let client = Client::exposed(&test.app, exposure);
    let [ann, bob] =
        ["10.0.0.1", "10.0.0.2"].map(|address| client.with("x-forwarded-for", address));
    let unread = test
        .app
        .clients
        .unread
        .hold("10.0.0.1".parse().unwrap(), vec![0; 1_000].into());
    for path in ["/games", "/events?offer_id=1", GRAPHQL] {
        let answer = ann.get(path).await;
        assert_eq!(answer.header("retry-after"), "1");
        assert_eq!(answer.problem(429), "answers_unread");
    }
    ann.get("/health/ready").await.expect(200);
    bob.get("/games").await.expect(200);
    drop(unread);
    ann.get("/games").await.expect(200);
}

#[tokio::test]
async fn answer_counts_as_unread_until_its_client_reads_it() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    for _ in 0..30 {
        ann.lists(&"🎮".repeat(200)).await;
    }
    let router = server::router(test.app.clone(), Exposure::default());
    let request = Request::get("/games?limit=30").header(header::HOST, "localhost");
    let answer = router.oneshot(request.body(Body::empty()).unwrap()).await;
    let unread = &test.app.clients.unread;
    let held = unread.held();
    let read = answer.unwrap().into_body().collect().await.unwrap();
    assert_eq!(held, read.to_bytes().len());
    assert_eq!(unread.held(), 0);
}

#[tokio::test]
async fn expensive_queries_have_a_limit_of_their_own() {
    const EXPENSIVE: &str = "{ games(first: 100) { nodes { owner { games(first: 50) { nodes { a: name b: name c: name } } } } } }";
    let test = TestApp::new().await;
    let client = limited(&test, 1, Duration::from_secs(60));
    let taken = all_connections(&test).await;
    let mut expensive: Vec<_> = (0..2)
        .map(|_| Box::pin(client.graphql(EXPENSIVE, json!({}))))
        .collect();
    for query in &mut expensive {
        assert!(query.now_or_never().is_none(), "it waits for the database");
    }
    let mut games = games(&client).boxed();
    assert!((&mut games).now_or_never().is_none(), "it has a permit");
    drop(taken);
    games.await.expect(200);
    for query in expensive {
        query.await.expect(200);
    }
}

#[tokio::test]
async fn request_is_rejected_when_it_waits_too_long() {
    let test = TestApp::new().await;
    let hasty = Admission {
        max_wait: Duration::ZERO,
        ..admission(1, 1)
    };
    let client = admitting(&test, hasty, Limits::default().time);
    let _first = holding(&test, games(&client)).await;
    let answer = client.get("/games").await;
    assert_eq!(answer.problem(503), "overloaded");
}

#[tokio::test]
async fn requests_with_passwords_have_a_limit_of_their_own() {
    let test = TestApp::new().await;
    let client = limited(&test, 1, Limits::default().time);
    let log_in = json!({"email": "ann@example.com", "password": "pass123"});
    let (again, body) = (client.clone(), log_in.clone());
    let first_log_in = async move { again.post("/auth/login", body).await };
    for (first, is_beyond) in [
        (first_log_in.boxed(), true),
        (games(&client).boxed(), false),
    ] {
        let _first = holding(&test, first).await;
        let log_in = client.post("/auth/login", log_in.clone()).await;
        let other = client.get("/games").await;
        let (beyond, other) = if is_beyond {
            (log_in, other)
        } else {
            (other, log_in)
        };
        assert_eq!(beyond.problem(503), "overloaded");
        assert_ne!(other.status, 503, "{}", other.text);
    }
}

#[tokio::test]
async fn event_stream_starts_however_many_requests_are_in_flight() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let client = limited(&test, 1, Limits::default().time).with("x-user-id", ann.id);
    let _first = holding(&test, games(&client)).await;
    assert_eq!(client.get("/games").await.problem(503), "overloaded");
    let after = client.get(&format!("/events?after={}", Uuid::max())).await;
    assert_eq!(after.problem(409), "resume_expired");
}

#[tokio::test]
async fn queued_password_check_blocks_no_other_request() {
    let mut test = TestApp::new().await;
    let nobody_works = Passwords::new(0, 1, test.app.random.clone()).unwrap();
    test.identity(|identity| identity.passwords = nobody_works.clone());
    let client = limited(&test, 1, Limits::default().time);
    let query = r#"mutation { login(input: {email: "ann@example.com", password: "pass123"}) { userErrors { code } } }"#;
    let log_in = client.graphql(query, json!({}));
    let meanwhile = async {
        eventually(async || nobody_works.waiting() > 0).await;
        client.get("/games").await.expect(200);
        assert_eq!(nobody_works.waiting(), 1, "the log-in waits yet");
        let beyond = client.graphql(query, json!({})).await;
        assert_eq!(
            beyond.body["errors"][0]["extensions"]["code"],
            "passwords_busy"
        );
    };
    let (log_in, ()) = join!(log_in, meanwhile);
    assert_eq!(
        log_in.body["errors"][0]["extensions"]["code"],
        "passwords_busy"
    );
}

#[tokio::test]
async fn options_is_refused_over_the_limits() {
    let test = TestApp::new().await;
    let long = format!("/games?x={}", "x".repeat(8 * 1024));
    let answer = test.anonymous().call(Method::OPTIONS, &long, None).await;
    assert_eq!(answer.problem(414), "uri_too_long");
}
