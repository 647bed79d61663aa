//! The faults of async-graphql-axum 7.2 that parts of this crate exist for (docs/adr/0023). When a test fails after an
//! update, the fault is repaired, and that part may be replaced by async-graphql-axum.

use async_graphql_axum::{GraphQL, GraphQLSubscription};
use axum::{
    Router,
    body::Body,
    extract::DefaultBodyLimit,
    http::{Method, Request},
    routing::any_service,
};
use serde_json::json;

use super::{
    Answer, JSON, NEWER, post,
    schema::library,
    send,
    websocket::{Socket, TRANSPORT_WS},
};

fn service() -> Router {
    let graphql = any_service(GraphQL::new(library()));
    Router::new()
        .route("/graphql", graphql)
        .layer(DefaultBodyLimit::max(1024))
}

async fn answer(headers: &[(&str, &str)], body: &str) -> Answer {
    send(service(), post(headers, body.to_owned())).await
}

async fn connect(protocol: &str) -> Socket {
    let graphql = any_service(GraphQLSubscription::new(library()));
    let service = Router::new().route("/graphql", graphql);
    Socket::open(service, protocol).await
}

/// A page of another origin may send text/plain without a preflight.
#[tokio::test]
async fn extraction_accepts_any_content_type() {
    let answer = answer(
        &[("content-type", "text/plain")],
        r#"{"query": "{ __typename }"}"#,
    )
    .await;
    assert_eq!(answer.body()["data"], json!({"__typename": "Query"}));
}

#[tokio::test]
async fn extraction_takes_a_missing_query_for_an_empty_one() {
    let answer = answer(&[("content-type", JSON), ("accept", JSON)], "{}").await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}

#[tokio::test]
async fn extraction_does_not_name_the_wrong_member() {
    let body = r#"{"query": "{ __typename }", "variables": 7}"#;
    let answer = answer(&[("content-type", JSON)], body).await;
    assert_eq!(answer.status, 400);
    assert!(!answer.text.contains("variables"), "{}", answer.text);
}

#[tokio::test]
async fn extraction_ignores_the_body_limit() {
    let body = r#"{"query": "{ __typename }"}"#.to_owned() + &" ".repeat(10_000);
    let answer = answer(&[("content-type", JSON)], &body).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn extraction_ignores_the_operation_name_of_a_get() {
    let uri = "/graphql?query=query%20A%7b__typename%7dquery%20B%7b__typename%7d&operationName=A";
    let request = Request::get(uri).body(Body::empty()).unwrap();
    let answer = send(service(), request).await;
    assert!(answer.body()["errors"].is_array(), "{}", answer.text);
}

#[tokio::test]
async fn handler_executes_a_mutation_by_get() {
    let uri = "/graphql?query=mutation%7badd(title:%22x%22)%7d";
    let request = Request::builder().method(Method::GET).uri(uri);
    let answer = send(service(), request.body(Body::empty()).unwrap()).await;
    assert_eq!(
        answer.body()["data"],
        json!({"add": "x"}),
        "{}",
        answer.text
    );
}

#[tokio::test]
async fn conversion_ignores_accept() {
    let headers = [("content-type", JSON), ("accept", JSON)];
    let answer = answer(&headers, r#"{"query": "{ __typename }"}"#).await;
    assert_eq!(answer.header("content-type"), NEWER);
}

#[tokio::test]
async fn conversion_gives_an_invalid_document_the_status_200() {
    let headers = [("content-type", JSON), ("accept", NEWER)];
    let answer = answer(&headers, r#"{"query": "{ papers }"}"#).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn execution_leaves_a_failed_field_out() {
    let headers = [("content-type", JSON)];
    let answer = answer(&headers, r#"{"query": "{ lost { title } __typename }"}"#).await;
    assert_eq!(answer.body()["data"].get("lost"), None, "{}", answer.text);
}

#[tokio::test]
async fn websocket_closes_an_early_subscribe_with_the_wrong_code() {
    let mut socket = connect(TRANSPORT_WS).await;
    socket.subscribe("a", "{ __typename }").await;
    assert_eq!(socket.close_code().await, 1011, "4401 by the protocol");
}

#[tokio::test]
async fn websocket_closes_an_invalid_message_with_an_invalid_frame() {
    let mut socket = connect(TRANSPORT_WS).await;
    socket.send(json!({"type": "unknown"})).await;
    assert!(
        socket.fails().await,
        "its reason is longer than a close frame"
    );
}

#[tokio::test]
async fn websocket_accepts_the_id_of_an_operation_in_progress() {
    let mut socket = connect(TRANSPORT_WS).await;
    socket.send(json!({"type": "connection_init"})).await;
    assert_eq!(socket.receive().await["type"], "connection_ack");
    socket.subscribe("a", "subscription { silence }").await;
    socket.subscribe("a", "{ __typename }").await;
    assert_eq!(
        socket.receive().await["type"],
        "next",
        "4409 by the protocol"
    );
}

#[tokio::test]
async fn websocket_sends_an_invalid_document_as_a_result() {
    let mut socket = connect(TRANSPORT_WS).await;
    socket.send(json!({"type": "connection_init"})).await;
    assert_eq!(socket.receive().await["type"], "connection_ack");
    socket.subscribe("a", "{ papers }").await;
    assert_eq!(
        socket.receive().await["type"],
        "next",
        "`error` by the protocol"
    );
}

/// It announces graphql-transport-ws, which it prefers, and speaks graphql-ws, which the client named first.
#[tokio::test]
async fn negotiation_announces_one_protocol_and_speaks_another() {
    let mut socket = connect("graphql-ws, graphql-transport-ws").await;
    socket.send(json!({"type": "connection_init"})).await;
    assert_eq!(socket.receive().await["type"], "connection_ack");
    socket.subscribe("a", "{ __typename }").await;
    assert_eq!(socket.receive().await["type"], "data");
}
