//! GraphQL over HTTP: methods, bodies and headers of requests. Responses are in [`super::responses`].

use api::http::size::{MAX_BODY, MAX_DOCUMENT};
use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::json;

use super::error;
use crate::support::{
    TestApp,
    http::{Answer, Client},
};

pub const JSON: &str = "application/json";
pub const NEWER: &str = "application/graphql-response+json";
pub const QUERY: &str = r#"{"query": "{ games { nodes { name } } }"}"#;

pub async fn post(client: &Client, content_type: Option<&str>, body: impl Into<Body>) -> Answer {
    let mut request = Request::post("/graphql");
    if let Some(content_type) = content_type {
        request = request.header("content-type", content_type);
    }
    client.send(request.body(body.into()).unwrap()).await
}

/// Returns the URL with these query parameters.
pub fn address(parameters: &[(&str, &str)]) -> String {
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
    // The types that a page of another origin may send without a preflight request.
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
