//! An exchange for each test, on its own database.

pub mod board;
pub mod cpu_meter;
#[path = "../../../../tests/database.rs"]
mod database;
pub mod described;
pub mod http;
pub mod kafka;
pub mod ledger;
pub mod letters;
pub mod tracing;

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

pub use self::database::{TestDatabase, postgres_server};
use self::http::Client;
use ::outbox::feed::EventFeed;
use api::{admission, app::App, config::Trust, http::clients::Clients, metrics::Metrics};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    Condition, GameId, OfferId, PasswordHash, UserId, game, limits::Integer, offer, outbox, user,
};
use exchange::{
    Exchange, Parts, WaitHook,
    games::{CreateGame, NewGame},
    identity::{Identity, passwords::Passwords, request_digest::RequestDigest, tokens::Tokens},
    offers::{CreateOffer, NewOffer},
};
use platform::{
    database::{ACQUIRE_TIMEOUT, Database},
    system::{Clock, Random},
};
use rules::{Actor, Proof};
use sea_orm::{ActiveValue::Set, EntityTrait, QueryOrder};
use tokio::{task::yield_now, time::timeout};
use tokio_util::sync::CancellationToken;

/// The key that signs access tokens in tests.
pub const SECRET: &str = "a secret of the tests, 32 bytes or more";

/// Awaits a future for up to two minutes, so that a test fails instead of hanging.
pub async fn awaited<T>(what: impl Future<Output = T>) -> T {
    let patience = Duration::from_secs(120);
    timeout(patience, what).await.expect("it never came")
}

/// Waits until the condition holds, as [`awaited`] does.
pub async fn eventually(holds: impl AsyncFn() -> bool) {
    awaited(async {
        while !holds().await {
            yield_now().await;
        }
    })
    .await;
}

pub struct TestApp {
    pub app: App,
    /// An anonymous client. Shared, since a router takes time to build.
    anonymous: Client,
    /// The offset of the exchange's clock, in microseconds.
    ahead: Arc<AtomicI64>,
    /// The time at which the clock was stopped, if it was.
    stopped: Arc<OnceLock<DateTime<Utc>>>,
    own_database: TestDatabase,
}

impl TestApp {
    pub async fn new() -> Self {
        let own_database = TestDatabase::migrated().await;
        let database = Database::open(&own_database.url, ACQUIRE_TIMEOUT)
            .await
            .unwrap();
        let random = Random::system();
        let on_wait = WaitHook::new(admission::release_current);
        let identity = Arc::new(Identity {
            tokens: Tokens::new(&SECRET.into()),
            request_digest: RequestDigest::new(&SECRET.into()).unwrap(),
            passwords: Passwords::for_this_machine(random.clone()).unwrap(),
            user_id_header: Trust::InDevelopment,
            trust_email: false,
        });
        let ahead = Arc::new(AtomicI64::new(0));
        let stopped = Arc::new(OnceLock::new());
        let (system, hands, stop) = (Clock::system(), ahead.clone(), stopped.clone());
        let time = move || stop.get().copied().unwrap_or_else(|| system.now());
        let now = move || time() + TimeDelta::microseconds(hands.load(Ordering::Relaxed));
        let clock = Clock::new(now);
        let exchange = Exchange::from(Parts {
            database: database.with_clock(clock.clone()),
            clock,
            random,
            identity,
            bell: Arc::default(),
            feed: EventFeed::default(),
            on_wait,
        });
        let app = App {
            exchange,
            metrics: Metrics::default(),
            clients: Clients::default(),
            stopping: CancellationToken::new(),
            instance_name: "api1".into(),
        };
        Self {
            anonymous: Client::anonymous(&app),
            app,
            ahead,
            stopped,
            own_database,
        }
    }

    /// Returns the URL of the database.
    pub fn url(&self) -> &str {
        &self.own_database.url
    }

    /// Changes the app and rebuilds the service.
    pub fn rebuild(&mut self, change: impl FnOnce(&mut App)) {
        change(&mut self.app);
        self.anonymous = Client::anonymous(&self.app);
    }

    /// Changes the parts of the exchange.
    pub fn rebuild_exchange(&mut self, change: impl FnOnce(&mut Parts)) {
        let changed = self.with_changed_exchange(change);
        self.rebuild(|app| *app = changed);
    }

