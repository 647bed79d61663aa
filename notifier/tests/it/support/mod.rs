//! A notifier for each test, on its own database.

#[expect(dead_code, reason = "the tests of the API also want an empty database")]
#[path = "../../../../tests/database.rs"]
mod database;
pub mod flood;
pub mod golden;
pub mod kafka;
pub mod locks;
pub mod raw;
pub mod smtp;

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    NotificationState, PasswordHash, UserId,
    event::{Event, UserEvent, UserFacts, cloud::CloudEvent},
    notification, user,
};
use notifier::{
    letters::{self, Composed, Composer, Letter},
    mailer::{Mailer, SmtpMailer},
    metrics::Metrics,
    sender::Sender,
    settings::{Letters, Smtp},
};
use outbox::inbox;
use platform::{
    database::{ACQUIRE_TIMEOUT, Database},
    system::{Clock, Random},
};
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, QueryOrder};
use tokio::sync::watch;

use self::{database::TestDatabase, smtp::SmtpServer};

/// The base URL of links in letters.
pub const BASE: &str = "https://games.example";
/// The sender of letters.
const FROM: &str = "Video Game Exchange <noreply@games.example>";

/// The initial time: a minute after the golden reset event, while its link is valid.
const BEGIN: &str = "2026-11-25T09:45:00Z";

/// Awaits a future for up to a minute.
pub async fn within_a_minute<T>(what: impl Future<Output = T>) -> T {
    let waited = tokio::time::timeout(Duration::from_secs(60), what).await;
    waited.expect("it does not come")
}

/// The database of a notifier, and a clock that the test controls.
pub struct TestNotifier {
    pub database: Database,
    pub clock: Clock,
    pub metrics: Metrics,
    /// The offset of the clock, in microseconds.
    ahead: Arc<AtomicI64>,
    /// The number of reads of the clock.
    asked: Arc<watch::Sender<usize>>,
    own_database: TestDatabase,
}

impl TestNotifier {
    pub async fn new() -> Self {
        Self::on(TestDatabase::migrated().await).await
    }

    pub async fn on(own_database: TestDatabase) -> Self {
        let database = Database::open(&own_database.url, ACQUIRE_TIMEOUT)
            .await
            .unwrap();
        let system = Clock::system();
        let begin: DateTime<Utc> = BEGIN.parse().unwrap();
        let ahead = (begin - system.now()).num_microseconds().unwrap();
        let (ahead, asked) = (
            Arc::new(AtomicI64::new(ahead)),
            Arc::new(watch::Sender::new(0)),
        );
        let (hands, count) = (ahead.clone(), asked.clone());
        let clock = Clock::new(move || {
            count.send_modify(|times| *times += 1);
            system.now() + TimeDelta::microseconds(hands.load(Ordering::Relaxed))
        });
        Self {
            database: database.with_clock(clock.clone()),
            clock,
            metrics: Metrics::default(),
            ahead,
            asked,
            own_database,
        }
    }

    pub fn url(&self) -> &str {
        &self.own_database.url
    }

    /// Leaves the database to another process.
    pub async fn close(self) -> TestDatabase {
        self.database.clone().close().await;
        self.own_database
    }

    /// Advances the clock.
    pub fn forward(&self, by: TimeDelta) {
        (self.hands())(by);
    }

