//! Failed fields: null propagation, which clients need to type a response.

use serde_json::{Value, json};

use super::{query, send, service};

async fn data(document: &str) -> Value {
    let answer = send(service(), query(document)).await;
    let body = answer.body();
    assert!(body["errors"][0]["path"].is_array(), "{body}");
    body["data"].clone()
}

#[tokio::test]
async fn failed_field_is_null_when_its_type_allows_it() {
    let data = data("{ lost { title } books(first: 1) { pages } }").await;
    assert_eq!(data, json!({"lost": null, "books": [{"pages": 100}]}));
}

#[tokio::test]
async fn failed_field_nulls_its_parent_when_its_type_is_non_null() {
    assert_eq!(
        data("{ missing { title } books { pages } }").await,
        Value::Null
    );
}
