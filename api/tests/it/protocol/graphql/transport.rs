//! GraphQL over HTTP: methods, media types, statuses.

use api::http::size::{MAX_BODY, MAX_DOCUMENT};
use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};

use super::error;
use crate::support::{
    TestApp,
    http::{Answer, Client},
};

const JSON: &str = "application/json";
const NEWER: &str = "application/graphql-response+json";
const QUERY: &str = r#"{"query": "{ games { nodes { name } } }"}"#;

async fn post(client: &Client, content_type: Option<&str>, body: impl Into<Body>) -> Answer {
    let mut request = Request::post("/graphql");
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    client.send(request.body(body.into()).unwrap()).await
}

/// A query string with these parameters.
fn address(parameters: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    format!("/graphql?{query}")
}

#[tokio::test(flavor = "multi_thread")]
async fn post_accepts_json_only() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    for kind in [
        JSON,
        "application/json; charset=utf-8",
        "Application/JSON;charset=\"UTF-8\"",
    ] {
        post(&client, Some(kind), QUERY).await.expect(200);
    }
    // Those that a page of another origin may send without being asked first.
    for kind in [
        Some("text/plain"),
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/graphql"),
        Some("application/json; charset=utf-16"),
        Some("application/jsonx"),
        Some(""),
        None,
    ] {
        let answer = post(&client, kind, QUERY).await;
        assert_eq!(
            (answer.status.as_u16(), error(&answer)),
            (415, "unsupported_media_type"),
            "{kind:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn post_rejects_a_malformed_request() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    for body in [
        "",
        "{",
        "null",
        "7",
        r#""{ __typename }""#,
        "{}",
        r#"{"query": null}"#,
        r#"{"query": 7}"#,
        r#"{"query": {"a": 1}}"#,
        r#"{"query": "{ __typename }", "variables": 7}"#,
        r#"{"query": "{ __typename }", "variables": "{}"}"#,
        r#"{"query": "{ __typename }", "variables": []}"#,
        r#"{"query": "{ __typename }", "operationName": 7}"#,
        r#"{"query": "{ __typename }", "extensions": 7}"#,
        r#"{"query": "{ __typename }"} {}"#,
        r#"[{"query": "{ __typename }"}]"#,
        r#"[]"#,
        "{\"query\": \"\u{0}\"}",
    ] {
        let answer = post(&client, Some(JSON), body).await;
        assert_eq!(
            (answer.status.as_u16(), error(&answer)),
            (400, "malformed"),
            "{body}: {}",
            answer.text
        );
    }
    let answer = post(&client, Some(JSON), &b"{\"query\": \"\xff\"}"[..]).await;
    assert_eq!((answer.status.as_u16(), error(&answer)), (400, "malformed"));
    for body in [
        r#"{"query": "{ __typename }", "variables": null, "operationName": null, "extensions": null}"#,
        r#"{"query": "{ __typename }", "variables": {}, "extensions": {"a": 1}, "id": "a client's own"}"#,
    ] {
        post(&client, Some(JSON), body).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn post_rejects_a_body_or_document_over_the_limit() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let padded = |length: usize| format!("{QUERY}{}", " ".repeat(length - QUERY.len()));
    let document = |length: usize| {
        let start = "{ __typename }#";
        let query = start.to_owned() + &"x".repeat(length - start.len());
        json!({ "query": query }).to_string()
    };
    for (fits, beyond) in [
        (padded(MAX_BODY), padded(MAX_BODY + 1)),
        (document(MAX_DOCUMENT), document(MAX_DOCUMENT + 1)),
    ] {
        post(&client, Some(JSON), fits).await.expect(200);
        let answer = post(&client, Some(JSON), beyond).await;
        assert_eq!(
            (answer.status.as_u16(), error(&answer)),
            (413, "payload_too_large")
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn get_runs_queries_but_no_mutations() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let query = "query Board($first: Int) { games(first: $first) { nodes { name } } } mutation Leave { deleteUser(input: {}) { userErrors { code } } }";
    let parameters = [
        ("query", query),
        ("operationName", "Board"),
        ("variables", r#"{"first": 1}"#),
    ];
    let board = ann.get(&address(&parameters)).await.expect(200);
    assert_eq!(board["data"], json!({"games": {"nodes": []}}));
    for method in [Method::GET, Method::HEAD] {
        let leave = address(&[("query", query), ("operationName", "Leave")]);
        let answer = ann.call(method, &leave, None).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, "POST")
        );
    }
    let alone = address(&[(
        "query",
        "mutation { deleteUser(input: {}) { userErrors { code } } }",
    )]);
    let answer = ann.get(&alone).await;
    assert_eq!(
        (answer.status.as_u16(), error(&answer)),
        (405, "method_not_allowed")
    );
    ann.get("/users/1").await.expect(200);
    for (parameters, status) in [
        (&[][..], 400),
        (&[("query", "")], 400),
        (
            &[("query", "{ __typename }"), ("query", "{ __typename }")],
            400,
        ),
        (&[("query", "{ __typename }"), ("variables", "{")], 400),
        (&[("query", "{ __typename }"), ("variables", "")], 200),
    ] {
        assert_eq!(
            ann.get(&address(parameters)).await.status,
            status,
            "{parameters:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn other_methods_are_refused_with_the_allowed_ones() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let answer = client
            .call(method, "/graphql", Some(json!({"query": "{ __typename }"})))
            .await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, "GET, HEAD, POST")
        );
        assert_eq!(error(&answer), "method_not_allowed");
    }
}

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
async fn actor_is_identified_by_the_same_headers_as_in_rest() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let query = "{ viewer { name email } }";
    let viewer = |client: Client| async move { client.graphql(query, json!({})).await };
    assert_eq!(
        viewer(test.anonymous()).await.expect(200)["data"],
        json!({"viewer": null})
    );
    let seen = viewer(ann.client()).await.expect(200);
    assert_eq!(
        seen["data"]["viewer"],
        json!({"name": "ann", "email": "ann@example.com"})
    );
    for (name, value, code) in [
        ("authorization", "Bearer nonsense", "bad_token"),
        ("authorization", "Basic YTpi", "bad_identity"),
        ("x-user-id", "99", "unknown_actor"),
        ("x-user-id", "ann", "bad_identity"),
    ] {
        for accept in [JSON, NEWER] {
            let answer = viewer(test.anonymous().with(name, value).with("accept", accept)).await;
            assert_eq!(
                (answer.status.as_u16(), error(&answer)),
                (401, code),
                "{value}"
            );
            assert_eq!(answer.header("www-authenticate"), "Bearer");
        }
    }
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
        "a list is never null, so neither is what it is in"
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

#[tokio::test(flavor = "multi_thread")]
async fn browser_without_a_query_is_redirected_to_graphiql() {
    let test = TestApp::new().await;
    let accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let browser = test.anonymous().with("accept", accept);
    for method in [Method::GET, Method::HEAD] {
        let answer = browser.call(method, "/graphql", None).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("location")),
            (303, "/graphiql")
        );
    }
    let asked = browser.get(&address(&[("query", "{ __typename }")])).await;
    assert_eq!(asked.expect(200)["data"]["__typename"], "Query");
    assert_eq!(test.anonymous().get("/graphql").await.status, 400);
    assert_eq!(
        browser
            .post("/graphql", json!({"query": "{ __typename }"}))
            .await
            .status,
        200
    );
}

