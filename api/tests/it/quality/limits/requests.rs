//! What a request may take, and what every answer tells browsers.

use std::time::Duration;

use api::{
    admission::Admission,
    http::clients::unread::Unread,
    pages,
    server::{Exposure, limits::Limits},
};
use axum::{
    body::{Body, Bytes},
    http::{Method, Request, header},
};
use entity::game;
use exchange::identity::passwords::Passwords;
use futures_util::{FutureExt, future::BoxFuture, stream};
use platform::database::Transaction;
use sea_orm::{ActiveValue::Set, EntityTrait};
use serde_json::json;
use tokio::{join, sync::oneshot, task::yield_now};
use uuid::Uuid;

use crate::support::{
    TestApp,
    http::{Answer, Client},
};

const ORIGIN: &str = "https://games.example";
const GRAPHQL: &str = "/graphql?query=%7Bgames%7Bnodes%7Bname%7D%7D%7D";

/// A client of the exchange that works on this many at once, lets nobody wait, and takes this time for each. A page of
/// [`ORIGIN`] may call it.
fn limited(test: &TestApp, concurrency: usize, time: Duration) -> Client {
    admitting(test, admission(concurrency, 0), time)
}

fn admission(concurrency: usize, waiting: usize) -> Admission {
    let max_wait = Duration::from_secs(60);
    Admission {
        concurrency,
        max_queued: waiting,
        max_wait,
    }
}

/// Likewise, for requests in general and for those with passwords each.
fn admitting(test: &TestApp, admission: Admission, time: Duration) -> Client {
    let exposure = Exposure {
        cors_origins: vec![ORIGIN.parse().unwrap()],
        limits: Limits {
            general: admission,
            passwords: admission,
            streams: Admission::STREAMS,
            body: Duration::from_secs(60),
            time,
        },
        ..Exposure::default()
    };
    Client::exposed(&test.app, exposure)
}

/// Takes every connection to the database. Whoever needs one waits until these are dropped.
pub async fn all_connections(test: &TestApp) -> Vec<Transaction> {
    let database = &test.app.database;
    let mut taken = Vec::new();
    for _ in 0..database.pool_status().max {
        taken.push(database.begin().await.unwrap());
    }
    taken
}

/// A request that holds its place as long as it is there: it waits for the database, and goes on when it is polled again.
pub async fn holding(
    test: &TestApp,
    request: impl Future<Output = Answer> + Send + 'static,
) -> BoxFuture<'static, Answer> {
    let _taken = all_connections(test).await;
    let mut request = request.boxed();
    assert!(request.as_mut().now_or_never().is_none(), "it waits");
    request
}

/// Asks for the games.
fn games(client: &Client) -> impl Future<Output = Answer> + Send + 'static {
    let client = client.clone();
    async move { client.get("/games").await }
}

/// A request of which the body does not come.
fn endless(path: &str) -> Request<Body> {
    let body = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    request.body(body).unwrap()
}

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
        app.write(move |_, transaction| {
            Box::pin(async move {
                let row = game::ActiveModel {
                    id: Set(id),
                    publisher: Set("Sony".to_owned()),
                    ..Default::default()
                };
                game::Entity::update(row).exec(transaction).await?;
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
        while nobody_works.waiting() == 0 {
            yield_now().await;
        }
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

#[tokio::test(flavor = "multi_thread")]
async fn request_with_a_uri_over_eight_kibibytes_is_refused() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    for start in [
        "/nothing?x=",
        "/graphql?query=%7B__typename%7D&x=",
        "/docs/",
        "/games/",
    ] {
        for method in [Method::GET, Method::POST] {
            let long = |length: usize| start.to_owned() + &"x".repeat(length - start.len());
            let fits = client.call(method.clone(), &long(8 * 1024), None).await;
            assert_ne!(fits.status, 414, "{method} {start}");
            let answer = client.call(method, &long(8 * 1024 + 1), None).await;
            assert_eq!(answer.problem(414), "uri_too_long");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn request_with_headers_over_sixteen_kibibytes_is_refused() {
    let test = TestApp::new().await;
    for path in ["/", GRAPHQL, "/redoc", "/health/live"] {
        // Three headers of one name, of 1 + 4095 bytes and so on, beside the one that each request has.
        let host = "host".len() + "localhost".len();
        let padded = |length: usize| {
            let client = test.anonymous();
            let client = client
                .with("x", "y".repeat(4095))
                .with("x", "y".repeat(8191));
            client.with("x", "y".repeat(length - host - 1))
        };
        padded(4096).get(path).await.expect(200);
        let answer = padded(4097).get(path).await;
        assert_eq!(answer.problem(431), "headers_too_large");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_the_security_headers() {
    let test = TestApp::new().await;
    let client = test.with_user("ann").await.client();
    let told = |answer: &Answer, what: &str| {
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), value, "{what}: {name}");
            assert_eq!(
                answer.headers.get_all(name).iter().count(),
                1,
                "{what}: {name}"
            );
        }
        let policies = answer.headers.get_all("content-security-policy");
        assert_eq!(policies.iter().count(), 1, "{what}");
    };
    for (method, path, status) in [
        (Method::GET, "/", 200),
        (Method::HEAD, "/games", 200),
        (Method::GET, "/users/1", 200),
        (Method::GET, "/users/2", 404),
        (Method::GET, "/nothing", 404),
        (Method::DELETE, "/whoami", 405),
        (Method::OPTIONS, "/games", 204),
        (Method::GET, GRAPHQL, 200),
        (Method::GET, "/graphql", 400),
        (Method::DELETE, "/users/1", 204),
    ] {
        let answer = client.call(method.clone(), path, None).await;
        let what = format!("{method} {path}");
        assert_eq!(answer.status, status, "{what}");
        told(&answer, &what);
        let policy = answer.header("content-security-policy");
        assert_eq!(
            policy, "default-src 'none'; frame-ancestors 'none'",
            "{what}"
        );
    }
    for page in [
        "/docs/",
        "/redoc",
        "/explorer",
        "/graphiql",
        "/auth/password-reset",
        "/auth/email-confirmation",
    ] {
        let answer = test.anonymous().get(page).await;
        assert_eq!(answer.status, 200, "{page}");
        told(&answer, page);
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with(pages::POLICY), "{page}: {policy}");
    }
    let preflight = limited(&test, 1, Duration::ZERO).with("origin", ORIGIN);
    let answer = preflight.call(Method::OPTIONS, "/games/1", None).await;
    told(&answer, "preflight");
}

#[tokio::test]
async fn options_is_refused_over_the_limits() {
    let test = TestApp::new().await;
    let long = format!("/games?x={}", "x".repeat(8 * 1024));
    let answer = test.anonymous().call(Method::OPTIONS, &long, None).await;
    assert_eq!(answer.problem(414), "uri_too_long");
}
