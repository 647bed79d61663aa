//! Front-end screens: each is one request within the limits, and reports its cost.

mod documents;

use serde_json::{Value, json};

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn front_end_screens_are_allowed_and_report_their_cost() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    ann.offers(&[mine], &[theirs]).await.unwrap();
    for (query, variables, field) in documents::screens() {
        let answer = ann.client().graphql(&query, variables).await.expect(200);
        assert_eq!(answer.get("errors"), None, "{query}: {answer}");
        assert_ne!(answer["data"][field], Value::Null, "{query}");
        let cost = &answer["extensions"]["cost"];
        assert_eq!(cost["measure"], "cost", "{answer}");
        assert!(cost["measured"].as_u64() > Some(100), "{cost}");
        assert!(
            cost["measured"].as_u64() <= cost["limit"].as_u64(),
            "{cost}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cost_counts_every_possible_value_of_the_answer() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    for (query, variables, cost) in [
        ("{ viewer { name } }", json!({}), 2),
        ("{ games { nodes { name } } }", json!({}), 1 + 20 * 2),
        (
            "{ games(first: 3) { nodes { id name } pageInfo { endCursor } } }",
            json!({}),
            1 + 3 * 5,
        ),
        (
            "query($n: Int) { games(last: $n) { nodes { name } } }",
            json!({"n": 7}),
            1 + 7 * 2,
        ),
        (
            "query($n: Int = 7) { games(last: $n) { nodes { name } } }",
            json!({}),
            1 + 7 * 2,
        ),
        (
            "{ offer(by: {databaseId: 1}) { offeredGames { name owner { name } } } }",
            json!({}),
            2 + 20 * 3,
        ),
        (
            "{ ...F a: viewer { ...G } } fragment F on Query { viewer { ...G } } fragment G on User { id name }",
            json!({}),
            6,
        ),
        (
            "mutation { deleteGame(input: {gameId: 9}) { userErrors { code } } }",
            json!({}),
            2 + 10,
        ),
    ] {
        let answer = ann.client().graphql(query, variables).await.expect(200);
        let expected = json!({"cost": {"measure": "cost", "measured": cost, "limit": 50_000}});
        assert_eq!(answer["extensions"], expected, "{query}: {answer}");
    }
}
