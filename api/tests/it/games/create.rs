//! Create a game.

use serde_json::json;

use crate::{
    protocol::{graphql::data, rest::bodies::routes::populated},
    support::{TestApp, http::Answer},
};

#[tokio::test(flavor = "multi_thread")]
async fn create_lists_the_game_on_both_surfaces() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let client = ann.client();
    let game = json!({"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2", "condition": "mint"});
    let created = client.post("/games", game).await;
    assert_eq!(created.header("location"), "/games/1");
    assert_eq!(created.expect(201)["owner_id"], json!(ann.id));
    let create = "mutation { createGame(input: {name: \"Okami\", publisher: \"Capcom\", yearPublished: 2006,
        gamingSystem: \"PS2\", condition: GOOD}) { game { databaseId owner { name } } userErrors { code } } }";
    let created = data(client.graphql(create, json!({})).await, "createGame");
    let expected = json!({"databaseId": 2, "owner": {"name": "ann"}});
    assert_eq!(created["game"], expected);
    let list = test.anonymous().get("/games").await.expect(200);
    assert_eq!(list["_embedded"]["games"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn create_game_names_a_bad_owner_parameter() {
    let test = populated().await;
    let client = test.anonymous().with("x-user-id", 1);
    let game = json!({"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2", "condition": "mint"});
    let post =
        async |query| -> Answer { client.post(&format!("/games?{query}"), game.clone()).await };
    assert_eq!(post("owner_id=me").await.problem(400), "malformed");
    let answer = post("owner=1").await;
    assert_eq!(answer.body["errors"][0]["parameter"], "owner");
    assert_eq!(answer.problem(422), "invalid");
    assert_eq!(post("owner_id=2").await.problem(403), "not_yourself");
}
