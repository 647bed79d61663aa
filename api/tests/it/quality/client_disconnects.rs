//! Clients that disconnect in the middle of a write.

use std::{collections::BTreeSet, future::poll_fn, pin::pin, task::Poll};

use api::server::{
    self, Exposure,
    connections::{self, Connections},
};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use entity::{GameId, OfferId, Side, offer, offer_game};
use futures_util::future::join_all;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, FromQueryResult, Statement,
};
use serde_json::{Value, json};
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    sync::oneshot,
};
use tower::ServiceExt;

use crate::support::{Person, TestApp, postgres_server};

/// The writes to abort, in turn: create a game, create an offer, update an offer.
struct Writes {
    test: TestApp,
    ann: Person,
    games: Vec<(GameId, GameId)>,
    offer: OfferId,
}

impl Writes {
    async fn new() -> Self {
        let test = TestApp::new().await;
        let (ann, bob) = (test.with_user("ann").await, test.with_user("bob").await);
        let mut games = Vec::new();
        for _ in 0..20 {
            games.push((ann.lists("Metroid").await, bob.lists("Zelda").await));
        }
        let (mine, theirs) = games[0];
        let offer = ann.offers(&[mine], &[theirs]).await.unwrap().id;
        Self {
            test,
            ann,
            games,
            offer,
        }
    }

    fn request(&self, number: usize) -> (&'static str, String, Value) {
        let game = json!({"name": format!("Game {number}"), "publisher": "Nintendo", "year_published": 1986,
            "gaming_system": "NES", "condition": "good"});
        let (mine, theirs) = self.games[1 + number % 19];
        match number % 3 {
            0 => ("POST", "/games".to_owned(), game),
            1 => (
                "POST",
                "/offers".to_owned(),
                json!({"offered_game_id": mine, "requested_game_id": theirs}),
            ),
            _ => (
                "PUT",
                format!("/offers/{}", self.offer),
                json!({"message": format!("Message {number}")}),
            ),
        }
    }

    /// Drops the future of the request at its n-th poll. It runs alone, since others would cause more polls.
    async fn drop_at(&self, polls: usize, number: usize) {
        let (method, path, body) = self.request(number);
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, "localhost")
            .header("x-user-id", self.ann.id.to_string())
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()))
            .unwrap();
        let router = server::router(self.test.app.clone(), Exposure::default());
        let mut answer = pin!(router.oneshot(request));
        let mut left = polls;
        poll_fn(|context| {
            if left == 0 {
                return Poll::Ready(());
            }
            left -= 1;
            answer.as_mut().poll(context).map(|_| ())
        })
        .await;
    }

    /// Hangs up after so many bytes of the request.
    async fn hang_up(&self, port: u16, number: usize, after: usize) {
        let (method, path, body) = self.request(number);
        let body = body.to_string();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nX-User-ID: {}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n",
            self.ann.id,
            body.len()
        );
        let whole = head + &body;
        let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let sent = whole.len().min(after);
        socket.write_all(&whole.as_bytes()[..sent]).await.unwrap();
    }
}

/// A database session, from `pg_stat_activity`.
#[derive(FromQueryResult)]
struct Session {
    pid: i32,
    state: Option<String>,
}

/// Watches the sessions of the test's database.
struct Watcher {
    connection: DatabaseConnection,
    database: String,
}

impl Watcher {
    /// Connects; `None` on SQLite, which has no sessions.
    async fn connect(test: &TestApp) -> Option<Self> {
        let connection = sea_orm::Database::connect(postgres_server()?)
            .await
            .unwrap();
        let name = Statement::from_string(DbBackend::Postgres, "SELECT current_database() AS name");
        let row = test.app.database.reader().query_one_raw(name).await;
        let database = row.unwrap().unwrap().try_get("", "name").unwrap();
        Some(Self {
            connection,
            database,
        })
    }

    async fn sessions(&self) -> Vec<Session> {
        let query = "SELECT pid, state FROM pg_stat_activity WHERE datname = $1 AND backend_type = 'client backend'";
        let values = [self.database.as_str().into()];
        let query = Statement::from_sql_and_values(DbBackend::Postgres, query, values);
        let sessions = Session::find_by_statement(query);
        sessions.all(&self.connection).await.unwrap()
    }

    /// Waits until no session has a transaction. A session ended by the server's idle timeout is a leak.
    async fn transactions_end(&self) {
        let mut inside = BTreeSet::new();
        loop {
            let sessions = self.sessions().await;
            let pids: BTreeSet<_> = sessions.iter().map(|session| session.pid).collect();
            assert!(
                pids.is_superset(&inside),
                "the server had to end a session that idled in a transaction"
            );
            let at_work = |session: &&Session| session.state.as_deref() != Some("idle");
            let idling =
                |session: &&Session| session.state.as_deref() == Some("idle in transaction");
            inside.extend(sessions.iter().filter(idling).map(|session| session.pid));
            if sessions.iter().filter(at_work).count() == 0 {
                return;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn write_leaves_no_transaction_open_when_the_client_aborts() {
    let writes = Writes::new().await;
    let watcher = Watcher::connect(&writes.test).await;
    for number in 0..250 {
        writes.drop_at(number % 50, number).await;
        // Checked now: the next write on the same connection would end a leaked transaction.
        if let Some(watcher) = &watcher {
            watcher.transactions_end().await;
        }
    }
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = oneshot::channel::<()>();
    let router = server::router(writes.test.app.clone(), Exposure::default());
    let stopped = async {
        let _ = stopped.await;
    };
    let serving = connections::serve(listener, router, Connections::default(), stopped);
    let serving = tokio::spawn(serving);
    for round in 0..10 {
        let hang_up = |client: usize| {
            // One in five before the end of the head, one in five before the end of the body, the others at the end.
            let after = match client % 5 {
                0 => 60,
                1 => 190,
                _ => usize::MAX,
            };
            writes.hang_up(port, round * 25 + client, after)
        };
        join_all((0..25).map(hang_up)).await;
    }
    if let Some(watcher) = watcher {
        watcher.transactions_end().await;
    }

    let client = writes.ann.client();
    let game = json!({"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2",
        "condition": "mint"});
    for _ in 0..10 {
        for answer in join_all((0..20).map(|_| client.post("/games", game.clone()))).await {
            assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
        }
    }
    stop.send(()).unwrap();
    serving.await.unwrap();

    // Writes are atomic: each offer has both sides and its event.
    let reader = writes.test.app.database.reader();
    let offers = offer::Entity::find().all(reader).await.unwrap();
    let sides = offer_game::Entity::find().all(reader).await.unwrap();
    let events = writes.test.events().await;
    assert!(offers.len() > 1, "some writes went through");
    for offer in offers {
        let of_offer: Vec<_> = sides
            .iter()
            .filter(|row| row.offer_id == offer.id)
            .collect();
        assert_eq!(of_offer.len(), 2);
        assert!(
            [Side::Offered, Side::Requested]
                .iter()
                .all(|side| of_offer.iter().any(|row| row.side == *side))
        );
        let created = ("offer.created".to_owned(), offer.id.0);
        assert_eq!(events.iter().filter(|event| **event == created).count(), 1);
    }
}