    /// Returns a function that advances the clock.
    pub fn hands(&self) -> impl Fn(TimeDelta) + Send + Sync + 'static {
        let ahead = self.ahead.clone();
        move |by| {
            ahead.fetch_add(by.num_microseconds().unwrap(), Ordering::Relaxed);
        }
    }

    /// Waits until the clock has been read this many times from now on.
    pub async fn clock_is_asked(&self, times: usize) {
        let mut asked = self.asked.subscribe();
        let from = *asked.borrow();
        within_a_minute(asked.wait_for(|now| *now >= from + times))
            .await
            .unwrap();
    }

    /// Creates a user with the confirmed address `name@example.com`.
    pub async fn person(&self, id: i64, name: &str) -> UserId {
        self.somebody(id, name, |_| {}).await
    }

    /// Creates a user and changes the row before it is inserted.
    pub async fn somebody(
        &self,
        id: i64,
        name: &str,
        change: impl FnOnce(&mut user::ActiveModel),
    ) -> UserId {
        let now = self.clock.now();
        let mut row = user::ActiveModel {
            id: Set(UserId(id)),
            name: Set(name.to_owned()),
            email: Set(format!("{}@example.com", name.to_lowercase())),
            email_confirmed_at: Set(Some(now)),
            letters_requested: Set(0),
            password_changed_at: Set(None),
            password_hash: Set(PasswordHash(String::new())),
            street_address: Set(None),
            token_version: Set(1),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            deleted_at: Set(None),
            ..Default::default()
        };
        change(&mut row);
        let people = user::Entity::insert(row);
        people
            .exec_without_returning(self.database.reader())
            .await
            .unwrap();
        UserId(id)
    }

    /// Creates an event at the present time: the user's password was changed, which is a letter to them.
    pub fn event_of(&self, id: UserId) -> CloudEvent {
        let facts = UserFacts {
            user_id: id,
            name: "Somebody".to_owned(),
        };
        CloudEvent {
            id: Random::system().uuid_v7(self.clock.now()),
            time: self.clock.now(),
            sequence: 1,
            traceparent: None,
            event: Event::User(UserEvent::PasswordChanged, facts),
        }
    }

    /// Receives events into the inbox. Returns the number of new letters.
    pub async fn receive(&self, events: &[CloudEvent]) -> u64 {
        let events = events.to_vec();
        let received = self.database.write(move |transaction| {
            Box::pin(async move { inbox::receive(transaction, &events, letters::deliveries).await })
        });
        received.await.map_err(|cause: DbErr| cause).unwrap()
    }

    /// Puts a letter to each of these into the inbox, in this order.
    pub async fn letters_to(&self, people: &[UserId]) {
        for id in people {
            self.receive(&[self.event_of(*id)]).await;
        }
    }

    /// Returns the rows of the inbox, oldest first.
    pub async fn rows(&self) -> Vec<notification::Model> {
        notification::Entity::find()
            .order_by_asc(notification::Column::Id)
            .all(self.database.reader())
            .await
            .unwrap()
    }

    /// Returns the only row of the inbox.
    pub async fn row(&self) -> notification::Model {
        let mut rows = self.rows().await;
        assert_eq!(rows.len(), 1);
        rows.remove(0)
    }

    /// Counts the letters that are waiting, sent, skipped and dead.
    pub async fn states(&self) -> [usize; 4] {
        let rows = self.rows().await;
        use NotificationState::{Dead, Sent, Skipped, Waiting};
        [Waiting, Sent, Skipped, Dead]
            .map(|state| rows.iter().filter(|row| row.state == state).count())
    }

    pub async fn execute(&self, sql: &str) {
        let reader = self.database.reader();
        reader.execute_unprepared(sql).await.unwrap();
    }

    pub fn composer(&self) -> Composer {
        self.composer_with(Random::system())
    }

    pub fn composer_with(&self, random: Random) -> Composer {
        Composer::new(
            self.database.clone(),
            random,
            BASE.to_owned(),
            "games.example".to_owned(),
        )
        .unwrap()
    }

    /// Composes the letter of an event to one of its recipients.
    pub async fn compose(&self, event: &CloudEvent, recipient: UserId) -> Composed {
        self.receive(std::slice::from_ref(event)).await;
        let rows = self.rows().await;
        let row = rows
            .iter()
            .find(|row| row.event_id == event.id && row.recipient_id == recipient);
        self.composer().compose(row.unwrap()).await.unwrap()
    }

    /// Composes the letter of an event to one of its recipients, which must exist.
    pub async fn letter(&self, event: &CloudEvent, recipient: UserId) -> Letter {
        match self.compose(event, recipient).await {
            Composed::Letter(letter) => *letter,
            other => panic!("{other:?}"),
        }
    }

    /// Creates a sender to this server, as in the program.
    pub fn sender(&self, server: &SmtpServer) -> Sender {
        self.sender_with(server.settings())
    }

    pub fn sender_with(&self, smtp: Smtp) -> Sender {
        self.sender_by(Some(smtp))
    }

    /// Creates a sender whose own clock is 40 days ahead of the database's.
    pub fn sender_ahead(&self, server: &SmtpServer) -> Sender {
        let (clock, mut sender) = (self.clock.clone(), self.sender(server));
        sender.clock = Clock::new(move || clock.now() + TimeDelta::days(40));
        sender
    }

    /// Creates a sender without a mail server.
    pub fn logging_sender(&self) -> Sender {
        self.sender_by(None)
    }

    fn sender_by(&self, smtp: Option<Smtp>) -> Sender {
        let settings = Letters {
            smtp,
            from: FROM.parse().unwrap(),
            public_base_url: None,
        };
        notifier::sender(
            &settings,
            BASE.to_owned(),
            self.database.clone(),
            self.clock.clone(),
            Random::system(),
            Arc::default(),
            self.metrics.clone(),
        )
        .unwrap()
    }

    /// Creates a sender with this timeout.
    pub fn hurried_sender(&self, server: &SmtpServer, timeout: Duration) -> Sender {
        let (from, clock) = (FROM.parse().unwrap(), self.clock.clone());
        let mailer = SmtpMailer::new(&server.settings(), from, clock, timeout).unwrap();
        let mut sender = self.sender(server);
        sender.mailer = Mailer::Smtp(Box::new(mailer));
        sender
    }
}
