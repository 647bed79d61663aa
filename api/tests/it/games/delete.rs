//! Delete a game.

use entity::OfferStatus;
use serde_json::json;

use crate::{
    protocol::graphql::data,
    support::{TestApp, ledger},
};

#[tokio::test(flavor = "multi_thread")]
async fn delete_removes_the_game_on_both_surfaces() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let (first, second) = (ann.lists("Metroid").await, ann.lists("Ico").await);
    let client = ann.client();
    let path = format!("/games/{first}");
    client.delete(&path).await.expect(204);
    let delete = format!(
        "mutation {{ deleteGame(input: {{gameId: {second}}}) {{ userErrors {{ code }} }} }}"
    );
    data(client.graphql(&delete, json!({})).await, "deleteGame");
    for id in [first, second] {
        let path = format!("/games/{id}");
        assert_eq!(client.get(&path).await.problem(404), "game_not_found");
        assert!(test.game(id).await.deleted_at.is_some());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn game_in_a_pending_offer_can_be_updated_and_deleted() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (metroid, zelda) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    let id = ann.offers(&[metroid], &[zelda]).await.unwrap().id;
    let path = format!("/games/{metroid}");
    ann.client()
        .put(&path, json!({"name": "Super Metroid"}))
        .await
        .expect(200);
    assert_eq!(test.offer(id).await.status, OfferStatus::Pending);
    assert_eq!(bob.client().delete(&path).await.problem(403), "only_owner");
    ann.client().delete(&path).await.expect(204);
    assert_eq!(
        ann.client().delete(&path).await.problem(404),
        "game_not_found"
    );
    let offer = test
        .anonymous()
        .get(&format!("/offers/{id}"))
        .await
        .expect(200);
    assert_eq!(
        (&offer["status"], &offer["closed_reason"]),
        (&json!("cancelled"), &json!("game_unavailable"))
    );
    assert_eq!(
        offer["offered_games"][0],
        json!({"id": metroid, "node_id": "R2FtZTox", "name": "Super Metroid", "_links": {}})
    );
    ledger::audit(&test).await;
}
