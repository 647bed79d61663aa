//! GraphQL over HTTP: methods, media types, statuses.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::json;

use super::{JSON, NEWER, post, query, send, service};

const QUERY: &str = r#"{"query": "{ books { title } }"}"#;

#[tokio::test]
async fn post_accepts_only_json_in_utf8() {
    for kind in [
        JSON,
        "application/json; charset=utf-8",
        "Application/JSON;charset=\"UTF-8\"",
    ] {
        let answer = send(service(), post(&[("content-type", kind)], QUERY)).await;
        assert_eq!(answer.status, 200, "{kind}");
    }
    // A page of another origin may send some of these without a preflight.
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=utf-16",
        "application/jsonx",
        "",
    ] {
        let answer = send(service(), post(&[("content-type", kind)], QUERY)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (415, "unsupported_media_type"),
            "{kind}"
        );
    }
}

#[tokio::test]
async fn post_rejects_a_malformed_request() {
    for body in [
        "",
        "{",
        "null",
        "{}",
        r#"{"query": null}"#,
        r#"{"query": 7}"#,
        r#"{"query": "{ __typename }", "variables": []}"#,
        r#"{"query": "{ __typename }", "operationName": 7}"#,
        r#"{"query": "{ __typename }", "extensions": 7}"#,
        r#"{"query": "{ __typename }"} {}"#,
        r#"[{"query": "{ __typename }"}]"#,
    ] {
        let answer = send(service(), post(&[("content-type", JSON)], body)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (400, "malformed"),
            "{body}"
        );
    }
}

#[tokio::test]
async fn post_names_the_member_of_the_wrong_type() {
    let body = r#"{"query": "{ __typename }", "variables": 7}"#;
    let answer = send(service(), post(&[("content-type", JSON)], body)).await;
    let message = answer.body()["errors"][0]["message"].to_string();
    assert!(message.contains("variables"), "{message}");
}

#[tokio::test]
async fn post_accepts_nulls_unknown_members_and_a_byte_order_mark() {
    for body in [
        r#"{"query": "{ __typename }", "variables": null, "operationName": null, "extensions": null}"#,
        r#"{"query": "{ __typename }", "operationName": "", "id": "a client's own"}"#,
        "\u{feff}{\"query\": \"{ __typename }\"}",
    ] {
        let answer = send(service(), post(&[("content-type", JSON)], body)).await;
        assert_eq!(
            answer.body()["data"],
            json!({"__typename": "Query"}),
            "{body}"
        );
    }
}

#[tokio::test]
async fn post_rejects_a_body_that_is_too_large() {
    let padding = " ".repeat(200 * 1024);
    let answer = send(
        service(),
        post(&[("content-type", JSON)], QUERY.to_owned() + &padding),
    )
    .await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (413, "payload_too_large")
    );
}

#[tokio::test]
async fn get_runs_queries_but_no_mutations() {
    let document = "query One($first: Int) { books(first: $first) { title } } mutation Two { add(title: \"x\") }";
    let encoded: String = document
        .bytes()
        .map(|byte| format!("%{byte:02x}"))
        .collect();
    let get = |method: Method, name: &str| {
        let uri = format!(
            "/graphql?query={encoded}&operationName={name}&variables=%7b%22first%22%3a1%7d"
        );
        let request = Request::builder().method(method).uri(uri);
        request.body(Body::empty()).unwrap()
    };
    let answer = send(service(), get(Method::GET, "One")).await;
    assert_eq!(
        answer.body()["data"],
        json!({"books": [{"title": "Volume 1"}]})
    );
    for method in [Method::GET, Method::HEAD] {
        let answer = send(service(), get(method, "Two")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("allow")),
            (405, "POST")
        );
    }
    let put = Request::put("/graphql").body(Body::empty()).unwrap();
    let answer = send(service(), put).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("allow")),
        (405, "GET, HEAD, POST")
    );
}

#[tokio::test]
async fn response_has_the_media_type_that_accept_prefers() {
    for (accept, kind) in [
        ("", JSON),
        ("*/*", JSON),
        (JSON, JSON),
        (NEWER, NEWER),
        ("application/json, application/graphql-response+json", NEWER),
        (
            "application/json, application/graphql-response+json;q=0.5",
            JSON,
        ),
    ] {
        let headers = [("content-type", JSON), ("accept", accept)];
        let answer = send(service(), post(&headers, QUERY)).await;
        let expected = format!("{kind}; charset=utf-8");
        assert_eq!(answer.header("content-type"), expected, "{accept}");
    }
    let headers = [("content-type", JSON), ("accept", "text/html")];
    let answer = send(service(), post(&headers, QUERY)).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code().as_str()),
        (406, "not_acceptable")
    );
}

#[tokio::test]
async fn invalid_document_has_a_status_by_its_media_type() {
    let body = r#"{"query": "{ papers }"}"#;
    for (accept, status) in [(JSON, 200), (NEWER, 400)] {
        let headers = [("content-type", JSON), ("accept", accept)];
        let answer = send(service(), post(&headers, body)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code().as_str()),
            (status, "graphql_validation_failed")
        );
    }
}

#[tokio::test]
async fn document_beyond_a_limit_is_rejected_with_its_measure() {
    let answer = send(service(), query(&"{ a".repeat(4_000))).await;
    assert_eq!(answer.code(), "too_deep");
    let cost = &answer.body()["errors"][0]["extensions"]["cost"];
    assert_eq!(
        (cost["measure"].as_str(), cost["limit"].as_u64()),
        (Some("brackets"), Some(100))
    );
}

#[tokio::test]
async fn subscription_without_a_stream_is_rejected() {
    let answer = send(service(), query("subscription { count(to: 1) }")).await;
    assert_eq!(answer.code(), "subscription_needs_a_stream");
}
