//! An exchange in which every private value is unique, so that it is recognised anywhere.

use std::{
    collections::BTreeSet,
    io,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::TimeDelta;
use entity::user;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    Layer,
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
};

use crate::support::{
    TestApp,
    http::{Answer, Client},
    tracing::{Listening, listen},
};

/// The viewers: anonymous, a stranger, the receiver and the offerer of every offer.
pub const VIEWERS: [&str; 4] = ["anonymous", "cleo", "bob", "ann"];

/// Ann (1), Bob (2) and Cleo (3), with an account and a session each. Ann has games 1 to 10, Bob 11 to 20, Cleo 21 and 22.
/// Offer n is Ann's game n for Bob's game n + 10, with a message. Offer 2 is accepted, all others are pending.
pub struct Exchange {
    pub test: TestApp,
    /// The private values: a name and a unique text for each.
    pub secrets: Vec<(String, String)>,
    tokens: Vec<(String, String)>,
    /// Tokens that were issued since.
    new_tokens: Vec<String>,
}

impl Exchange {
    pub async fn new() -> Self {
        let test = TestApp::new().await;
        let mut secrets = vec![
            ("message".to_owned(), "for-your-eyes-only".to_owned()),
            ("dee-email".to_owned(), "dee-mailbox@".to_owned()),
            ("dee-street".to_owned(), "dee-lane".to_owned()),
            ("dee-password".to_owned(), "dee-passphrase".to_owned()),
            ("any hash".to_owned(), "argon2".to_owned()),
        ];
        let mut tokens = Vec::new();
        for name in ["ann", "bob", "cleo"] {
            let body = json!({"name": name, "email": format!("{name}-mailbox@example.com"),
                "password": format!("{name}-passphrase"), "street_address": format!("{name}-lane 1")});
            test.anonymous().post("/users", body).await.expect(201);
            let body = json!({"email": format!("{name}-mailbox@example.com"),
                "password": format!("{name}-passphrase")});
            let session = test.anonymous().post("/auth/login", body).await.expect(200);
            let token = |kind: &str| session[kind].as_str().unwrap().to_owned();
            tokens.push((token("access_token"), token("refresh_token")));
            secrets.extend([
                (format!("{name}-email"), format!("{name}-mailbox@")),
                (format!("{name}-street"), format!("{name}-lane")),
                (format!("{name}-password"), format!("{name}-passphrase")),
                (format!("{name}-access"), token("access_token")),
                (format!("{name}-refresh"), token("refresh_token")),
            ]);
        }
        for row in user::Entity::find()
            .all(test.app.database.reader())
            .await
            .unwrap()
        {
            secrets.push((format!("{}-hash", row.name), row.password_hash.0));
        }
        // Tokens of the same second are equal; the later ones must differ from these.
        test.forward(TimeDelta::seconds(5));
        let exchange = Self {
            test,
            secrets,
            tokens,
            new_tokens: Vec::new(),
        };
        let [_, cleo, bob, ann] = exchange.clients();
        for (client, games) in [(&ann, 10), (&bob, 10), (&cleo, 2)] {
            for number in 0..games {
                let game = json!({"name": format!("Game {number}"), "publisher": "Nintendo", "year_published": 1986,
                    "gaming_system": "NES", "condition": "good"});
                client.post("/games", game).await.expect(201);
            }
        }
        for number in 1..=10 {
            let offer = json!({"offered_game_id": number, "requested_game_id": number + 10,
                "message": "for-your-eyes-only"});
            ann.post("/offers", offer).await.expect(201);
        }
        bob.act("/offers/2/accept").await.expect(200);
        // Subscribers get the events so far and no others.
        exchange.test.relay().assign_positions().await.unwrap();
        exchange.test.app.feed.close();
        exchange
    }

    /// Returns clients for [`VIEWERS`], by access token.
    pub fn clients(&self) -> [Client; 4] {
        let [ann, bob, cleo] = [0, 1, 2].map(|person: usize| {
            let (access, _) = &self.tokens[person];
            self.test
                .anonymous()
                .with("authorization", format!("Bearer {access}"))
        });
        [self.test.anonymous(), cleo, bob, ann]
    }

    /// Returns Ann's refresh token.
    pub fn refresh_token(&self) -> &str {
        &self.tokens[0].1
    }

    /// Returns the names of the private values in a text.
    pub fn private_in(&self, text: &str) -> BTreeSet<&str> {
        let found = self.secrets.iter().filter(|(_, mark)| text.contains(mark));
        found.map(|(name, _)| name.as_str()).collect()
    }

    /// Asserts that an answer has exactly these private values, in its headers or its body.
    #[track_caller]
    pub fn shows(&self, answer: &Answer, expected: &str, told: &str) {
        let text = format!("{:?} {}", answer.headers, answer.text);
        let expected: BTreeSet<_> = expected.split_whitespace().collect();
        assert_eq!(self.private_in(&text), expected, "{told}: {}", answer.text);
    }

    /// Adds the tokens of an answer to the values that the log must not have.
    pub fn keep_tokens(&mut self, body: &Value) {
        match body {
            Value::Object(fields) => {
                for (name, value) in fields {
                    if let (true, Value::String(token)) =
                        (name.ends_with("_token") || name.ends_with("Token"), value)
                    {
                        self.new_tokens.push(token.clone());
                    }
                    self.keep_tokens(value);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| self.keep_tokens(item)),
            _ => {}
        }
    }

    /// Asserts that neither the outbox nor the log has a private value.
    pub async fn kept_to_itself(&self, log: &Log, events: usize) {
        let outbox = self.test.outbox().await;
        assert!(outbox.len() >= events, "{}", outbox.len());
        for row in outbox {
            let text = format!("{row:?} {} {}", row.payload, row.headers);
            assert_eq!(self.private_in(&text), BTreeSet::new(), "{text}");
        }
        let lines = log.text();
        assert!(lines.matches("answered").count() > 50, "{lines}");
        for line in lines.lines() {
            assert_eq!(self.private_in(line), BTreeSet::new(), "{line}");
            assert!(
                !self.new_tokens.iter().any(|token| line.contains(token)),
                "{line}"
            );
        }
    }
}

/// The log of this thread: everything of the exchange, and other crates at the default level.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub fn begin() -> (Self, Listening) {
        let log = Self::default();
        let lines = fmt::layer().with_ansi(false).with_writer(log.clone());
        let of_interest = Targets::new()
            .with_default(LevelFilter::INFO)
            .with_target("api", LevelFilter::TRACE);
        let subscriber = tracing_subscriber::registry().with(lines.with_filter(of_interest));
        (log, listen(subscriber))
    }

    pub fn text(&self) -> String {
        let bytes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        log.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
