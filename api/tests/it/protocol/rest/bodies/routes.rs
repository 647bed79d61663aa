//! The routes that take a body, with the type of each field. A new write route or field needs a row.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::json;

use crate::support::{TestApp, http::Answer};

/// The type of a field.
#[derive(Clone, Copy)]
pub enum Takes {
    /// One line of text, of 1 to this many characters.
    Line(usize),
    /// Several lines of text, likewise.
    Lines(usize),
    /// Null, or several lines of text.
    MaybeLines(usize),
    /// Text with rules of its own.
    Text,
    /// A whole number in a range.
    Range(i64, i64),
    /// The id of a game.
    Game,
    /// Ids of games.
    Games,
    /// The id of the actor.
    Sender,
    /// One of several words.
    Word,
}
pub use Takes::{Game, Games, Line, Lines, MaybeLines, Range, Sender, Text, Word};

/// A route that takes a body, with all its fields.
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    /// Each field: name, type, whether it is required, and a valid value.
    pub fields: &'static [(&'static str, Takes, bool, &'static str)],
}

const ACCOUNT_CHANGE: &[(&str, Takes, bool, &str)] = &[
    ("name", Line(200), false, r#""Ann""#),
    ("email", Text, false, r#""ann@example.com""#),
    ("street_address", MaybeLines(500), false, r#""3 Street""#),
];
const GAME: &[(&str, Takes, bool, &str)] = &[
    ("name", Line(200), true, r#""Ico""#),
    ("publisher", Line(200), true, r#""Sony""#),
    ("year_published", Range(1950, 2100), true, "2001"),
    ("gaming_system", Line(100), true, r#""PS2""#),
    ("condition", Word, true, r#""mint""#),
    ("previous_owners", Range(0, 1000), false, "0"),
    ("owner_id", Sender, false, "1"),
];
const GAME_CHANGE: &[(&str, Takes, bool, &str)] = &[
    ("name", Line(200), false, r#""Ico""#),
    ("publisher", Line(200), false, r#""Sony""#),
    ("year_published", Range(1950, 2100), false, "2001"),
    ("gaming_system", Line(100), false, r#""PS2""#),
    ("condition", Word, false, r#""mint""#),
];
const OFFER: &[(&str, Takes, bool, &str)] = &[
    ("offered_game_id", Game, false, "1"),
    ("offered_game_ids", Games, false, "[1]"),
    ("requested_game_id", Game, false, "2"),
    ("requested_game_ids", Games, false, "[2]"),
    ("message", Lines(2000), false, r#""Please""#),
    ("requester_id", Sender, false, "1"),
];
const OFFER_CHANGE: &[(&str, Takes, bool, &str)] = &[
    ("offered_game_id", Game, false, "1"),
    ("offered_game_ids", Games, false, "[1]"),
    ("requested_game_id", Game, false, "2"),
    ("requested_game_ids", Games, false, "[2]"),
    ("message", MaybeLines(2000), false, r#""Please""#),
    ("status", Word, false, r#""pending""#),
    ("requester_id", Sender, false, "1"),
];
pub const ROUTES: &[Route] = &[
    Route {
        method: Method::POST,
        path: "/users",
        fields: &[
            ("name", Line(200), true, r#""Cleo""#),
            ("email", Text, true, r#""cleo@example.com""#),
            ("password", Text, true, r#""pass123""#),
            ("street_address", Lines(500), false, r#""3 Street""#),
        ],
    },
    Route {
        method: Method::PUT,
        path: "/users/1",
        fields: ACCOUNT_CHANGE,
    },
    Route {
        method: Method::PATCH,
        path: "/users/1",
        fields: ACCOUNT_CHANGE,
    },
    Route {
        method: Method::PUT,
        path: "/users/1/password",
        fields: &[
            ("current_password", Text, false, r#""pass123""#),
            ("new_password", Text, true, r#""pass124""#),
        ],
    },
    Route {
        method: Method::POST,
        path: "/auth/login",
        fields: &[
            ("email", Text, true, r#""ann@example.com""#),
            ("password", Text, true, r#""pass123""#),
        ],
    },
    Route {
        method: Method::POST,
        path: "/auth/refresh",
        fields: &[("refresh_token", Text, true, r#""none""#)],
    },
    Route {
        method: Method::POST,
        path: "/auth/logout",
        fields: &[("refresh_token", Text, true, r#""none""#)],
    },
    Route {
        method: Method::POST,
        path: "/auth/password-reset",
        fields: &[("email", Text, true, r#""ann@example.com""#)],
    },
    Route {
        method: Method::POST,
        path: "/auth/password-reset/confirm",
        fields: &[
            ("token", Text, true, r#""none""#),
            ("new_password", Text, true, r#""pass124""#),
        ],
    },
    Route {
        method: Method::POST,
        path: "/auth/email-confirmation",
        fields: &[("token", Text, true, r#""none""#)],
    },
    Route {
        method: Method::POST,
        path: "/games",
        fields: GAME,
    },
    Route {
        method: Method::PUT,
        path: "/games/1",
        fields: GAME_CHANGE,
    },
    Route {
        method: Method::PATCH,
        path: "/games/1",
        fields: GAME_CHANGE,
    },
    Route {
        method: Method::POST,
        path: "/offers",
        fields: OFFER,
    },
    Route {
        method: Method::PUT,
        path: "/offers/1",
        fields: OFFER_CHANGE,
    },
    Route {
        method: Method::PATCH,
        path: "/offers/1",
        fields: OFFER_CHANGE,
    },
    Route {
        method: Method::POST,
        path: "/trade-offers",
        fields: OFFER,
    },
    Route {
        method: Method::PUT,
        path: "/trade-offers/1",
        fields: OFFER_CHANGE,
    },
    Route {
        method: Method::PATCH,
        path: "/trade-offers/1",
        fields: OFFER_CHANGE,
    },
];

impl Route {
    /// Returns a valid body in which some fields have another value, or are missing.
    pub fn body(&self, changes: &[(&str, Option<&str>)]) -> String {
        let value = |name, good| match changes.iter().find(|(changed, _)| *changed == name) {
            Some((_, other)) => *other,
            None => Some(good),
        };
        let known = self
            .fields
            .iter()
            .map(|(name, _, _, good)| (*name, value(*name, *good)));
        let added = changes
            .iter()
            .filter(|(name, _)| self.fields.iter().all(|(known, ..)| known != name));
        let fields = known.chain(added.copied());
        let fields: Vec<_> = fields
            .filter_map(|(name, value)| Some(format!("{name:?}: {}", value?)))
            .collect();
        format!("{{{}}}", fields.join(", "))
    }

    /// Sends a body as user 1.
    pub async fn send(&self, test: &TestApp, body: impl Into<Body>) -> Answer {
        let request = Request::builder().method(&self.method).uri(self.path);
        let kind = match self.method {
            Method::PATCH => "application/merge-patch+json",
            _ => "application/json",
        };
        let request = request.header("content-type", kind).body(body.into());
        test.anonymous()
            .with("x-user-id", 1)
            .send(request.unwrap())
            .await
    }

    /// Sends a body with one invalid field, and asserts that the answer names it.
    pub async fn refuses(
        &self,
        test: &TestApp,
        field: &str,
        value: Option<&str>,
        pointer: &str,
        code: &str,
    ) {
        let body = self.body(&[(field, value)]);
        let answer = self.send(test, body.clone()).await;
        let told = format!("{} {} {body}: {}", self.method, self.path, answer.text);
        assert_eq!(answer.status, 422, "{told}");
        assert_eq!(
            answer.body["errors"].as_array().map(Vec::len),
            Some(1),
            "{told}"
        );
        let error = &answer.body["errors"][0];
        assert_eq!(
            (error["pointer"].as_str(), error["code"].as_str()),
            (Some(pointer), Some(code)),
            "{told}"
        );
        let detail = error["detail"].as_str().unwrap();
        // The value may be a password.
        assert!(!detail.contains("12345678"), "{told}");
        // No terms of Rust or of its libraries.
        for jargon in [
            "struct", "i32", "i64", "variant", "sequence", "map", "invalid",
        ] {
            assert!(!detail.contains(jargon), "{told}");
        }
        assert_eq!(answer.problem(422), "invalid");
    }
}

/// Creates users 1 and 2, each with the game of the same number, and offer 1 of game 1 for game 2.
pub async fn populated() -> TestApp {
    let test = TestApp::new().await;
    let (ann, bob) = (test.with_user("ann").await, test.with_user("bob").await);
    let (mine, theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    ann.offers(&[mine], &[theirs]).await.unwrap();
    test
}

pub fn text(of: &str, length: usize) -> String {
    json!(of.repeat(length)).to_string()
}
