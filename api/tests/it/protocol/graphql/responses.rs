//! GraphQL over HTTP: media types, statuses and errors of responses.

use serde_json::{Value, json};

use super::{
    error,
    transport::{JSON, NEWER, QUERY, address, post},
};
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn answer_has_the_requested_media_type() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    for (accept, kind) in [
        ("*/*", Some(JSON)),
        (JSON, Some(JSON)),
        ("application/*", Some(JSON)),
        (NEWER, Some(NEWER)),
        (
            "application/graphql-response+json, application/json;q=0.9",
            Some(NEWER),
        ),
        (
            "application/json, application/graphql-response+json;q=0.5",
            Some(JSON),
        ),
        ("text/html, */*;q=0.1", Some(JSON)),
        ("text/html", None),
        ("application/json;q=0", None),
    ] {
        let answer = post(&client.with("accept", accept), Some(JSON), QUERY).await;
        match kind {
            Some(kind) => {
                assert_eq!(
                    answer.header("content-type"),
                    format!("{kind}; charset=utf-8"),
                    "{accept}"
                );
                answer.expect(200);
            }
            None => assert_eq!(
                (answer.status.as_u16(), error(&answer)),
                (406, "not_acceptable"),
                "{accept}"
            ),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_document_has_a_code_and_its_media_types_status() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    for (query, name, code) in [
        ("", None, "graphql_parse_failed"),
        ("{", None, "graphql_parse_failed"),
        ("{ games( }", None, "graphql_parse_failed"),
        ("{ nothing }", None, "graphql_validation_failed"),
        ("{ games { nodes } }", None, "graphql_validation_failed"),
        (
            "{ games(first: \"1\") { nodes { name } } }",
            None,
            "graphql_validation_failed",
        ),
        (
            "{ games(color: 1) { nodes { name } } }",
            None,
            "graphql_validation_failed",
        ),
        (
            "query($a: Int!) { games(first: $a) { nodes { name } } }",
            None,
            "graphql_validation_failed",
        ),
        (
            "subscription { myOffers { id } }",
            None,
            "subscription_needs_a_stream",
        ),
        (
            "query A { __typename } query B { __typename }",
            None,
            "graphql_validation_failed",
        ),
        (
            "query A { __typename } query B { __typename }",
            Some("C"),
            "graphql_validation_failed",
        ),
        ("fragment F on Game { name }", None, "graphql_parse_failed"),
    ] {
        for (accept, status) in [(NEWER, 400), (JSON, 200)] {
            let body = json!({"query": query, "operationName": name}).to_string();
            let answer = post(&client.with("accept", accept), Some(JSON), body).await;
            assert_eq!(
                (answer.status.as_u16(), error(&answer)),
                (status, code),
                "{query}: {}",
                answer.text
            );
            assert_eq!(answer.body.get("data"), None, "nothing was executed");
        }
    }
    let body = json!({"query": "query A { a: __typename } query B { b: __typename }", "operationName": "B"});
    let answer = post(&client, Some(JSON), body.to_string()).await;
    assert_eq!(answer.expect(200)["data"], json!({"b": "Query"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_field_leaves_the_others_intact() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    ann.lists("Metroid").await;
    let query = "{ good: games { nodes { name } } bad: games(first: 0) { nodes { name } } }";
    let answer = test.anonymous().graphql(query, json!({})).await;
    assert_eq!(error(&answer), "invalid");
    assert_eq!(answer.body["errors"][0]["path"], json!(["bad"]));
    assert_eq!(
        answer.body["data"],
        Value::Null,
        "a list is never null, so its parent is null"
    );
    let query =
        "{ user(by: {databaseId: 1}) { name games(first: 0) { nodes { name } } } viewer { name } }";
    let answer = ann.client().graphql(query, json!({})).await;
    assert_eq!(
        answer.body["data"],
        json!({"user": null, "viewer": {"name": "ann"}})
    );
    assert_eq!(answer.body["errors"][0]["path"], json!(["user", "games"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_field_is_null_under_every_alias() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    ann.lists("Metroid").await;
    for (query, data) in [
        ("{ node(id: \"1\") { id } }", json!({"node": null})),
        (
            "{ a: node(id: \"1\") { id } b: node(id: \"1\") { id } }",
            json!({"a": null, "b": null}),
        ),
        (
            "{ viewer { games(first: 0) { nodes { name } } more: games(first: 0) { nodes { name } } } }",
            json!({"viewer": null}),
        ),
        (
            "query Other { viewer { name } } query Asked { viewer { ...Part } me: viewer { name } }
             fragment Part on User { name bad: games(first: 0) { nodes { name } } }",
            json!({"viewer": null, "me": {"name": "ann"}}),
        ),
        (
            "{ node(id: \"VXNlcjox\") { id ... on Game { name } ... on User { games(first: 0) { nodes { name } } } } }",
            json!({"node": null}),
        ),
        (
            "{ viewer { games { nodes { name owner { ... { offersSent(first: 0) { nodes { id } } } } } } } }",
            json!({"viewer": null}),
        ),
    ] {
        let asked = query.contains("Asked").then_some("Asked");
        let body = json!({"query": query, "operationName": asked});
        let answer = ann.client().post("/graphql", body).await;
        let answer = answer.expect(200);
        assert_eq!(answer["data"], data, "{query}");
        assert_ne!(answer["errors"], Value::Null, "{query}");
    }
}

/// The Accept header of every urql request.
const OF_URQL: &str = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed";
const EVENTS: &str = "text/event-stream";

/// A subscription that completes at once, since the client is anonymous.
const SUBSCRIPTION: &str = r#"{"query": "subscription { myOffers { id } }"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn event_stream_is_used_when_preferred_or_needed() {
    let test = TestApp::new().await;
    for (accept, query, subscription) in [
        (OF_URQL, NEWER, EVENTS),
        ("text/event-stream, application/json", JSON, EVENTS),
        ("text/event-stream, */*", JSON, EVENTS),
        ("application/json, text/event-stream;q=0.1", JSON, EVENTS),
        (
            "application/json;q=0.5, text/event-stream;q=0.6",
            EVENTS,
            EVENTS,
        ),
        ("text/event-stream", EVENTS, EVENTS),
        ("text/event-stream, text/html", EVENTS, EVENTS),
        ("text/event-stream, application/json;q=0", EVENTS, EVENTS),
        ("text/event-stream;q=0, application/json", JSON, JSON),
        ("*/*", JSON, JSON),
        (NEWER, NEWER, NEWER),
    ] {
        let client = test.anonymous().with("accept", accept);
        for (body, expected) in [(QUERY, query), (SUBSCRIPTION, subscription)] {
            let answer = post(&client, Some(JSON), body).await;
            let kind = answer.header("content-type");
            assert_eq!(kind.split(';').next(), Some(expected), "{accept}: {body}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cache_headers_equal_those_of_rest() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    for client in [test.anonymous(), ann] {
        let rest = client.get("/games").await;
        for query in ["{ viewer { name } }", "{ nothing }", ""] {
            let answer = client.get(&address(&[("query", query)])).await;
            for name in ["cache-control", "vary"] {
                assert_eq!(answer.header(name), rest.header(name), "{query}");
            }
        }
        let written = post(&client, Some(JSON), QUERY).await;
        assert_eq!(written.header("cache-control"), "private, no-cache");
    }
}
