//! The Relay specification: refetching by ids, connections with a right `pageInfo` and `totalCount` in both directions;
//! and loaders that hold the viewer.

use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::{data, error};
use crate::{
    permissions::{offers::viewer_actions, table::Role},
    support::{TestApp, http::Client},
};

const NODES: &str = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id
    ... on User { name } ... on Game { name } ... on Offer { status } } }";

fn id(name: &str) -> String {
    STANDARD.encode(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_keeps_order_and_returns_null_for_missing_ids() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    ann.offers(&[mine], &[theirs]).await.unwrap();
    ann.client().delete("/games/1").await;
    bob.client().delete("/users/2").await;
    let client = test.anonymous();
    let named = [
        ("Game:2", Value::Null),
        ("Offer:1", json!("CANCELLED")),
        ("User:1", json!("ann")),
        ("Game:1", Value::Null),
        ("User:2", Value::Null),
        ("Offer:99", Value::Null),
        ("User:1", json!("ann")),
    ];
    let ids: Vec<_> = named.iter().map(|(name, _)| id(name)).collect();
    let nodes = data(client.graphql(NODES, json!({"ids": ids})).await, "nodes");
    for ((node, (name, shown)), id) in nodes.as_array().unwrap().iter().zip(&named).zip(&ids) {
        let (kind, _) = name.split_once(':').unwrap();
        let expected = match (kind, shown) {
            (_, Value::Null) => Value::Null,
            ("Offer", shown) => json!({"__typename": kind, "id": id, "status": shown}),
            (_, shown) => json!({"__typename": kind, "id": id, "name": shown}),
        };
        assert_eq!(*node, expected, "{name}");
    }
    assert_eq!(nodes.as_array().unwrap().len(), named.len());
    assert_eq!(
        data(client.graphql(NODES, json!({"ids": []})).await, "nodes"),
        json!([])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_accepts_up_to_a_hundred_global_ids() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let ids: Vec<_> = (1..=101)
        .map(|number| id(&format!("Game:{number}")))
        .collect();
    let hundred = client.graphql(NODES, json!({"ids": ids[..100]})).await;
    assert_eq!(data(hundred, "nodes"), json!(vec![Value::Null; 100]));
    let more = client.graphql(NODES, json!({ "ids": ids })).await;
    assert_eq!(error(&more), "invalid");
    let fault = &more.body["errors"][0]["extensions"]["fields"][0];
    assert_eq!(
        (&fault["field"], &fault["code"]),
        (&json!("ids"), &json!("out_of_range"))
    );
    let wrong = client.graphql(NODES, json!({"ids": [ids[0], "1"]})).await;
    assert_eq!(error(&wrong), "malformed");
    assert!(wrong.text.contains("`ids`"), "{}", wrong.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn object_is_found_by_either_id_of_its_own_type() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    ann.lists("Metroid").await;
    let client = test.anonymous();
    for by in [json!({"id": id("Game:1")}), json!({"databaseId": 1})] {
        let query = "query($by: GameBy!) { game(by: $by) { name } }";
        let game = data(client.graphql(query, json!({ "by": by })).await, "game");
        assert_eq!(game["name"], "Metroid", "{by}");
    }
    for wrong in [id("User:1"), "1".to_owned()] {
        let query = "query($id: ID!) { game(by: {id: $id}) { name } }";
        let answer = client.graphql(query, json!({ "id": wrong })).await;
        assert_eq!(error(&answer), "malformed", "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rest_node_id_equals_the_graphql_id() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    ann.offers(&[mine], &[theirs]).await.unwrap();
    let client = test.anonymous();
    for (path, kind) in [
        ("/users/1", "User"),
        ("/games/1", "Game"),
        ("/offers/1", "Offer"),
    ] {
        let shown = client.get(path).await.expect(200);
        let ids = json!({"ids": [shown["node_id"]]});
        let nodes = data(client.graphql(NODES, ids).await, "nodes");
        assert_eq!(nodes[0]["__typename"], kind);
        assert_eq!(nodes[0]["id"], shown["node_id"]);
    }
    let offer = client.get("/offers/1").await.expect(200);
    assert_eq!(offer["offered_games"][0]["node_id"], id("Game:1"));
    assert_eq!(offer["receiver"]["node_id"], id("User:2"));
}

/// Returns the names of a page of the board, `hasPreviousPage` and `hasNextPage`.
async fn part(client: &Client, arguments: &str) -> (Vec<String>, [bool; 2]) {
    let query = format!(
        "{{ games({arguments}) {{ nodes {{ name }} pageInfo {{ hasPreviousPage hasNextPage }} totalCount }} }}"
    );
    let games = data(client.graphql(&query, json!({})).await, "games");
    assert_eq!(games["totalCount"], 5, "whatever part is shown");
    let nodes = games["nodes"].as_array().unwrap().iter();
    let info = &games["pageInfo"];
    let has = ["hasPreviousPage", "hasNextPage"].map(|name| info[name].as_bool().unwrap());
    (
        nodes
            .map(|node| node["name"].as_str().unwrap().to_owned())
            .collect(),
        has,
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn page_info_follows_the_relay_specification() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    for name in ["A", "B", "C", "D", "E"] {
        ann.lists(name).await;
    }
    let client = test.anonymous();
    let all = client
        .graphql("{ games { edges { cursor } } }", json!({}))
        .await;
    let edges = data(all, "games")["edges"].take();
    let at = |place: usize| edges[place]["cursor"].to_string();
    let (b, d) = (at(1), at(3));
    // `hasPreviousPage`: with `last`, whether the range has more; else, with `after`, whether a row precedes the
    // cursor. `hasNextPage` mirrors it.
    for (arguments, names, has) in [
        ("first: 2".to_owned(), "AB", [false, true]),
        ("first: 5".to_owned(), "ABCDE", [false, false]),
        ("last: 2".to_owned(), "DE", [true, false]),
        ("last: 5".to_owned(), "ABCDE", [false, false]),
        (format!("first: 1, after: {b}"), "C", [true, true]),
        (format!("first: 3, after: {b}"), "CDE", [true, false]),
        (format!("last: 1, before: {d}"), "C", [true, true]),
        (format!("last: 3, before: {d}"), "ABC", [false, true]),
        (
            format!("first: 1, after: {b}, before: {d}"),
            "C",
            [true, false],
        ),
        (
            format!("last: 1, after: {b}, before: {d}"),
            "C",
            [false, true],
        ),
        (format!("first: 1, before: {d}"), "A", [false, true]),
        (format!("first: 3, before: {d}"), "ABC", [false, false]),
        (format!("last: 1, after: {b}"), "E", [true, false]),
        (format!("last: 3, after: {b}"), "CDE", [false, false]),
        (format!("after: {b}"), "CDE", [true, false]),
        (format!("before: {d}"), "ABC", [false, true]),
    ] {
        let (shown, more) = part(&client, &arguments).await;
        assert_eq!((shown.concat().as_str(), more), (names, has), "{arguments}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn total_count_counts_the_whole_filtered_list() {
    let test = TestApp::new().await;
    let [ann, bob, cleo] = test.people(["ann", "bob", "cleo"]).await;
    let (mine, wanted) = (ann.lists("Ico").await, bob.lists("Zelda").await);
    for name in ["Okami", "Tetris"] {
        let theirs = cleo.lists(name).await;
        cleo.offers(&[theirs], &[wanted]).await.unwrap();
    }
    ann.offers(&[mine], &[wanted]).await.unwrap();
    cleo.client().delete("/games/4").await;
    bob.client().act("/offers/3/accept").await.expect(200);
    let query = "{ users { totalCount } games { totalCount }
        some: games(filter: {q: \"nin\"}, orderBy: {field: NAME}, first: 1) { totalCount nodes { name } }
        offers { totalCount } closed: offers(filter: {closedByOfferId: 3}) { totalCount nodes { databaseId } }
        pending: offers(filter: {status: PENDING}) { totalCount } }";
    let answer = test.anonymous().graphql(query, json!({})).await.expect(200);
    assert_eq!(
        answer["data"],
        json!({
            "users": {"totalCount": 3}, "games": {"totalCount": 3},
            "some": {"totalCount": 3, "nodes": [{"name": "Ico"}]},
            "offers": {"totalCount": 3}, "closed": {"totalCount": 1, "nodes": [{"databaseId": 1}]},
            "pending": {"totalCount": 0},
        })
    );
    let query = "{ users { nodes { games(first: 1) { totalCount } offersSent { totalCount }
        offersReceived { totalCount } } } }";
    let users = data(test.anonymous().graphql(query, json!({})).await, "users");
    let counts = |user: &Value| {
        ["games", "offersSent", "offersReceived"]
            .map(|list| user[list]["totalCount"].as_u64().unwrap())
    };
    let of_each: Vec<_> = users["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(counts)
        .collect();
    assert_eq!(of_each, [[1, 1, 0], [1, 0, 3], [1, 2, 0]]);
    let rest = test
        .anonymous()
        .get("/offers?closed_by_offer_id=3")
        .await
        .expect(200);
    assert_eq!(rest["_embedded"]["offers"].as_array().unwrap().len(), 1);
    assert_eq!(rest["_embedded"]["offers"][0]["id"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn loaders_never_share_data_between_viewers() {
    let test = TestApp::new().await;
    let [ann, bob, eve] = test.people(["ann", "bob", "eve"]).await;
    let (mine, theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    ann.offers(&[mine], &[theirs]).await.unwrap();
    let message = json!({"message": "for the two alone"});
    ann.client().put("/offers/1", message).await.expect(200);
    let query = "{ viewer { name } offer(by: {databaseId: 1}) { message viewerActions offerer { name email }
        receiver { email } offeredGames { name } } }";
    let people = [
        (ann.client(), json!("ann"), viewer_actions(Role::Offerer)),
        (bob.client(), json!("bob"), viewer_actions(Role::Receiver)),
        (eve.client(), json!("eve"), json!([])),
        (test.anonymous(), Value::Null, json!([])),
    ];
    for round in ["Metroid", "Metroid II"] {
        let name = json!({ "name": round });
        ann.client().put("/games/1", name).await.expect(200);
        let asked = (0..40).map(|number| people[number % people.len()].0.graphql(query, json!({})));
        for (number, answer) in join_all(asked).await.into_iter().enumerate() {
            let (_, name, actions) = &people[number % people.len()];
            let data = &answer.expect(200)["data"];
            let own = |person: &str| match name.as_str() {
                Some(name) if name == person => json!(format!("{person}@example.com")),
                _ => Value::Null,
            };
            let party = *actions != json!([]);
            assert_eq!(data["viewer"]["name"], *name);
            assert_eq!(
                data["offer"],
                json!({
                    "message": party.then_some("for the two alone"), "viewerActions": actions,
                    "offerer": {"name": "ann", "email": own("ann")}, "receiver": {"email": own("bob")},
                    "offeredGames": [{"name": round}],
                }),
                "{name}"
            );
        }
    }
}
