//! The table of operations, against the description and the handlers.

use std::collections::BTreeSet;

use api::{
    admission::Class,
    operations::{ALL, CONFIRM_EMAIL, CREATE_USER, Identity, TakenHeader},
};
use axum::{
    body::Body,
    http::{Request, header::CONTENT_TYPE},
};
use serde_json::Value;

use super::requests::with_id;
use crate::{
    protocol::rest::bodies::routes::{ROUTES, populated},
    support::http::Client,
};

fn description() -> Value {
    serde_json::from_str(api::rest::openapi::json()).unwrap()
}

/// Returns the schema of the body that an operation takes.
fn body<'a>(api: &'a Value, operation: &Value) -> Option<&'a Value> {
    let content = operation["requestBody"]["content"].as_object()?;
    let schema = &content.values().next()?["schema"]["$ref"];
    api.pointer(schema.as_str()?.trim_start_matches('#'))
}

#[test]
fn operations_are_those_that_handlers_describe() {
    let api = description();
    let mut described = BTreeSet::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            described.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    let mut rows = BTreeSet::new();
    for row in ALL {
        for path in row.paths() {
            rows.extend(row.methods.iter().map(|method| format!("{method} {path}")));
        }
    }
    assert_eq!(
        described, rows,
        "a handler without its row, or a row without its handler"
    );
    for row in ALL {
        let operation = &api["paths"][row.path][row.methods[0].to_lowercase()];
        assert_eq!(operation["operationId"], row.id());
        for (schema, field) in row.follows {
            let field = &api["components"]["schemas"][schema]["properties"][field];
            assert!(field.is_object(), "{} follows no field", row.id());
        }
    }
}

/// A request with a password is one that hashes it.
#[test]
fn operations_are_in_the_class_of_what_they_do() {
    let api = description();
    for row in ALL {
        let operation = &api["paths"][row.path][row.methods[0].to_lowercase()];
        let fields = body(&api, operation).and_then(|schema| schema["properties"].as_object());
        let hashes =
            fields.is_some_and(|fields| fields.values().any(|of| of["format"] == "password"));
        assert_eq!(row.class == Class::Passwords, hashes, "{}", row.id());
        let streams = &operation["responses"]["200"]["content"]["text/event-stream"];
        assert_eq!(
            row.class == Class::Streams,
            streams.is_object(),
            "{}",
            row.id()
        );
    }
}

#[test]
fn operations_with_a_body_are_in_the_table_of_bodies() {
    let api = description();
    for (path, item) in api["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let Some(schema) = body(&api, operation) else {
                continue;
            };
            let fields: BTreeSet<_> = schema["properties"].as_object().unwrap().keys().collect();
            let sample = with_id(path, "1").unwrap_or_else(|| path.clone());
            let method = method.to_uppercase();
            let route = ROUTES
                .iter()
                .find(|route| route.method == method.as_str() && route.path == sample)
                .unwrap_or_else(|| panic!("{method} {path} has no row"));
            let listed: BTreeSet<_> = route.fields.iter().map(|(name, ..)| *name).collect();
            assert!(fields.into_iter().eq(listed), "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_take_a_key_as_their_rows_say() {
    let test = populated().await;
    let client = test.anonymous().with("x-user-id", 1);
    let client = client.with("idempotency-key", "two words");
    for row in ALL.iter().filter(|row| row.class != Class::Streams) {
        for method in row.methods {
            let path = row.href(1);
            let answer = client.call(method.parse().unwrap(), &path, None).await;
            let detail = answer.body["detail"].as_str().unwrap_or_default();
            let refused = detail.contains("Idempotency-Key");
            let told = format!("{method} {path}: {}", answer.text);
            assert_eq!(refused, row.takes(TakenHeader::Key), "{told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_ask_for_identification_as_their_rows_say() {
    let test = populated().await;
    let nobody = test.anonymous();
    let invalid = nobody.with("authorization", "Bearer x");
    for row in ALL {
        // They need no sender, but read who it is.
        let reads = [CREATE_USER.id(), CONFIRM_EMAIL.id()].contains(&row.id());
        for method in row.methods {
            let path = row.href(1);
            let route = ROUTES
                .iter()
                .find(|route| route.method == *method && route.path == path);
            let send = async |client: &Client| {
                let body = route.map_or_else(Body::empty, |route| route.body(&[]).into());
                let request = Request::builder().method(*method).uri(&path);
                let request = request.header(CONTENT_TYPE, "application/json");
                client.send(request.body(body).unwrap()).await
            };
            let answer = send(&invalid).await;
            let told = format!("{method} {path}: {}", answer.text);
            let refused = answer.body["code"] == "bad_token";
            assert_eq!(
                refused,
                row.identity != Identity::Unneeded || reads,
                "{told}"
            );
            // Without an offer, a stream has events of the sender only.
            if row.class != Class::Streams {
                let answer = send(&nobody).await;
                let told = format!("{method} {path}: {}", answer.text);
                let refused = answer.body["code"] == "not_identified";
                assert_eq!(refused, row.identity == Identity::Required, "{told}");
            }
        }
    }
}
