//! Global ids and Relay connections.

use base64::{Engine, engine::general_purpose::STANDARD};
use exchange::games::{CreateGame, NewGame};
use serde_json::{Value, json};

use super::{data, error};
use crate::support::{TestApp, http::Client, new_game};

#[tokio::test(flavor = "multi_thread")]
async fn node_returns_each_object_by_its_id() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    ann.offers(&[mine], &[theirs]).await.unwrap();
    let client = test.anonymous();
    for (kind, field) in [("User", "user"), ("Game", "game"), ("Offer", "offer")] {
        let query = format!("{{ {field}(by: {{databaseId: 1}}) {{ __typename id databaseId }} }}");
        let object = data(client.graphql(&query, json!({})).await, field);
        assert_eq!(
            (&object["__typename"], &object["databaseId"]),
            (&json!(kind), &json!(1))
        );
        let node = format!(
            "query($id: ID!) {{ node(id: $id) {{ __typename id ... on {kind} {{ databaseId }} }} }}"
        );
        assert_eq!(
            data(
                client.graphql(&node, json!({"id": object["id"]})).await,
                "node"
            ),
            object
        );
        let nowhere = json!({"id": STANDARD.encode(format!("{kind}:99"))});
        assert_eq!(
            data(client.graphql(&node, nowhere).await, "node"),
            Value::Null
        );
        let query = format!("{{ {field}(by: {{databaseId: 99}}) {{ id }} }}");
        assert_eq!(
            data(client.graphql(&query, json!({})).await, field),
            Value::Null
        );
    }
    let encoded = |text: &str| STANDARD.encode(text);
    for id in [
        "",
        "1",
        "User:1",
        "🎮",
        &encoded("User"),
        &encoded("User:"),
        &encoded("User:one"),
        &encoded("User:01"),
        &encoded("Dog:1"),
        &encoded("User:9223372036854775808"),
        &encoded("\u{0}"),
    ] {
        let answer = client
            .graphql(
                "query($id: ID!) { node(id: $id) { id } }",
                json!({"id": id}),
            )
            .await;
        assert_eq!(error(&answer), "malformed", "{id}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn input_accepts_global_ids_and_numbers_of_the_right_type() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    ann.lists("Metroid").await;
    let update = "mutation($id: ID!) { updateGame(input: {gameId: $id, condition: POOR}) { game { condition } userErrors { code } } }";
    for id in [json!(1), json!("1"), json!(STANDARD.encode("Game:1"))] {
        let updated = data(
            ann.client().graphql(update, json!({"id": id})).await,
            "updateGame",
        );
        assert_eq!(updated["game"]["condition"], "POOR", "{id}");
    }
    for id in [json!(STANDARD.encode("User:1")), json!("Metroid")] {
        let answer = ann.client().graphql(update, json!({"id": id})).await;
        assert_eq!(error(&answer), "malformed");
        assert!(
            answer.body["errors"][0]["message"]
                .as_str()
                .unwrap()
                .contains("`gameId`"),
            "{}",
            answer.text
        );
    }
}

/// Reads a connection page by page in one direction. Returns the names on each page.
async fn walk(client: &Client, size: i32, forwards: bool) -> Vec<Vec<String>> {
    let (limit, from) = if forwards {
        ("first", "after")
    } else {
        ("last", "before")
    };
    let query = format!(
        "query($size: Int!, $from: String) {{ games({limit}: $size, {from}: $from) {{ edges {{ cursor node {{ name }} }} nodes {{ name }}
        pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"
    );
    let (mut pages, mut from) = (Vec::new(), Value::Null);
    while pages.len() < 100 {
        let page = data(
            client
                .graphql(&query, json!({"size": size, "from": from}))
                .await,
            "games",
        );
        let (info, edges) = (&page["pageInfo"], page["edges"].as_array().unwrap());
        assert_eq!(info["startCursor"], edges[0]["cursor"]);
        assert_eq!(info["endCursor"], edges[edges.len() - 1]["cursor"]);
        let nodes: Vec<_> = edges.iter().map(|edge| edge["node"].clone()).collect();
        assert_eq!(page["nodes"], json!(nodes));
        pages.push(
            nodes
                .iter()
                .map(|node| node["name"].as_str().unwrap().to_owned())
                .collect(),
        );
        let (ahead, behind) = if forwards {
            ("hasNextPage", "hasPreviousPage")
        } else {
            ("hasPreviousPage", "hasNextPage")
        };
        assert_eq!(info[behind], pages.len() > 1);
        if info[ahead] == false {
            break;
        }
        from = info[if forwards { "endCursor" } else { "startCursor" }].clone();
    }
    pages
}

#[tokio::test(flavor = "multi_thread")]
async fn connection_returns_each_row_once_in_both_directions() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let mut names = Vec::new();
    for number in 1..=45 {
        names.push(format!("Game {number}"));
        ann.lists(&names[number - 1]).await;
    }
    let client = test.anonymous();
    let forwards = walk(&client, 20, true).await;
    assert_eq!(
        forwards.iter().map(Vec::len).collect::<Vec<_>>(),
        [20, 20, 5]
    );
    assert_eq!(forwards.concat(), names);
    let backwards = walk(&client, 20, false).await;
    assert_eq!(
        backwards.iter().map(Vec::len).collect::<Vec<_>>(),
        [20, 20, 5]
    );
    assert_eq!(
        backwards.into_iter().rev().collect::<Vec<_>>().concat(),
        names
    );
    assert_eq!(walk(&client, 45, true).await, [names]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cursor_is_valid_on_both_surfaces() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    for name in ["C", "A", "B"] {
        ann.lists(name).await;
    }
    let client = test.anonymous();
    let rest = client.get("/games?sort=name&limit=1").await.expect(200);
    let next = rest["_links"]["next"]["href"]
        .as_str()
        .unwrap()
        .split_once("after=")
        .unwrap()
        .1;
    let query = "query($after: String) { games(orderBy: {field: NAME}, first: 1, after: $after) { nodes { name } pageInfo { endCursor } } }";
    let page = data(client.graphql(query, json!({"after": next})).await, "games");
    assert_eq!(page["nodes"], json!([{"name": "B"}]));
    let cursor = page["pageInfo"]["endCursor"].as_str().unwrap();
    let rest = client
        .get(&format!("/games?sort=name&limit=1&after={cursor}"))
        .await
        .expect(200);
    assert_eq!(rest["_embedded"]["games"][0]["name"], "C");
    let other = query.replace("NAME", "YEAR_PUBLISHED");
    let answer = client.graphql(&other, json!({"after": cursor})).await;
    assert_eq!(error(&answer), "malformed", "another order");
    let people = "query($after: String) { users(after: $after) { pageInfo { endCursor } } }";
    let page = data(client.graphql(people, json!({})).await, "users");
    let other = query.replace("orderBy: {field: NAME}, ", "");
    let answer = client
        .graphql(&other, json!({"after": page["pageInfo"]["endCursor"]}))
        .await;
    assert_eq!(error(&answer), "malformed", "another list");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_filter_and_sort_like_rest() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    for (person, name, year) in [
        (&ann, "Metroid", 1986),
        (&bob, "Super Metroid", 1994),
        (&bob, "Ico", 2001),
    ] {
        let new = NewGame {
            year_published: entity::limits::Integer(year),
            ..new_game(name)
        };
        test.app
            .execute(person.actor, CreateGame(new))
            .await
            .unwrap();
    }
    ann.offers(&[entity::GameId(1)], &[entity::GameId(3)])
        .await
        .unwrap();
    let client = test.anonymous();
    for (arguments, names) in [
        ("", &["Metroid", "Super Metroid", "Ico"][..]),
        ("(filter: {q: \"METROID\"})", &["Metroid", "Super Metroid"]),
        (
            "(filter: {yearFrom: 1990, yearTo: 2000})",
            &["Super Metroid"],
        ),
        (
            "(filter: {ownerId: 2}, orderBy: {field: NAME, direction: ASCENDING})",
            &["Ico", "Super Metroid"],
        ),
        (
            "(orderBy: {field: YEAR_PUBLISHED, direction: DESCENDING}, first: 2)",
            &["Ico", "Super Metroid"],
        ),
        ("(filter: {condition: MINT}, orderBy: null)", &[]),
        ("(filter: {gamingSystem: \"NES\"}, last: 1)", &["Ico"]),
    ] {
        let query = format!("{{ games{arguments} {{ nodes {{ name }} }} }}");
        let list = data(client.graphql(&query, json!({})).await, "games");
        let shown: Vec<_> = list["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node| node["name"].as_str().unwrap())
            .collect();
        assert_eq!(shown, names, "{arguments}");
    }
    for (arguments, number) in [
        ("(filter: {status: PENDING})", 1),
        ("(filter: {status: ACCEPTED})", 0),
        ("(filter: {offererId: 1})", 1),
        ("(filter: {receiverId: 1})", 0),
        ("(filter: {receiverId: 2, gameId: 3})", 1),
        ("(filter: {gameId: 2})", 0),
    ] {
        let query = format!("{{ offers{arguments} {{ nodes {{ databaseId }} }} }}");
        let list = data(client.graphql(&query, json!({})).await, "offers");
        assert_eq!(
            list["nodes"].as_array().unwrap().len(),
            number,
            "{arguments}"
        );
    }
    let query = "{ user(by: {databaseId: 2}) { games(first: 1) { nodes { name } pageInfo { hasNextPage } } offersSent { nodes { id } } offersReceived { nodes { databaseId } } } }";
    let user = data(client.graphql(query, json!({})).await, "user");
    assert_eq!(
        user["games"],
        json!({"nodes": [{"name": "Super Metroid"}], "pageInfo": {"hasNextPage": true}})
    );
    assert_eq!(
        (
            &user["offersSent"]["nodes"],
            &user["offersReceived"]["nodes"]
        ),
        (&json!([]), &json!([{"databaseId": 1}]))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nested_connections_page_separately_for_each_user() {
    let test = TestApp::new().await;
    for name in ["ann", "bob", "cleo"] {
        let person = test.with_user(name).await;
        for number in 1..=5 {
            person.lists(&format!("{name}'s {number}")).await;
        }
    }
    let query = "query($after: String, $before: String) { users { nodes { name
        start: games(first: 2) { nodes { name } pageInfo { hasNextPage hasPreviousPage endCursor } }
        end: games(last: 2) { nodes { name } pageInfo { hasNextPage hasPreviousPage } }
        between: games(after: $after, before: $before) { nodes { name } } } } }";
    let client = test.anonymous();
    let users = data(client.graphql(query, json!({})).await, "users");
    let (after, before) = (
        &users["nodes"][0]["start"]["pageInfo"]["endCursor"],
        &users["nodes"][2]["start"]["pageInfo"]["endCursor"],
    );
    let users = data(
        client
            .graphql(query, json!({"after": after, "before": before}))
            .await,
        "users",
    );
    let names = |part: &Value| -> Vec<_> {
        part["nodes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|node| node["name"].as_str().unwrap().to_owned())
            .collect()
    };
    for (user, between) in users["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .zip([3..=5, 1..=5, 1..=1])
    {
        let of = |number: i32| format!("{}'s {number}", user["name"].as_str().unwrap());
        assert_eq!(names(&user["start"]), [of(1), of(2)]);
        assert_eq!(names(&user["end"]), [of(4), of(5)]);
        assert_eq!(names(&user["between"]), between.map(of).collect::<Vec<_>>());
        assert_eq!(user["start"]["pageInfo"]["hasNextPage"], true);
        assert_eq!(
            user["end"]["pageInfo"],
            json!({"hasNextPage": false, "hasPreviousPage": true})
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn prefetch_of_offers_equals_loading_each_offer() {
    let test = TestApp::new().await;
    let [ann, bob, eve] = test.people(["ann", "bob", "eve"]).await;
    let (mine, theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    let (gone, hers) = (ann.lists("Doom").await, eve.lists("Tetris").await);
    let traded = ann.offers(&[mine], &[theirs]).await.unwrap();
    ann.offers(&[gone], &[hers]).await.unwrap();
    bob.client()
        .act(&format!("/offers/{}/accept", traded.id))
        .await
        .expect(200);
    ann.client()
        .delete(&format!("/games/{gone}"))
        .await
        .expect(204);
    eve.client()
        .delete(&format!("/users/{}", eve.id))
        .await
        .expect(204);
    let shown = "id etag offeredGames { id name etag owner { id name } }
        requestedGames { id name owner { id name } } offerer { name } receiver { name }";
    let client = ann.client();
    let query = format!("{{ offers {{ nodes {{ {shown} }} }} }}");
    let listed = data(client.graphql(&query, json!({})).await, "offers")["nodes"].take();
    let owner = |offer: usize, side: &str| listed[offer][side][0]["owner"]["name"].clone();
    assert_eq!(owner(0, "offeredGames"), json!("bob"));
    assert_eq!(owner(0, "requestedGames"), json!("ann"));
    let ids: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|offer| &offer["id"])
        .collect();
    let query =
        format!("query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ... on Offer {{ {shown} }} }} }}");
    let each = data(client.graphql(&query, json!({ "ids": ids })).await, "nodes");
    assert_eq!(listed, each);
}