/// The Accept of urql, in every request.
const OF_URQL: &str = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed";
const EVENTS: &str = "text/event-stream";
/// Complete at once, since nobody is identified.
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
async fn upgrade_is_ignored_unless_to_websocket() {
    let test = TestApp::new().await;
    let address = address(&[("query", "{ __typename }")]);
    for (upgrade, connection) in [
        ("h2c", "Upgrade, HTTP2-Settings"),
        ("websocket", "keep-alive"),
        ("TLS/1.2", "upgrade"),
    ] {
        let client = test
            .anonymous()
            .with("upgrade", upgrade)
            .with("connection", connection)
            .with(
                "http2-settings",
                "AAEAAEAAAAIAAAAAAAMAAAAAAAQBAAAAAAUAAEAAAAYABgAA",
            );
        post(&client, Some(JSON), QUERY).await.expect(200);
        client.get(&address).await.expect(200);
        client.get("/games").await.expect(200);
    }
    let writing = test.anonymous().with("upgrade", "websocket");
    post(&writing.with("connection", "upgrade"), Some(JSON), QUERY)
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn persisted_query_without_a_document_is_refused() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let extensions = r#"{"persistedQuery": {"version": 1, "sha256Hash": "ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38"}}"#;
    let body = |query: &str| format!(r#"{{"query": {query}, "extensions": {extensions}}}"#);
    for answer in [
        client.get(&address(&[("extensions", extensions)])).await,
        post(&client, Some(JSON), body("null")).await,
    ] {
        let error = &answer.expect(200)["errors"][0];
        assert_eq!(error["message"], "PersistedQueryNotSupported");
        assert_eq!(error["extensions"]["code"], "PERSISTED_QUERY_NOT_SUPPORTED");
    }
    let both = post(&client, Some(JSON), body(r#""{ __typename }""#)).await;
    assert_eq!(both.expect(200)["data"], json!({"__typename": "Query"}));
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
