//! Panics in the middle of a request.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use api::app::App;
use axum::http::Method;
use platform::system::Clock;
use serde_json::{Value, json};

use super::privacy::people::Log;
use crate::support::{
    TestApp,
    http::{Answer, Client},
};

/// An exchange whose clock panics after a number of reads.
struct Fragile {
    test: TestApp,
    app: App,
    good_for: Arc<AtomicUsize>,
}

impl Fragile {
    async fn new() -> Self {
        let test = TestApp::new().await;
        let (ann, bob) = (test.with_user("ann").await, test.with_user("bob").await);
        let (mine, theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
        ann.offers(&[mine], &[theirs]).await.unwrap();
        let good_for = Arc::new(AtomicUsize::new(usize::MAX));
        let (whole, left) = (test.app.clock.clone(), good_for.clone());
        let now = move || {
            let left = left.fetch_sub(1, Ordering::Relaxed);
            assert_ne!(left, 0, "the mainspring broke");
            whole.now()
        };
        let app = test.with_changed_exchange(|exchange| exchange.clock = Clock::new(now));
        Self {
            test,
            app,
            good_for,
        }
    }

    fn client(&self) -> Client {
        Client::anonymous(&self.app).with("x-user-id", 1)
    }

    /// Sends a request that hits the panicking clock, and repairs the clock afterwards.
    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        // The request id reads the clock, too, before the handler.
        self.good_for.store(1, Ordering::Relaxed);
        let answer = self.client().call(method, path, body).await;
        self.good_for.store(usize::MAX, Ordering::Relaxed);
        answer
    }
}

fn game() -> Value {
    json!({"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2", "condition": "mint"})
}

#[tokio::test]
async fn request_that_panics_answers_500_without_details() {
    let (log, _logging) = Log::begin();
    let fragile = Fragile::new().await;
    let offer = json!({"query": "{ offer(by: {databaseId: 1}) { message } }"});
    for (method, path, body) in [
        (Method::GET, "/offers/1", None),
        (Method::GET, "/offers", None),
        (Method::POST, "/games", Some(game())),
        (Method::PUT, "/offers/1/cancel", None),
        (Method::POST, "/graphql", Some(offer)),
    ] {
        let answer = fragile.call(method, path, body).await;
        for word in ["mainspring", "panic", "task", "Clock", ".rs"] {
            assert!(!answer.text.contains(word), "{path}: {}", answer.text);
        }
        assert_eq!(answer.header("x-instance-name"), "API-1");
        let id = answer.header("x-request-id").to_owned();
        assert_eq!(id.len(), 36, "{id}");
        assert_eq!(answer.problem(500), "internal", "{path}");
        let told = log.text();
        let mut lines = told.lines().filter(|line| line.contains(&id));
        assert!(
            lines.any(|line| line.contains("ERROR") && line.contains("mainspring")),
            "{path}: {told}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn write_that_panics_is_rolled_back_and_the_next_works() {
    let fragile = Fragile::new().await;
    for _ in 0..30 {
        let answer = fragile.call(Method::POST, "/games", Some(game())).await;
        assert_eq!(answer.problem(500), "internal");
    }
    let listed = fragile.client().post("/games", game()).await.expect(201);
    let games = fragile.test.anonymous().get("/games").await.expect(200);
    let games = games["_embedded"]["games"].as_array().unwrap();
    assert_eq!(games.len(), 3, "those from before, and the last");
    assert_eq!(games[2]["id"], listed["id"]);
}
