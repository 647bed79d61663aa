//! Invalid bodies: the answer is a 4xx problem document that names the field.

pub mod routes;

use axum::http::Method;
use serde_json::json;

use self::routes::{
    Game, Games, Line, Lines, MaybeLines, ROUTES, Range, Sender, Text, Word, populated, text,
};

#[tokio::test(flavor = "multi_thread")]
async fn write_rejects_a_body_that_is_not_json() {
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
            good.as_bytes()[..good.len() - 1].to_vec(),
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
async fn write_rejects_a_body_that_is_not_an_object() {
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
async fn write_names_a_field_of_the_wrong_type() {
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
                Range(..) | Game | Sender => wrong.extend(["[]", r#""1""#, r#""""#, "[1]", "1e-3"]),
                Games => wrong.extend(["1", r#""1""#, "null"]),
            }
            let taken_away = matches!(takes, MaybeLines(_));
            if *required || (route.method != Method::POST && !taken_away) {
                wrong.push("null");
            }
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
async fn write_names_a_missing_unknown_or_repeated_field() {
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
            ("ID", "/ID"),
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
async fn write_names_a_number_out_of_range() {
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
                    // Valid ids of no user and no game.
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
                        .send(&test, route.body(&[(field, Some("[99, -1]"))]))
                        .await;
                    assert_eq!(answer.problem(404), "game_not_found");
                }
                Word => {
                    route
                        .refuses(&test, field, Some(r#""new""#), &pointer, "unknown_value")
                        .await;
                }
                _ => {}
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn write_names_invalid_text() {
    let test = populated().await;
    for route in ROUTES {
        for (field, takes, ..) in route.fields {
            let pointer = format!("/{field}");
            let (max, lines) = match takes {
                Line(max) => (*max, false),
                Lines(max) | MaybeLines(max) => (*max, true),
                _ => continue,
            };
            for blank in [
                r#""""#,
                r#"" ""#,
                r#""\u00a0\n\t ""#,
                r#""\u200b\u200b""#,
                r#""\u3164""#,
                r#""\u2800 \ufeff""#,
                r#""\ufe0f""#,
            ] {
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
                r#""\u202eyebbA""#,
                r#""a\u2066b\u2069""#,
                r#""a\u200fb""#,
                r#""a\u061c""#,
            ] {
                route
                    .refuses(&test, field, Some(control), &pointer, "control_character")
                    .await;
            }
            let line_ends = [r#""a\nb""#, r#""a\u2028b""#];
            for ends in line_ends.into_iter().filter(|_| !lines) {
                route
                    .refuses(&test, field, Some(ends), &pointer, "control_character")
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

#[tokio::test(flavor = "multi_thread")]
async fn write_with_any_email_password_or_token_never_fails_with_500() {
    let test = populated().await;
    for route in ROUTES {
        for (field, ..) in route
            .fields
            .iter()
            .filter(|(_, takes, ..)| matches!(takes, Text))
        {
            for value in [
                r#""""#,
                r#"" ""#,
                r#""\u0000""#,
                r#""a\u0000b@example.com""#,
                r#""a\nb@example.com""#,
                r#""🎮""#,
                &text("x", 257),
                &text("ü", 10_000),
            ] {
                let answer = route.send(&test, route.body(&[(field, Some(value))])).await;
                let told = format!("{} {field} {value}: {}", route.path, answer.text);
                assert!(!answer.status.is_server_error(), "{told}");
            }
        }
    }
}
