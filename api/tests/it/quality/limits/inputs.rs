//! The largest inputs of the schemas, in JSON's longest form: every character as two UTF-16 escapes, as Python writes
//! it. They fit into a body, a WebSocket message, and a resource sent back as it was read.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};

use crate::support::{TestApp, http::Client};

/// Writes JSON in ASCII only.
pub fn escaped(value: &Value) -> String {
    let mut units = [0; 2];
    let escape = |c: char| {
        let units = c.encode_utf16(&mut units).iter();
        units.map(|unit| format!("\\u{unit:04x}")).collect()
    };
    let text = value.to_string();
    let mut spell = escape;
    text.chars()
        .map(|c| {
            if c.is_ascii() {
                c.to_string()
            } else {
                spell(c)
            }
        })
        .collect()
}

fn emoji(length: usize) -> String {
    "\u{1f600}".repeat(length)
}

async fn send(client: &Client, method: Method, path: &str, body: &Value) -> Value {
    let request = Request::builder().method(method).uri(path);
    let request = request.header("content-type", "application/json");
    let body = Body::from(escaped(body));
    let answer = client.send(request.body(body).unwrap()).await;
    assert!(answer.status.is_success(), "{path}: {}", answer.text);
    answer.body
}

/// Creates two users with the longest names and addresses, each with twenty games of the longest names.
async fn verbose(test: &TestApp) -> [Client; 2] {
    let mut people = Vec::new();
    for name in ["ann", "bob"] {
        let client = test.with_user(name).await.client();
        let me = format!("/users/{}", people.len() + 1);
        let account = json!({"name": emoji(200), "street_address": emoji(500)});
        send(&client, Method::PUT, &me, &account).await;
        for _ in 0..20 {
            let game = json!({"name": emoji(200), "publisher": emoji(200), "gaming_system": emoji(100),
                "year_published": 2001, "condition": "mint"});
            send(&client, Method::POST, "/games", &game).await;
        }
        people.push(client);
    }
    people.try_into().ok().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn rest_accepts_the_largest_offer_fully_escaped() {
    let test = TestApp::new().await;
    let [ann, _] = verbose(&test).await;
    let (mine, theirs): (Vec<_>, Vec<_>) = (1..=40).partition(|id| *id <= 20);
    let offer =
        json!({"offered_game_ids": mine, "requested_game_ids": theirs, "message": emoji(2000)});
    send(&ann, Method::POST, "/offers", &offer).await;
    let shown = ann.get("/offers/1").await.expect(200);
    let now = send(&ann, Method::PUT, "/offers/1", &shown).await;
    assert_eq!(now["message"], emoji(2000));
    let row = ann.get("/offers").await.expect(200)["_embedded"]["offers"][0].clone();
    send(&ann, Method::PATCH, "/offers/1", &row).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn graphql_accepts_the_largest_inputs_fully_escaped() {
    let test = TestApp::new().await;
    let [ann, _] = verbose(&test).await;
    let make = "mutation($message: String) { createOffer(input: {offeredGameIds: [1], requestedGameIds: [21], message: $message}) { offer { message } userErrors { code } } }";
    let asked = json!({"query": make, "variables": {"message": emoji(2000)}});
    let answer = send(&ann, Method::POST, "/graphql", &asked).await;
    assert_eq!(
        answer["data"]["createOffer"]["offer"]["message"],
        emoji(2000),
        "{answer}"
    );
    let inside = "\\u00e9".repeat(2000);
    let written = format!(
        "mutation {{ updateOffer(input: {{offerId: 1, message: \"{inside}!\"}}) {{ userErrors {{ code }} }} }}"
    );
    let answer = send(&ann, Method::POST, "/graphql", &json!({ "query": written })).await;
    let faults = &answer["data"]["updateOffer"]["userErrors"];
    assert_eq!(faults[0]["code"], "too_long", "read to its end: {answer}");
    let fields: String = (0..20)
        .map(|n| {
            format!("g{n}: games(filter: {{q: $q, gamingSystem: $s}}, first: 1) {{ totalCount }} ")
        })
        .collect();
    let query = format!("query($q: String, $s: String) {{ {fields} }}");
    let variables = json!({"q": emoji(200), "s": emoji(100)});
    let answer = send(
        &ann,
        Method::POST,
        "/graphql",
        &json!({"query": query, "variables": variables}),
    )
    .await;
    assert_eq!(answer["errors"], Value::Null, "{answer}");
}
