//! Invalid requests (paths, methods, media types, sizes): the answer is a 4xx problem document.

use std::collections::BTreeSet;

use api::http::size::MAX_BODY;
use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::Value;

use crate::{
    protocol::rest::bodies::routes::{ROUTES, populated},
    support::{TestApp, http::Answer},
};

/// Returns every path of openapi.json with its methods, with a valid word for an id that is no number.
fn documented() -> Vec<(String, BTreeSet<String>)> {
    let description: Value = serde_json::from_str(api::rest::openapi::json()).unwrap();
    let paths = description["paths"].as_object().unwrap();
    paths
        .iter()
        .map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            let path = path.replace("{code}", "stale").replace("{key}", "metroid");
            (path, methods.map(|m| m.to_uppercase()).collect())
        })
        .collect()
}

/// Replaces the id of a path.
pub fn with_id(template: &str, id: &str) -> Option<String> {
    let (start, rest) = template.split_once('{')?;
    let (_, end) = rest.split_once('}')?;
    Some(format!("{start}{id}{end}"))
}

/// Sends a valid body, if the route takes one.
async fn send(test: &TestApp, method: &str, path: &str, template: &str) -> Answer {
    let sample = with_id(template, "1").unwrap_or_else(|| template.to_owned());
    let route = ROUTES
        .iter()
        .find(|route| route.path == sample && route.method == method);
    let body = route.map_or_else(Body::empty, |route| Body::from(route.body(&[])));
    let request = Request::builder().method(method).uri(path);
    let request = request.header("content-type", "application/json");
    let client = test.anonymous().with("x-user-id", 1);
    client.send(request.body(body).unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn id_that_is_not_a_number_is_malformed_on_any_path() {
    let test = populated().await;
    for (template, methods) in documented() {
        for id in [
            "abc",
            "1.0",
            "1e0",
            "0x1",
            "%00",
            "1%00",
            "%FF",
            "%20",
            "9223372036854775808",
            "-",
        ] {
            let Some(path) = with_id(&template, id) else {
                continue;
            };
            for method in &methods {
                let answer = send(&test, method, &path, &template).await;
                assert_eq!(answer.status, 400, "{method} {path}: {}", answer.text);
                assert_eq!(answer.problem(400), "malformed");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_id_is_not_found_on_any_path() {
    let test = populated().await;
    for (template, methods) in documented() {
        // The offers of an unknown user are an empty list: the user may have existed.
        if template.starts_with("/trade-offers/user/") {
            continue;
        }
        for id in [
            "0",
            "-1",
            "99",
            "9223372036854775807",
            "-9223372036854775808",
        ] {
            let Some(path) = with_id(&template, id) else {
                continue;
            };
            for method in &methods {
                let answer = send(&test, method, &path, &template).await;
                let code = match template.split('/').nth(1).unwrap() {
                    "users" => "user_not_found",
                    "games" => "game_not_found",
                    _ => "offer_not_found",
                };
                assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
                assert_eq!(answer.problem(404), code);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_method_is_refused_with_the_allowed_ones() {
    let test = populated().await;
    for (template, methods) in documented() {
        let path = with_id(&template, "1").unwrap_or_else(|| template.clone());
        for method in ["GET", "PUT", "POST", "DELETE", "PATCH", "TRACE", "BREW"] {
            if methods.contains(method) {
                continue;
            }
            let answer = send(&test, method, &path, &template).await;
            assert_eq!(answer.status, 405, "{method} {path}: {}", answer.text);
            let allowed: BTreeSet<_> = answer
                .header("allow")
                .split(',')
                .map(|m| m.trim().to_owned())
                .collect();
            let mut expected = methods.clone();
            if expected.contains("GET") {
                expected.insert("HEAD".to_owned());
            }
            assert_eq!(allowed, expected, "{method} {path}");
            assert_eq!(answer.problem(405), "method_not_allowed");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_path_is_not_found_with_any_method() {
    let test = populated().await;
    for path in [
        "/nothing",
        "/games/",
        "/games/1/",
        "/games/1/2",
        "//games",
        "/Games",
        "/offers/1/approve",
        "/docs/nothing",
        "/trade-offers/user/1",
        "/trade-offers/user/1/gone",
        "/%00",
        "/%FF",
        "/users/1/password/",
        "/..",
    ] {
        for method in ["GET", "POST", "DELETE"] {
            let answer = send(&test, method, path, path).await;
            // The handler of the documentation serves everything under /docs.
            if method != "GET" && path.starts_with("/docs/") {
                continue;
            }
            assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
            assert_eq!(answer.body["_links"]["home"]["href"], "/", "{path}");
            assert_eq!(answer.problem(404), "path_not_found");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn write_rejects_a_body_over_the_limit() {
    let test = populated().await;
    for route in ROUTES {
        let padded = |length| {
            let body = route.body(&[]);
            let blanks = " ".repeat(length - body.len());
            body + &blanks
        };
        let fits = route.send(&test, padded(MAX_BODY)).await;
        assert!(
            !fits.status.is_server_error(),
            "{} {}",
            route.path,
            fits.text
        );
        assert_ne!(fits.status, 413, "{} {}", route.path, fits.text);
        for length in [MAX_BODY + 1, 1024 * 1024] {
            let answer = route.send(&test, padded(length)).await;
            assert_eq!(answer.problem(413), "payload_too_large", "{}", route.path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn write_rejects_an_unsupported_media_type() {
    let test = populated().await;
    for route in ROUTES {
        let send = async |kind: Option<&str>| {
            let request = Request::builder().method(&route.method).uri(route.path);
            let request = kind.iter().fold(request, |request, kind| {
                request.header("content-type", *kind)
            });
            let client = test.anonymous().with("x-user-id", 1);
            client
                .send(request.body(Body::from(route.body(&[]))).unwrap())
                .await
        };
        for kind in [
            None,
            Some(""),
            Some("text/plain"),
            Some("application/x-www-form-urlencoded"),
            Some("application/jsonx"),
            Some("text/json"),
            Some("multipart/form-data; boundary=x"),
            Some("json"),
            Some("+json"),
        ] {
            let answer = send(kind).await;
            assert_eq!(
                answer.status, 415,
                "{} {kind:?}: {}",
                route.path, answer.text
            );
            assert_eq!(answer.problem(415), "unsupported_media_type");
        }
        let other = match route.method {
            Method::PATCH => "application/merge-patch+json",
            _ => "application/hal+json",
        };
        for kind in ["application/json; charset=utf-8", "APPLICATION/JSON", other] {
            let answer = send(Some(kind)).await;
            assert!(
                !answer.status.is_server_error(),
                "{} {kind}: {}",
                route.path,
                answer.text
            );
            assert_ne!(answer.status, 415, "{} {kind}: {}", route.path, answer.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn head_answers_like_get_on_any_path() {
    let test = populated().await;
    for (template, methods) in documented() {
        if methods.contains("GET") {
            let path = with_id(&template, "1").unwrap_or_else(|| template.clone());
            let client = test.anonymous().with("x-user-id", 1);
            let head = client.call(Method::HEAD, &path, None).await;
            assert_eq!(
                (head.status.as_u16(), head.text.as_str()),
                (200, ""),
                "{path}"
            );
        }
    }
}
