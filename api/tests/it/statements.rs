//! How many SQL statements a request runs: a number of its own, however long the list is.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use entity::GameId;
use tracing::{Metadata, Subscriber, span};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
};

use crate::support::{TestApp, http::Client, tracing::listen};

/// Counts what SeaORM sends over a connection: each statement is a span of one of its drivers.
#[derive(Clone, Default)]
struct Statements(Arc<AtomicUsize>);

impl<S: Subscriber> Layer<S> for Statements {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        metadata.target().starts_with("sea_orm::driver::sqlx_")
    }

    fn on_new_span(&self, _: &span::Attributes<'_>, _: &span::Id, _: Context<'_, S>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// The number of statements that reading `path` takes.
async fn statements(client: &Client, path: &str) -> usize {
    let counter = Statements::default();
    let counting = listen(Registry::default().with(counter.clone()));
    let answer = client.get(path).await;
    drop(counting);
    answer.expect(200);
    counter.0.load(Ordering::Relaxed)
}

#[tokio::test]
async fn reading_runs_as_many_statements_as_the_table_says() {
    let test = TestApp::new().await;
    let (ann, bob) = (test.with_user("ann").await, test.with_user("bob").await);
    let mut games: Vec<[GameId; 2]> = Vec::new();
    for number in 1..=20 {
        let pair = [
            ann.lists(&format!("Ann's {number}")).await,
            bob.lists(&format!("Bob's {number}")).await,
        ];
        ann.offers(&pair[..1], &pair[1..]).await.unwrap();
        games.push(pair);
    }
    let table = [
        ("/", 0),
        ("/whoami", 0),
        ("/games/1", 1),
        ("/games?limit=1", 1),
        ("/games?limit=20", 1),
        ("/games?limit=20&q=ann&sort=-name&condition=good", 1),
        ("/users/1", 1),
        ("/users?limit=20", 1),
        // The person, then the games.
        ("/users/1/games?limit=20", 2),
        // The offers, their games, their people.
        ("/offers/1", 3),
        ("/offers?limit=1", 3),
        ("/offers?limit=20", 3),
        ("/trade-offers/user/1/sent?limit=20", 3),
        ("/offers?limit=20&status=pending&game_id=1&user_id=2", 3),
    ];
    let (anonymous, ann) = (test.anonymous(), ann.client());
    for (path, expected) in table {
        assert_eq!(
            statements(&anonymous, path).await,
            expected,
            "anonymous, {path}"
        );
        let identity = usize::from(path != "/whoami");
        assert_eq!(
            statements(&ann, path).await,
            expected + identity,
            "identified, {path}"
        );
    }
}
