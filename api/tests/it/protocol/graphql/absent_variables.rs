//! Omitted variables: the default of their position applies, and an update leaves the field unchanged (specification,
//! 3.10 and 6.4.1). An explicit null is something else.

use serde_json::{Value, json};

use super::{data, error};
use crate::support::{TestApp, http::Client};

/// Returns the names of the listed games in the order that the variables select.
async fn board(client: &Client, query: &str, variables: Value) -> Vec<String> {
    let games = data(client.graphql(query, variables).await, "games");
    let nodes = games["nodes"].as_array().unwrap().iter();
    nodes
        .map(|node| node["name"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn absent_variable_uses_the_default_of_an_input_field() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let create = r#"mutation($p: Int) { createGame(input: {name: "Ico", publisher: "Sony", yearPublished: 2001, gamingSystem: "PS2",
        condition: GOOD, previousOwners: $p}) { game { previousOwners } userErrors { code } } }"#;
    for (variables, owners) in [
        (json!({}), 0),
        (json!({"other": 1}), 0),
        (json!({"p": 3}), 3),
    ] {
        let created = data(ann.graphql(create, variables).await, "createGame");
        assert_eq!(created["game"]["previousOwners"], owners);
    }
    let answer = ann.graphql(create, json!({"p": null})).await;
    assert_eq!(error(&answer), "graphql_validation_failed");
    let with_default = create.replace("$p: Int", "$p: Int = 7");
    let created = data(ann.graphql(&with_default, json!({})).await, "createGame");
    assert_eq!(created["game"]["previousOwners"], 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn absent_variable_uses_the_default_order() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    for name in ["Metroid", "Ico", "Zelda"] {
        ann.lists(name).await;
    }
    let (up, down) = (["Ico", "Metroid", "Zelda"], ["Zelda", "Metroid", "Ico"]);
    let client = ann.client();
    let direct = "query($d: OrderDirection, $n: Int) { games(first: $n, orderBy: {field: NAME, direction: $d}) { nodes { name } } }";
    let shared =
        "query A($d: OrderDirection) { ...F } query B($d: OrderDirection! = DESCENDING) { ...F }
        fragment F on Query { games(orderBy: {field: NAME, direction: $d}) { nodes { name } } }";
    assert_eq!(board(&client, direct, json!({})).await, up);
    let sent = board(&client, direct, json!({"d": "DESCENDING"})).await;
    assert_eq!(sent, down);
    for (name, expected) in [("A", up), ("B", down)] {
        let body = json!({"query": shared, "operationName": name});
        let games = data(client.post("/graphql", body).await, "games");
        assert_eq!(games["nodes"][0]["name"], expected[0], "{name}");
    }
    let whole = "query($o: GameOrder, $f: GameFilter, $q: String) { games(orderBy: $o, filter: $f) { nodes { name } }
        ico: games(filter: {q: $q}) { totalCount } }";
    assert_eq!(board(&client, whole, json!({})).await.len(), 3);
    let input = json!({"o": {"field": "NAME"}, "q": "Ico"});
    assert_eq!(board(&client, whole, input).await, up);
}

#[tokio::test(flavor = "multi_thread")]
async fn absent_variable_changes_nothing() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Ico").await, bob.lists("Zelda").await);
    ann.offers(&[mine], &[theirs]).await.unwrap();
    let client = ann.client();
    for (object, id, member) in [
        ("Offer", "offerId: 1", "message"),
        ("User", "userId: 1", "streetAddress"),
    ] {
        let name = object.to_lowercase();
        let query = format!(
            "mutation($v: String) {{ update{object}(input: {{{id}, {member}: $v}}) {{ {name} {{ {member} }} userErrors {{ code }} }} }}"
        );
        for (variables, expected) in [
            (json!({"v": "Main Street 1"}), json!("Main Street 1")),
            (json!({}), json!("Main Street 1")),
            (json!({"v": null}), Value::Null),
        ] {
            let answer = client.graphql(&query, variables).await;
            let updated = data(answer, &format!("update{object}"));
            assert_eq!(updated[&name][member], expected);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn variable_default_applies_in_skip_and_include() {
    let test = TestApp::new().await;
    let client = test.with_user("ann").await.client();
    let query = "query($skip: Boolean! = true, $include: Boolean = true) {
        viewer { name @skip(if: $skip) databaseId @include(if: $include) __typename @skip(if: $skip) } }";
    for (variables, expected) in [
        (json!({}), json!({"databaseId": 1})),
        (
            json!({"skip": false, "include": false}),
            json!({"name": "ann", "__typename": "User"}),
        ),
    ] {
        let viewer = data(client.graphql(query, variables).await, "viewer");
        assert_eq!(viewer, expected);
    }
    let alone = "query($a: Boolean = false) { viewer { name } __typename @include(if: $a) }";
    let answer = client.graphql(alone, json!({})).await.expect(200);
    assert_eq!(answer["data"], json!({"viewer": {"name": "ann"}}));
}

#[tokio::test(flavor = "multi_thread")]
async fn object_is_empty_when_all_its_fields_are_skipped() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    ann.lists("Ico").await;
    for (query, expected) in [
        (
            "{ viewer { name @include(if: false) } }",
            json!({"viewer": {}}),
        ),
        (
            "{ viewer { name @skip(if: true) } games { totalCount } }",
            json!({"viewer": {}, "games": {"totalCount": 1}}),
        ),
        (
            "{ node(id: \"VXNlcjox\") { ... on Game { name } } }",
            json!({"node": {}}),
        ),
        (
            "{ node(id: \"VXNlcjo5\") { ... on Game { name } } }",
            json!({"node": null}),
        ),
        (
            "{ games { nodes { ...F @skip(if: true) } } } fragment F on Game { name }",
            json!({"games": {"nodes": [{}]}}),
        ),
        ("{ viewer @skip(if: true) { name } }", json!({})),
    ] {
        let answer = ann.client().graphql(query, json!({})).await.expect(200);
        assert_eq!(answer["data"], expected, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn variable_of_the_wrong_type_is_refused_before_execution() {
    let test = TestApp::new().await;
    let client = test.with_user("ann").await.client();
    let query = "query($n: Int, $f: GameFilter, $ids: [ID!]! = [], $c: GameCondition) { viewer { name }
        games(first: $n, filter: $f) { totalCount } nodes(ids: $ids) { id } others: games(filter: {condition: $c}) { totalCount } }";
    for (variables, part) in [
        (json!({"n": "1"}), "`$n`"),
        (json!({"n": 1.5}), "`$n`"),
        (json!({"f": "q"}), "`$f`"),
        (json!({"f": {"colour": "red"}}), "`colour`"),
        (json!({"f": {"yearFrom": "1990"}}), "`$f`.yearFrom"),
        (json!({"ids": null}), "`$ids`"),
        (json!({"ids": [1, null]}), "`$ids`[1]"),
        (json!({"c": "SHINY"}), "`$c`"),
        (json!({"c": 1}), "`$c`"),
    ] {
        let answer = client.graphql(query, variables).await;
        assert_eq!(error(&answer), "graphql_validation_failed");
        assert_eq!(answer.body.get("data"), None);
        let message = answer.body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains(part), "{message}");
    }
    let good = json!({"n": 1, "f": {"q": null}, "ids": "VXNlcjox", "c": "MINT"});
    let answer = client.graphql(query, good).await.expect(200);
    assert_eq!(answer.get("errors"), None, "{answer}");
}