    /// Returns another app whose exchange has changed parts.
    pub fn with_changed_exchange(&self, change: impl FnOnce(&mut Parts)) -> App {
        let mut parts = Parts::clone(&self.app.exchange);
        change(&mut parts);
        App {
            exchange: Exchange::from(parts),
            ..self.app.clone()
        }
    }

    /// Changes the identity settings.
    pub fn identity(&mut self, change: impl FnOnce(&mut Identity)) {
        self.rebuild_exchange(|parts| change(Arc::make_mut(&mut parts.identity)));
    }

    /// Advances the exchange's clock.
    pub fn forward(&self, by: TimeDelta) {
        self.ahead
            .fetch_add(by.num_microseconds().unwrap(), Ordering::Relaxed);
    }

    /// Stops the exchange's clock; from now on only [`Self::forward`] moves it.
    pub fn stop_the_clock(&self) {
        self.stopped.set(Clock::system().now()).unwrap();
    }

    /// Returns an anonymous client.
    pub fn anonymous(&self) -> Client {
        self.anonymous.clone()
    }

    /// Creates a user without a usable password.
    pub async fn with_user(&self, name: &str) -> Person {
        let now = self.app.clock.now();
        let row = user::ActiveModel {
            name: Set(name.to_owned()),
            email: Set(format!("{name}@example.com")),
            password_hash: Set(PasswordHash(String::new())),
            street_address: Set(Some(format!("{name}'s street 1"))),
            token_version: Set(1),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        let id = user::Entity::insert(row)
            .exec(self.app.database.reader())
            .await
            .unwrap()
            .last_insert_id;
        Person {
            app: self.app.clone(),
            anonymous: self.anonymous(),
            id,
            actor: Actor::Person {
                id,
                proof: Proof::Header,
            },
        }
    }

    /// Creates several users, in this order.
    pub async fn people<const N: usize>(&self, names: [&str; N]) -> [Person; N] {
        let mut people = Vec::new();
        for name in names {
            people.push(self.with_user(name).await);
        }
        people.try_into().ok().unwrap()
    }

    /// Returns the types and aggregate ids of the events in the outbox, oldest first.
    pub async fn events(&self) -> Vec<(String, i64)> {
        self.outbox()
            .await
            .into_iter()
            .map(|row| (row.r#type, row.aggregate_id))
            .collect()
    }

    pub async fn outbox(&self) -> Vec<outbox::Model> {
        let reader = self.app.database.reader();
        outbox::Entity::find()
            .order_by_asc(outbox::Column::Seq)
            .all(reader)
            .await
            .unwrap()
    }

    pub async fn game(&self, id: GameId) -> game::Model {
        game::Entity::find_by_id(id)
            .one(self.app.database.reader())
            .await
            .unwrap()
            .unwrap()
    }

    pub async fn offer(&self, id: OfferId) -> offer::Model {
        offer::Entity::find_by_id(id)
            .one(self.app.database.reader())
            .await
            .unwrap()
            .unwrap()
    }
}

pub struct Person {
    app: App,
    anonymous: Client,
    pub id: UserId,
    pub actor: Actor,
}

impl Person {
    /// Returns a client for the user, by X-User-ID.
    pub fn client(&self) -> Client {
        self.anonymous.with("x-user-id", self.id)
    }

    /// Lists a game.
    pub async fn lists(&self, name: &str) -> GameId {
        self.app
            .execute(self.actor, CreateGame(new_game(name)))
            .await
            .unwrap()
            .id
    }

    /// Makes an offer.
    pub async fn offers(
        &self,
        offered: &[GameId],
        requested: &[GameId],
    ) -> exchange::error::Result<offer::Model> {
        let new = NewOffer {
            offered: offered.to_vec(),
            requested: requested.to_vec(),
            ..NewOffer::default()
        };
        self.app.execute(self.actor, CreateOffer(new)).await
    }
}

/// Returns a game to list.
pub fn new_game(name: &str) -> NewGame {
    NewGame {
        name: name.into(),
        publisher: "Nintendo".into(),
        year_published: Integer(1990),
        gaming_system: "NES".into(),
        condition: Condition::Good,
        previous_owners: Integer(2),
        owner_id: None,
    }
}

/// Returns the code of an error.
pub fn code<T: std::fmt::Debug>(outcome: exchange::error::Result<T>) -> &'static str {
    outcome.unwrap_err().code()
}
