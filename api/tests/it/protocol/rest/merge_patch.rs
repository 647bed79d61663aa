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

pub const MERGE_PATCH: &str = "application/merge-patch+json";

pub async fn patch(client: &Client, path: &str, kind: &str, body: Value) -> Answer {
    let request = Request::builder()
        .method(Method::PATCH)
        .uri(path)
        .header(header::CONTENT_TYPE, kind)
        .body(Body::from(body.to_string()));
    client.send(request.unwrap()).await
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
