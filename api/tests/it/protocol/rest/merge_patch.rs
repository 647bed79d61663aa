//! PATCH with a JSON merge patch (RFC 7396), beside PUT.

use axum::{
    body::Body,
    http::{Method, Request, header},
};
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    http::{Answer, Client},
};

const MERGE_PATCH: &str = "application/merge-patch+json";

async fn patch(client: &Client, path: &str, kind: &str, body: Value) -> Answer {
    let request = Request::builder()
        .method(Method::PATCH)
        .uri(path)
        .header(header::CONTENT_TYPE, kind)
        .body(Body::from(body.to_string()));
    client.send(request.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn patch_changes_named_fields_only() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (metroid, zelda) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    let client = ann.client();
    let path = format!("/games/{metroid}");
    let mut expected = client.get(&path).await.expect(200);
    let change = json!({"condition": "poor"});
    let game = patch(&client, &path, MERGE_PATCH, change).await.expect(200);
    expected["condition"] = json!("poor");
    for field in ["updated_at", "_templates"] {
        expected[field] = game[field].clone();
    }
    assert_eq!(game, expected);

    let offer =
        json!({"offered_game_id": metroid, "requested_game_id": zelda, "message": "Please"});
    let offer = client.post("/offers", offer).await.expect(201);
    let path = offer["_links"]["self"]["href"].as_str().unwrap();
    let patched = patch(&client, path, MERGE_PATCH, json!({}))
        .await
        .expect(200);
    assert_eq!(patched["message"], "Please");
    let taken_away = json!({"message": null});
    let patched = patch(&client, path, MERGE_PATCH, taken_away)
        .await
        .expect(200);
    assert_eq!(patched.get("message"), None);
    assert_eq!(patched["offered_game_ids"], json!([metroid]));
    let withdrawn = json!({"status": "cancelled"});
    let patched = patch(&client, path, "application/json", withdrawn)
        .await
        .expect(200);
    assert_eq!(patched["closed_reason"], "withdrawn");
}

#[tokio::test(flavor = "multi_thread")]
async fn patch_in_another_format_names_the_supported_one() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let path = format!("/games/{}", ann.lists("Metroid").await);
    let operations = json!([{"op": "replace", "path": "/name", "value": "Ico"}]);
    for kind in [
        "application/json-patch+json",
        "application/hal+json",
        "text/plain",
        "",
    ] {
        let answer = patch(&ann.client(), &path, kind, operations.clone()).await;
        assert_eq!(answer.header("accept-patch"), MERGE_PATCH, "{kind}");
        assert_eq!(answer.problem(415), "unsupported_media_type", "{kind}");
    }
    let options = ann.client().call(Method::OPTIONS, &path, None).await;
    assert_eq!(options.header("accept-patch"), MERGE_PATCH);
    let options = ann.client().call(Method::OPTIONS, "/games", None).await;
    assert_eq!(options.headers.get("accept-patch"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn patch_changes_nothing_when_the_etag_is_stale() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let path = format!("/games/{}", ann.lists("Metroid").await);
    let seen = ann.client().get(&path).await;
    let client = ann.client().with("if-match", seen.header("etag"));
    let change = json!({"name": "Ico"});
    patch(&client, &path, MERGE_PATCH, change.clone())
        .await
        .expect(200);
    let late = json!({"name": "Zelda"});
    assert_eq!(
        patch(&client, &path, MERGE_PATCH, late).await.problem(412),
        "stale"
    );
    assert_eq!(ann.client().get(&path).await.expect(200)["name"], "Ico");
}
