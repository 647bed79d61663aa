//! Update a game. Preconditions and read-only fields are in [`crate::protocol::rest`].

use serde_json::json;

use crate::{
    protocol::{
        graphql::data,
        rest::merge_patch::{MERGE_PATCH, patch},
    },
    support::TestApp,
};

#[tokio::test(flavor = "multi_thread")]
async fn update_changes_the_game_on_both_surfaces() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let id = ann.lists("Metroid").await;
    let client = ann.client();
    let change = json!({"name": "Ico"});
    let game = client.put(&format!("/games/{id}"), change).await;
    let game = game.expect(200);
    assert_eq!(
        (&game["name"], &game["publisher"]),
        (&json!("Ico"), &json!("Nintendo"))
    );
    let update = format!(
        "mutation {{ updateGame(input: {{gameId: {id}, name: \"Okami\"}}) {{
            game {{ name publisher }} userErrors {{ code }} }} }}"
    );
    let updated = data(client.graphql(&update, json!({})).await, "updateGame");
    let expected = json!({"name": "Okami", "publisher": "Nintendo"});
    assert_eq!(updated["game"], expected);
    assert_eq!(test.game(id).await.version, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn patch_changes_named_fields_only() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let path = format!("/games/{}", ann.lists("Metroid").await);
    let client = ann.client();
    let mut expected = client.get(&path).await.expect(200);
    let change = json!({"condition": "poor"});
    let game = patch(&client, &path, MERGE_PATCH, change).await.expect(200);
    expected["condition"] = json!("poor");
    for field in ["updated_at", "_templates"] {
        expected[field] = game[field].clone();
    }
    assert_eq!(game, expected);
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
