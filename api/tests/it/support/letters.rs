//! The letters that an exchange would send, without a mail server.

use std::sync::Arc;

use api::{
    exchange::users::mailbox,
    outbox::{
        flight::Flight,
        publisher::Publisher,
        relay::{Relay, Turn},
    },
};
use entity::notification;
use notifier::letters::{Composed, Composer, Letter};
use sea_orm::{EntityTrait, QueryOrder};

use super::TestApp;

/// Where the links of letters lead.
pub const BASE: &str = "https://games.example";

impl TestApp {
    /// A relay that publishes without Kafka, into the inbox.
    pub fn relay(&self) -> Relay {
        Relay {
            database: self.app.database.clone(),
            bell: self.app.bell.clone(),
            tail: self.app.tail.clone(),
            metrics: self.app.metrics.clone(),
            publisher: Publisher::InProcess(Arc::default()),
        }
    }

    /// Relays every event, and takes all letters out of the inbox as they would be sent now, oldest first.
    pub async fn letters(&self) -> Vec<Letter> {
        mailbox::send_resets(&self.app).await.unwrap();
        let (relay, mut flight) = (self.relay(), Flight::default());
        while pass(&relay, &mut flight).await.published > 0 {}
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

/// Sends what is due, and waits until all of it has arrived, one way or the other.
pub async fn pass(relay: &Relay, flight: &mut Flight) -> Turn {
    let mut all = Turn {
        published: relay.depart(flight).await.unwrap(),
        failure: None,
    };
    while !flight.is_empty() {
        flight.landing().await;
        let turn = relay.arrive(flight).await.unwrap();
        all.published += turn.published;
        all.failure = all.failure.or(turn.failure);
    }
    all
}

/// The token that the letter carries to this page.
#[track_caller]
pub fn token(letter: &Letter, page: &str) -> String {
    let link = format!("{BASE}{page}#");
    let found = letter.text.split_once(&link);
    let (_, rest) = found.unwrap_or_else(|| panic!("no {link} in {}", letter.text));
    rest.split_whitespace().next().unwrap().to_owned()
}
