//! Titles of deleted games: they stay known, and no search leads to them.

use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn search_is_not_corrected_to_a_title_without_games() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    ann.lists("Celeste").await;
    let other = ann.lists("Celesta").await;
    ann.client().delete(&format!("/games/{other}")).await;
    let client = test.anonymous();
    let found = client.get("/games?q=celestr").await.expect(200);
    assert_eq!(found["searched_for"], "celeste");
    assert_eq!(found["_embedded"]["games"][0]["name"], "Celeste");
    let suggested = client.get("/titles?q=celestr").await.expect(200);
    assert_eq!(suggested["_embedded"]["titles"][0]["key"], "celeste");
    let gone = client.get("/titles?q=celesta").await.expect(200);
    let keys: Vec<&Value> = gone["_embedded"]["titles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|title| &title["key"])
        .collect();
    assert_eq!(json!(keys), json!(["celeste"]));
}
