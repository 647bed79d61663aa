//! The maximum size of answers: 4 MiB on either surface.

use entity::GameId;
use serde_json::json;

use crate::support::{Person, TestApp, new_game};

/// Returns a name of the maximum length, of four-byte characters.
fn long_name() -> String {
    "🎮".repeat(200)
}

async fn list_games(person: &Person, count: usize) -> Vec<GameId> {
    let mut ids = Vec::new();
    for _ in 0..count {
        ids.push(person.lists(&long_name()).await);
    }
    ids
}

fn nested(fields: &str) -> String {
    format!(
        "games(first: 60) {{ nodes {{ owner {{ games(first: 60) {{ nodes {{ {fields} }} }} }} }} }}"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn graphql_answer_is_refused_over_four_megabytes() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    list_games(&ann, 60).await;
    let client = ann.client();
    let fits = client
        .graphql(&format!("{{ {} }}", nested("name")), json!({}))
        .await;
    assert!(fits.text.len() > 2_900_000);
    fits.expect(200);
    let newer = client.with("accept", "application/graphql-response+json");
    // Texts count when they are resolved, field names when the answer is written.
    let alias = "a".repeat(400);
    for query in [
        "a: name b: name".to_owned(),
        format!("{alias}1: id {alias}2: id {alias}3: id"),
    ] {
        let query = format!("{{ {} }}", nested(&query));
        for (client, status) in [(&client, 200), (&newer, 400)] {
            let answer = client.graphql(&query, json!({})).await;
            assert!(answer.text.len() < 1_000, "{}", answer.text);
            let errors = answer.expect(status)["errors"].clone();
            assert_eq!(errors[0]["extensions"]["code"], "answer_too_large");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mutation_commits_when_its_answer_is_too_large() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    list_games(&ann, 60).await;
    let deep = "owner { games(first: 60) { nodes { owner { games(first: 60) { nodes { a: name b: name } } } } } }";
    let query = format!(
        "mutation($input: CreateGameInput!) {{ createGame(input: $input) {{ game {{ {deep} }} userErrors {{ code }} }} }}"
    );
    let new = new_game("Ico");
    let input = json!({"name": new.name, "publisher": new.publisher, "yearPublished": 1990,
        "gamingSystem": "NES", "condition": "GOOD"});
    let answer = ann
        .client()
        .graphql(&query, json!({ "input": input }))
        .await;
    assert!(answer.text.len() < 1_000, "{}", answer.text);
    let body = answer.expect(200);
    assert_eq!(body["errors"][0]["extensions"]["code"], "answer_too_large");
    let games = ann.client().get("/games?q=Ico").await.expect(200);
    assert_eq!(games["_embedded"]["games"][0]["name"], "Ico");
}

#[tokio::test(flavor = "multi_thread")]
async fn rest_page_is_refused_over_four_megabytes() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (list_games(&ann, 20).await, list_games(&bob, 21).await);
    for left_out in 0..21 {
        for at in 0..6 {
            let mut some = theirs.clone();
            some.remove(left_out);
            some.truncate(20 - at);
            // The same set may be drawn twice; a duplicate is refused.
            let _ = ann.offers(&mine, &some).await;
        }
    }
    let client = test.anonymous();
    let page = async |limit: u32| {
        let path = format!("/offers?limit={limit}&expand=offered_games,requested_games");
        client.get(&path).await
    };
    let fits = page(20).await;
    assert!(fits.text.len() > 500_000, "{}", fits.text.len());
    fits.expect(200);
    assert_eq!(page(100).await.problem(409), "answer_too_large");
    client.get("/offers?limit=100").await.expect(200);
}
