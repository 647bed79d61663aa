//! Live events: `/events` ([`rest`]), GraphQL over server-sent events ([`sse`]) and over WebSockets ([`websocket`],
//! [`websocket_close`], [`websocket_limits`]). [`credentials`] shows that all of them identify clients as HTTP does.

mod credentials;
mod rest;
mod socket;
mod spellings;
mod sse;
mod visibility;
mod websocket;
mod websocket_close;
mod websocket_limits;

use api::app::App;
use entity::{GameId, OfferId};
use outbox::feed::EventFeed;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::support::{
    Person, TestApp, eventually,
    http::{Client, Event},
};

/// An exchange whose relay runs until it is dropped. Ann and Bob trade, Cleo looks on.
struct Live {
    test: TestApp,
    ann: Person,
    bob: Person,
    cleo: Person,
    stop: CancellationToken,
}

impl Drop for Live {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Live {
    async fn new() -> Self {
        Self::with(EventFeed::default()).await
    }

    async fn with(feed: EventFeed) -> Self {
        let mut test = TestApp::new().await;
        test.rebuild_exchange(|exchange| exchange.feed = feed);
        let [ann, bob, cleo] = test.people(["ann", "bob", "cleo"]).await;
        let live = Self {
            ann,
            bob,
            cleo,
            stop: CancellationToken::new(),
            test,
        };
        tokio::spawn(live.test.leader().run(live.stop.clone()));
        live.tails(&live.test.app);
        live
    }

    /// Creates another instance on the same database whose feed has not started.
    fn starting(&self) -> App {
        self.test
            .with_changed_exchange(|exchange| exchange.feed = EventFeed::default())
    }

    /// Creates another instance on the same database, which is not the leader.
    fn another(&self) -> App {
        let app = self.starting();
        self.tails(&app);
        app
    }

    fn tails(&self, app: &App) {
        let feed = app.feed.clone();
        tokio::spawn(feed.run(app.database.clone(), self.stop.clone()));
    }

    /// Makes an offer of Ann's to Bob.
    async fn offers(&self) -> OfferId {
        let (mine, theirs): (GameId, GameId) = (
            self.ann.lists("Metroid").await,
            self.bob.lists("Zelda").await,
        );
        self.ann.offers(&[mine], &[theirs]).await.unwrap().id
    }

    async fn rejects(&self, offer: OfferId) {
        let path = format!("/offers/{offer}/reject");
        self.bob.client().act(&path).await.expect(200);
    }

    /// Returns the ids of all offer events with a position, in order.
    async fn event_ids(&self) -> Vec<String> {
        let mut rows = self.test.outbox().await;
        rows.retain(|row| row.aggregate_type == "offer" && row.position.is_some());
        rows.sort_by_key(|row| row.position);
        rows.into_iter().map(|row| row.id.to_string()).collect()
    }

    /// Waits until every event is published and has a position.
    async fn published(&self) {
        eventually(async || {
            let rows = self.test.outbox().await;
            rows.iter()
                .all(|row| row.published_at.is_some() && row.position.is_some())
        })
        .await;
    }

    /// Registers a user and logs in. Returns the client and the session.
    async fn logs_in(&self, name: &str) -> (Client, Value) {
        let session = crate::sessions::session(&self.test, name).await;
        let token = session["access_token"].as_str().unwrap();
        let client = self.test.anonymous();
        (
            client.with("authorization", format!("Bearer {token}")),
            session,
        )
    }
}

/// Returns the variables of a subscription from the first event, which misses nothing when the server starts late.
fn from_the_beginning() -> Value {
    json!({"after": Uuid::nil()})
}

fn ids(events: &[Event]) -> Vec<&str> {
    events.iter().map(|event| event.id.as_str()).collect()
}
