//! Whatever is wrong with a request, the answer is a problem document of the 4xx that says which field it is about. In
//! tables: a new write route, or a new field, gets a row.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    http::{Answer, Client},
};

/// What a field takes.
#[derive(Clone, Copy)]
enum Takes {
    /// One line of text of 1 to so many characters.
    Line(usize),
    /// Several lines of text, likewise.
    Lines(usize),
    /// Null, or several lines of text.
    MaybeLines(usize),
    /// Text with rules of its own.
    Text,
    /// A whole number from and to.
    Range(i64, i64),
    /// The id of a game.
    Game,
    /// Ids of games.
    Games,
    /// The id of the sender.
    Sender,
    /// One of several words.
    Word,
}
use Takes::{Game, Games, Line, Lines, MaybeLines, Range, Sender, Text, Word};

/// A route that takes a body, with every field that it knows.
struct Route {
    method: Method,
    path: &'static str,
    /// Each field: what it takes, whether it must be there, and a good value.
    fields: &'static [(&'static str, Takes, bool, &'static str)],
}

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
const ROUTES: &[Route] = &[
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
        fields: &[
            ("name", Line(200), false, r#""Ann""#),
            ("email", Text, false, r#""ann@example.com""#),
            ("street_address", MaybeLines(500), false, r#""3 Street""#),
        ],
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
        path: "/games",
        fields: GAME,
    },
    Route {
        method: Method::PUT,
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
        method: Method::POST,
        path: "/trade-offers",
        fields: OFFER,
    },
    Route {
        method: Method::PUT,
        path: "/trade-offers/1",
        fields: OFFER_CHANGE,
    },
];

impl Route {
    /// A good body but for some fields: another value for each, or none.
    fn body(&self, changes: &[(&str, Option<&str>)]) -> String {
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

    /// Sends any body as user 1.
    async fn send(&self, test: &TestApp, body: impl Into<Body>) -> Answer {
        let request = Request::builder().method(&self.method).uri(self.path);
        let request = request
            .header("content-type", "application/json")
            .body(body.into());
        test.anonymous()
            .with("x-user-id", 1)
            .send(request.unwrap())
            .await
    }

    /// Sends a good body but for one field, which must be what the answer complains of.
    async fn refuses(
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
        assert!(
            !error["detail"].as_str().unwrap().contains("struct "),
            "{told}"
        );
        assert_eq!(answer.problem(422), "invalid");
    }
}

/// Users 1 and 2, each with the game of the same number, and offer 1 of the one for the other.
async fn populated() -> TestApp {
    let test = TestApp::new().await;
    let (ann, bob) = (test.with_user("ann").await, test.with_user("bob").await);
    let (mine, theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    ann.offers(&[mine], &[theirs]).await.unwrap();
    test
}

fn text(of: &str, length: usize) -> String {
    json!(of.repeat(length)).to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn write_with_a_body_that_is_not_json_is_malformed() {
    let test = populated().await;
    for route in ROUTES {
        let good = route.body(&[]);
        let (first, ..) = route.fields[0];
        let bodies = [
            b"".to_vec(),
            b" ".to_vec(),
            b"{".to_vec(),
            b"nul".to_vec(),
            b"name=Ann".to_vec(),
            b"\xff\xfe".to_vec(),
            good.replace(':', "").into_bytes(),
            good[..good.len() - 1].as_bytes().to_vec(),
            format!("{good} {good}").into_bytes(),
            format!("{good}]").into_bytes(),
            format!("{{{first:?}: 1e400}}").into_bytes(),
            format!("{{{first:?}: \"\\ud800\"}}").into_bytes(),
            format!("{{{first:?}: \"\\ude00 \\q\"}}").into_bytes(),
            format!("{{{first:?}: \"a\nb\"}}").into_bytes(),
            [b"{\"", first.as_bytes(), b"\": \"\xff\"}"].concat(),
        ];
        for body in bodies {
            let shown = String::from_utf8_lossy(&body).into_owned();
            let answer = route.send(&test, body).await;
            assert_eq!(
                answer.status, 400,
                "{} {} {shown}: {}",
                route.method, route.path, answer.text
            );
            assert_eq!(answer.problem(400), "malformed");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn write_with_a_body_that_is_no_object_is_invalid() {
    let test = populated().await;
    for route in ROUTES {
        let values: Vec<_> = route.fields.iter().map(|(_, _, _, good)| *good).collect();
        for body in [
            "null",
            "1",
            "true",
            r#""text""#,
            "[]",
            "[{}]",
            &format!("[{}]", values.join(", ")),
        ] {
            let answer = route.send(&test, body.to_owned()).await;
            let told = format!("{} {} {body}: {}", route.method, route.path, answer.text);
            assert_eq!(answer.body["errors"][0]["pointer"], "", "{told}");
            assert_eq!(answer.body["errors"][0]["code"], "wrong_type", "{told}");
            assert_eq!(answer.problem(422), "invalid");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn write_with_a_field_of_another_type_names_it() {
    let test = populated().await;
    for route in ROUTES {
        for (field, takes, required, _) in route.fields {
            let pointer = format!("/{field}");
            let mut wrong = vec!["true", "{}", r#"{"a": 1}"#, "1.5"];
            match takes {
                Line(_) | Lines(_) | MaybeLines(_) | Text => wrong.extend(["[]", "12345678", "-1"]),
                Word => wrong.extend([
                    "[]",
                    "12345678",
                    "-1",
                    r#"{"good": null}"#,
                    r#"{"pending": null}"#,
                ]),
                Range(..) | Game | Sender => wrong.extend(["[]", r#""1""#, r#""""#, "[1]", "1e3"]),
                Games => wrong.extend(["1", r#""1""#, "null"]),
            }
            if *required {
                wrong.push("null");
            }
            // Null and nothing are the same in a change.
            wrong.retain(|value| {
                !(matches!(takes, Games) && route.method == Method::PUT && *value == "null")
            });
            for value in wrong {
                route
                    .refuses(&test, field, Some(value), &pointer, "wrong_type")
                    .await;
            }
            if matches!(takes, Games) {
                route
                    .refuses(
                        &test,
                        field,
                        Some(r#"[1, "2"]"#),
                        &format!("{pointer}/1"),
                        "wrong_type",
                    )
                    .await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn write_with_a_field_missing_unknown_or_twice_names_it() {
    let test = populated().await;
    for route in ROUTES {
        for (field, _, required, good) in route.fields {
            if *required {
                route
                    .refuses(&test, field, None, &format!("/{field}"), "missing")
                    .await;
            }
            let twice = format!("{good}, {field:?}: {good}");
            route
                .refuses(
                    &test,
                    field,
                    Some(&twice),
                    &format!("/{field}"),
                    "duplicate",
                )
                .await;
        }
        for (unknown, pointer) in [
            ("id", "/id"),
            ("Name", "/Name"),
            ("", "/"),
            ("a/b~c", "/a~1b~0c"),
        ] {
            route
                .refuses(&test, unknown, Some("1"), pointer, "unknown_field")
                .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn write_with_a_number_out_of_range_names_it() {
    let test = populated().await;
    for route in ROUTES {
        for (field, takes, ..) in route.fields {
            let pointer = format!("/{field}");
            let huge = ["9223372036854775808", "18446744073709551616", "1e300"];
            match takes {
                Range(min, max) => {
                    let beyond = [
                        min - 1,
                        max + 1,
                        -1_000_000,
                        i64::from(i32::MAX) + 1,
                        i64::from(i32::MIN) - 1,
                        i64::MAX,
                    ];
                    for value in beyond.map(|value| value.to_string()) {
                        route
                            .refuses(&test, field, Some(&value), &pointer, "out_of_range")
                            .await;
                    }
                    for value in [min, max] {
                        let body = route.body(&[(field, Some(&value.to_string()))]);
                        assert!(
                            route.send(&test, body).await.status.is_success(),
                            "{field} {value}"
                        );
                    }
                }
                Game | Sender => {
                    route
                        .refuses(&test, field, Some(huge[0]), &pointer, "out_of_range")
                        .await;
                    for value in &huge[1..] {
                        route
                            .refuses(&test, field, Some(value), &pointer, "wrong_type")
                            .await;
                    }
                    // These fit, but are nobody, or no game.
                    for value in [
                        "0",
                        "-1",
                        "99",
                        "9223372036854775807",
                        "-9223372036854775808",
                    ] {
                        let answer = route.send(&test, route.body(&[(field, Some(value))])).await;
                        match takes {
                            Sender => assert_eq!(answer.problem(403), "not_yourself"),
                            _ => assert_eq!(answer.problem(404), "game_not_found"),
                        }
                    }
                }
                Games => {
                    let many = format!("{:?}", (100..121).collect::<Vec<_>>());
                    route
                        .refuses(&test, field, Some(&many), &pointer, "out_of_range")
                        .await;
                    let answer = route
                        .send(&test, route.body(&[(field, Some("[1, 99, -1]"))]))
                        .await;
                    assert_eq!(answer.problem(404), "game_not_found");
                }
                Word => {
                    route
                        .refuses(&test, field, Some(r#""new""#), &pointer, "unknown_value")
                        .await
                }
                _ => {}
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn write_with_unfit_text_names_it() {
    let test = populated().await;
    for route in ROUTES {
        for (field, takes, ..) in route.fields {
            let pointer = format!("/{field}");
            let (max, lines) = match takes {
                Line(max) => (*max, false),
                Lines(max) | MaybeLines(max) => (*max, true),
                _ => continue,
            };
            for blank in [r#""""#, r#"" ""#, r#""\u00a0\n\t ""#] {
                route
                    .refuses(&test, field, Some(blank), &pointer, "empty")
                    .await;
            }
            for long in [text("x", max + 1), text("ü", max + 1), text("🎮", max + 1)] {
                route
                    .refuses(&test, field, Some(&long), &pointer, "too_long")
                    .await;
            }
            for control in [
                r#""a\u0000b""#,
                r#""\u0000""#,
                r#""\u0007a""#,
                r#""a\u001bb""#,
                r#""a\u007fb""#,
                r#""a\u0085b""#,
            ] {
                route
                    .refuses(&test, field, Some(control), &pointer, "control_character")
                    .await;
            }
            if !lines {
                route
                    .refuses(
                        &test,
                        field,
                        Some(r#""a\nb""#),
                        &pointer,
                        "control_character",
                    )
                    .await;
            }
            if route.path == "/offers" || route.path == "/trade-offers" {
                continue; // The longest one is in the test of the change: the same offer twice is refused.
            }
            for (fits, email) in [
                (text("🎮", max), "long@example.com"),
                (r#"" padded ""#.to_owned(), "padded@example.com"),
            ] {
                let mut changes = vec![(*field, Some(fits.as_str()))];
                let email = json!(email).to_string();
                if route.path == "/users" {
                    let other = json!(format!("{field}-{}", email.trim_matches('"'))).to_string();
                    let body = route.body(&[changes[0], ("email", Some(&other))]);
                    route.send(&test, body).await.expect(201);
                    continue;
                }
                changes.truncate(1);
                assert!(
                    route
                        .send(&test, route.body(&changes))
                        .await
                        .status
                        .is_success(),
                    "{field}"
                );
            }
        }
    }
}
