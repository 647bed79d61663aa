//! Letters of an exchange, without a mail server.

use std::sync::Arc;

use entity::notification;
use exchange::users::mailbox;
use notifier::letters::{self, Composed, Composer, Letter};
use outbox::{
    in_flight::InFlight,
    leader::Leader,
    publisher::Publisher,
    relay::{Relay, Step},
    retention::Retention,
};
use sea_orm::{EntityTrait, QueryOrder};

use super::TestApp;

/// The base URL of links in letters.
pub const BASE: &str = "https://games.example";

impl TestApp {
    /// Creates a relay that publishes into the inbox, without Kafka.
    pub fn relay(&self) -> Relay {
        Relay {
            database: self.app.database.clone(),
            wake_up: self.app.bell.clone(),
            feed: self.app.feed.clone(),
            publisher: Publisher::Inbox {
                addressing: letters::deliveries,
                wake_up: Arc::default(),
            },
        }
    }

    /// A leader that runs this relay.
    pub fn leader(&self) -> Leader {
        Leader::new(self.app.database.clone(), self.app.metrics.outbox.clone())
            .with_task(self.relay())
    }

    pub fn retention(&self) -> Retention {
        Retention {
            database: self.app.database.clone(),
        }
    }

    /// Relays every event, takes all letters out of the inbox and composes them, oldest first.
    pub async fn letters(&self) -> Vec<Letter> {
        mailbox::send_resets(&self.app).await.unwrap();
        let (relay, mut in_flight) = (self.relay(), InFlight::default());
        while pass(&relay, &mut in_flight).await.published > 0 {}
        let composer = Composer::new(
            self.app.database.clone(),
            self.app.random.clone(),
            BASE.to_owned(),
            "games.example".to_owned(),
        )
        .unwrap();
        let reader = self.app.database.reader();
        let rows = notification::Entity::find()
            .order_by_asc(notification::Column::Id)
            .all(reader)
            .await
            .unwrap();
        let mut letters = Vec::new();
        for row in rows {
            if let Composed::Letter(letter) = composer.compose(&row).await.unwrap() {
                letters.push(*letter);
            }
            notification::Entity::delete_by_id(row.id)
                .exec(reader)
                .await
                .unwrap();
        }
        letters
    }
}

/// Sends all due events and waits for their outcome.
pub async fn pass(relay: &Relay, in_flight: &mut InFlight) -> Step {
    let mut all = Step {
        published: relay.send_due(in_flight).await.unwrap(),
        first_failure: None,
    };
    while !in_flight.is_empty() {
        in_flight.completed().await;
        let step = relay.mark_completed(in_flight).await.unwrap();
        all.published += step.published;
        all.first_failure = all.first_failure.or(step.first_failure);
    }
    all
}

/// Returns the token of the letter's link to this page.
#[track_caller]
pub fn token(letter: &Letter, page: &str) -> String {
    let link = format!("{BASE}{page}#");
    let found = letter.text.split_once(&link);
    let (_, rest) = found.unwrap_or_else(|| panic!("no {link} in {}", letter.text));
    rest.split_whitespace().next().unwrap().to_owned()
}
