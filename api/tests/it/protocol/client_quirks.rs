//! Input that HTTP, JSON and GraphQL allow and that real clients send: byte order marks, charset parameters, empty
//! parameters.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};

use crate::{
    protocol::rest::bodies::routes::populated,
    support::{
        described,
        http::{Answer, Client},
    },
};

const CHANGE: &str = r#"{"name": "Ico"}"#;
const QUERY: &str = r#"{"query": "{ viewer { name } }"}"#;

async fn send(client: &Client, path: &str, kind: &str, body: impl Into<Body>) -> Answer {
    let method = if path == "/graphql" { "POST" } else { "PUT" };
    let request = Request::builder().method(method).uri(path);
    let request = request.header("content-type", kind).body(body.into());
    client.send(request.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn body_not_in_utf_8_is_refused() {
    let test = populated().await;
    let client = test.anonymous().with("x-user-id", 1);
    for (path, body) in [("/games/1", CHANGE), ("/graphql", QUERY)] {
        for charset in [
            "utf-16",
            "\"UTF-16LE\"",
            "iso-8859-1",
            "",
            "utf-8; charset=utf-16",
        ] {
            let kind = format!("application/json; charset={charset}");
            let answer = send(&client, path, &kind, body).await;
            assert_eq!(answer.status, 415, "{path} {kind}");
            assert!(answer.text.contains("UTF-8"), "{}", answer.text);
        }
        for charset in [
            "charset=utf-8",
            "Charset=\"UTF-8\"",
            "charset = utf8",
            "x=y; charset=us-ascii",
            "",
        ] {
            let kind = format!("application/json;{charset}");
            let answer = send(&client, path, &kind, body).await;
            assert_eq!(answer.status, 200, "{path} {kind}: {}", answer.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn body_with_a_byte_order_mark_is_accepted() {
    let test = populated().await;
    let client = test.anonymous().with("x-user-id", 1);
    for (path, body) in [("/games/1", CHANGE), ("/graphql", QUERY)] {
        let marked = format!("\u{feff}{body}");
        let answer = send(&client, path, "application/json", marked).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text);
        let twice = format!("\u{feff}\u{feff}{body}");
        let answer = send(&client, path, "application/json", twice).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
    }
    let query = "\u{feff}{ viewer { name } }";
    let answer = client.graphql(query, json!({})).await.expect(200);
    assert_eq!(answer["data"]["viewer"]["name"], "ann");
}

#[tokio::test(flavor = "multi_thread")]
async fn list_starts_at_the_beginning_when_cursors_are_empty() {
    let test = populated().await;
    let client = test.anonymous();
    let rows = async |path: &str| {
        let page = client.get(path).await.expect(200);
        assert_eq!(page["_links"]["prev"], Value::Null, "{path}");
        page["_embedded"].clone()
    };
    for list in [
        "/games",
        "/users",
        "/users/1/games",
        "/offers",
        "/trade-offers/user/1/sent",
    ] {
        let whole = rows(list).await;
        for empty in ["after=", "before=", "after=&before=", "limit=20&after"] {
            assert_eq!(
                rows(&format!("{list}?{empty}")).await,
                whole,
                "{list} {empty}"
            );
        }
    }
    rows("/offers?expand=").await;
    let query = "query($none: String) { all: games(first: 1) { nodes { databaseId } pageInfo { hasPreviousPage } }
        same: games(first: 1, after: $none, before: $none) { nodes { databaseId } pageInfo { hasPreviousPage } } }";
    let answer = client.graphql(query, json!({"none": ""})).await.expect(200);
    assert_eq!(answer["data"]["same"], answer["data"]["all"], "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn operation_with_an_empty_name_is_executed() {
    let test = populated().await;
    let client = test.anonymous().with("x-user-id", 1);
    let named = json!({"query": "query Me { viewer { name } }", "operationName": ""});
    let answer = client.post("/graphql", named).await.expect(200);
    assert_eq!(answer["data"]["viewer"]["name"], "ann", "{answer}");
    let path = "/graphql?query=%7Bviewer%7Bname%7D%7D&operationName=";
    let answer = client.get(path).await.expect(200);
    assert_eq!(answer["data"]["viewer"]["name"], "ann", "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn options_allows_head_wherever_it_allows_get() {
    let test = populated().await;
    for path in [
        "/",
        "/games/1",
        "/events",
        "/graphql",
        "/graphiql",
        "/metrics",
        "/openapi.json",
        "/auth/letters.js",
    ] {
        let answer = test.anonymous().call(Method::OPTIONS, path, None).await;
        let allow = answer.header("allow").to_owned();
        let allowed: Vec<_> = allow.split(',').map(str::trim).collect();
        for method in ["GET", "HEAD", "OPTIONS"] {
            assert!(allowed.contains(&method), "{path}: {allow}");
        }
        assert_eq!(answer.status, 204, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn times_are_formatted_alike_on_both_surfaces() {
    let test = populated().await;
    let client = test.anonymous().with("x-user-id", 1);
    let query = "{ user(by: {databaseId: 1}) { createdAt updatedAt } game(by: {databaseId: 1}) { createdAt updatedAt }
        offer(by: {databaseId: 1}) { createdAt updatedAt } }";
    let answer = client.graphql(query, json!({})).await.expect(200);
    for (name, path) in [
        ("user", "/users/1"),
        ("game", "/games/1"),
        ("offer", "/offers/1"),
    ] {
        let shown = client.get(path).await.expect(200);
        for (field, same) in [("createdAt", "created_at"), ("updatedAt", "updated_at")] {
            assert_eq!(answer["data"][name][field], shown[same], "{path} {same}");
            assert!(shown[same].as_str().unwrap().ends_with('Z'), "{shown}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn openapi_describes_offers_as_accepted() {
    let test = populated().await;
    let client = test.anonymous().with("x-user-id", 1);
    let (mine, theirs) = (json!(1), json!(2));
    for (body, fits) in [
        (json!({}), false),
        (json!({"offered_game_id": mine}), false),
        (json!({"requested_game_ids": [theirs]}), false),
        (
            json!({"offered_game_id": mine, "requested_game_ids": []}),
            false,
        ),
        (
            json!({"offered_game_id": null, "requested_game_id": theirs}),
            false,
        ),
        (
            json!({"offered_game_ids": null, "requested_game_id": theirs}),
            false,
        ),
        (
            json!({"offered_game_id": mine, "requested_game_id": theirs}),
            true,
        ),
        (
            json!({"offered_game_ids": [mine], "requested_game_id": theirs}),
            true,
        ),
        (
            json!({"offered_game_id": mine, "offered_game_ids": [], "requested_game_ids": [theirs]}),
            true,
        ),
        (
            json!({"offered_game_id": null, "offered_game_ids": [mine], "requested_game_ids": [theirs]}),
            true,
        ),
    ] {
        assert_eq!(described::admits("OfferCreate", &body), fits, "{body}");
        let answer = client.post("/offers", body.clone()).await;
        // `populated` has this offer pending already.
        let status = if fits { 409 } else { 422 };
        assert_eq!(answer.status, status, "{body}: {}", answer.text);
    }
}

#[test]
fn openapi_describes_every_header_by_a_pattern() {
    let description: Value = serde_json::from_str(api::rest::openapi::json()).unwrap();
    let mut headers = 0;
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            for parameter in parameters.filter(|parameter| parameter["in"] == "header") {
                // A read accepts any value.
                let any = method == "get" && parameter["name"] == "If-None-Match";
                let pattern = &parameter["schema"]["pattern"];
                assert_eq!(pattern.is_string(), !any, "{method} {path} {parameter}");
                headers += 1;
            }
        }
    }
    assert!(headers > 50, "{headers}");
}
