//! Documents that the specification allows or forbids, marked by hand. graphql-js validates the same ones in
//! `clients/check graphql`.

use serde_json::{Value, json};

use super::error;
use crate::support::{TestApp, http::Client};

const OVERLAPS: &str = include_str!("overlaps.graphql");
const RULES: &str = include_str!("rules.graphql");

/// Returns the documents of a file, each with whether it is valid.
fn documents(file: &str) -> Vec<(bool, &str)> {
    let mut documents = file.split("\n## ");
    documents.next();
    documents
        .map(|entry| {
            let (verdict, document) = entry.split_once('\n').unwrap();
            (verdict.starts_with("legal: "), document)
        })
        .collect()
}

async fn judge(client: &Client, document: &str) -> Result<(), String> {
    let name = document.contains("query B").then_some("A");
    let body = json!({"query": document, "operationName": name});
    let answer = client.post("/graphql", body).await;
    if answer.status == 400 && answer.body.get("data").is_none() {
        return Err(format!("{}: {}", error(&answer), answer.text));
    }
    Ok(())
}

async fn wrongly_judged(file: &str) -> Vec<String> {
    let test = TestApp::new().await;
    let client = test
        .anonymous()
        .with("accept", "application/graphql-response+json");
    let mut wrong = Vec::new();
    for (is_legal, document) in documents(file) {
        let judged = judge(&client, document).await;
        if judged.is_ok() != is_legal {
            wrong.push(format!("legal: {is_legal}, {judged:?}: {document}"));
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn overlapping_fields_are_validated_like_graphql_js() {
    assert_eq!(wrongly_judged(OVERLAPS).await, Vec::<String>::new());
    let legal = documents(OVERLAPS).into_iter().filter(|(legal, _)| *legal);
    assert!(legal.count() >= 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_validated_like_graphql_js() {
    assert_eq!(wrongly_judged(RULES).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn conflict_names_both_fields_and_locations() {
    let test = TestApp::new().await;
    let query = "{ viewer { games(first: 2) { nodes { name } } } ...F }\nfragment F on Query { viewer { games(last: 2) { nodes { id } } } }";
    let answer = test.anonymous().graphql(query, json!({})).await;
    let refusal = &answer.body["errors"][0];
    assert_eq!(
        refusal["message"],
        "Fields \"viewer\" conflict because subfields \"games\" conflict because they have differing arguments. \
         Use different aliases on the fields to fetch both if this was intentional."
    );
    let places: Vec<_> = refusal["locations"].as_array().unwrap().iter().collect();
    let place = |place: &Value| (place["line"].as_u64(), place["column"].as_u64());
    assert_eq!(
        places.into_iter().map(place).collect::<Vec<_>>(),
        [(1, 3), (1, 12), (2, 23), (2, 32)].map(|(line, column)| (Some(line), Some(column)))
    );
    // graphql-js has no type for `__typename`.
    let query =
        r#"{ node(id: "1") { ... on User { x: __typename } ... on Game { x: yearPublished } } }"#;
    let answer = test.anonymous().graphql(query, json!({})).await;
    assert_eq!(error(&answer), "graphql_validation_failed");
}
