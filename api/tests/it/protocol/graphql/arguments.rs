//! Invalid arguments of queries: the error has a code and names the argument.

use serde_json::{Value, json};

use super::error;
use crate::support::{TestApp, http::Client};

#[tokio::test(flavor = "multi_thread")]
async fn query_names_an_invalid_argument() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    for (field, argument, values) in [
        (
            "games",
            "first",
            &["0", "101", "-1", "2147483648", "\"1\"", "1.5"][..],
        ),
        ("games", "last", &["0", "101"]),
        (
            "games",
            "after",
            &[
                "\"nonsense\"",
                "\"a\\u0000b\"",
                "1",
                "\"eyJvcmRlciI6ImlkIiwidmFsdWUiOiJ4IiwiaWQiOjF9\"",
            ],
        ),
        ("games", "before", &["\"nonsense\"", "true"]),
        ("games", "q", &["\"a\\u0000b\"", "1"]),
        ("games", "titleKey", &["\"a\\u0000b\"", "1"]),
        ("games", "gamingSystem", &["\"a\\u0000b\"", "[]"]),
        ("games", "condition", &["NEW", "\"NEW\""]),
        ("games", "yearFrom", &["99999999999", "\"1990\""]),
        ("games", "ownerId", &["\"none\"", "\"R2FtZTox\"", "1.5"]),
        ("games", "direction", &["UP", "null"]),
        ("offers", "status", &["EXPIRED"]),
        ("offers", "offererId", &["\"none\""]),
        ("offers", "receiverId", &["{}"]),
        ("offers", "gameId", &["\"VXNlcjox\""]),
        ("offers", "closedByOfferId", &["\"VXNlcjox\""]),
        ("offers", "first", &["0"]),
        ("users", "first", &["1000"]),
    ] {
        for value in values {
            let given = match argument {
                "first" | "last" | "after" | "before" => format!("{argument}: {value}"),
                "field" | "direction" => format!("orderBy: {{field: NAME, {argument}: {value}}}"),
                _ => format!("filter: {{{argument}: {value}}}"),
            };
            let query = format!("{{ {field}({given}) {{ nodes {{ id }} }} }}");
            let answer = client.graphql(&query, json!({})).await;
            assert_eq!(answer.status, 200, "{query}");
            assert!(
                answer.body.get("errors").is_some(),
                "{query}: {}",
                answer.text
            );
            let code = error(&answer);
            assert!(
                ["graphql_validation_failed", "malformed", "invalid"].contains(&code),
                "{query}: {}",
                answer.text
            );
            assert!(
                answer.body["errors"].to_string().contains(argument),
                "{query}: {}",
                answer.text
            );
        }
    }
    let both = client
        .graphql("{ games(first: 1, last: 1) { nodes { id } } }", json!({}))
        .await;
    assert_eq!(error(&both), "invalid");
    for query in [
        "{ user(by: {databaseId: 9223372036854775808}) { id } }",
        "{ game(by: {databaseId: \"1\"}) { id } }",
        "{ game(by: {}) { id } }",
        "{ game(by: {id: null}) { id } }",
        "{ game(by: {id: \"R2FtZTox\", databaseId: 1}) { id } }",
        "{ games(orderBy: {}) { nodes { id } } }",
        "{ games(orderBy: {direction: ASCENDING}) { nodes { id } } }",
        "{ nodes { id } }",
        "{ offer { id } }",
    ] {
        assert_eq!(
            error(&client.graphql(query, json!({})).await),
            "graphql_validation_failed",
            "{query}"
        );
    }
    for id in ["0", "-1", "9223372036854775807", "-9223372036854775808"] {
        let answer = client
            .graphql(
                &format!("{{ offer(by: {{databaseId: {id}}}) {{ id }} }}"),
                json!({}),
            )
            .await;
        assert_eq!(answer.expect(200)["data"], json!({"offer": null}), "{id}");
    }
}

/// Returns the invalid parameters of a list with their codes, in REST and in GraphQL.
async fn faults(client: &Client, parameter: &str, value: &str) -> [(String, Vec<String>); 2] {
    let camel: String =
        parameter
            .split('_')
            .enumerate()
            .fold(String::new(), |name, (place, word)| {
                let (first, rest) = word.split_at(usize::from(place > 0));
                name + &first.to_uppercase() + rest
            });
    let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    let rest = client.get(&format!("/games?{parameter}={encoded}")).await;
    let given = match value.parse::<i64>() {
        Ok(number) => json!(number),
        Err(_) => json!(value),
    };
    let query = "query($filter: GameFilter) { games(filter: $filter) { nodes { id } } }";
    let graphql = client
        .graphql(query, json!({"filter": {camel: given}}))
        .await;
    let extensions = &graphql.body["errors"][0]["extensions"];
    let told = |faults: &Value, name: &str| {
        let faults = faults.as_array().into_iter().flatten();
        let told = faults.map(|fault| format!("{} {}", fault[name], fault["code"]));
        told.map(|text| text.replace('_', "").to_lowercase())
            .collect()
    };
    [
        (
            rest.body["code"].to_string(),
            told(&rest.body["errors"], "parameter"),
        ),
        (
            extensions["code"].to_string(),
            told(&extensions["fields"], "field"),
        ),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn query_reports_a_bad_filter_like_rest() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let long = "x".repeat(201);
    let longest = "x".repeat(513);
    for (parameter, value) in [
        ("q", "a\0b"),
        ("q", long.as_str()),
        ("title_key", "a\0b"),
        ("title_key", longest.as_str()),
        ("gaming_system", "a\0b"),
        ("gaming_system", long.as_str()),
        ("year_from", "2147483648"),
        ("year_to", "-2147483649"),
    ] {
        let [rest, graphql] = faults(&client, parameter, value).await;
        assert_eq!(rest, graphql, "{parameter} {value:?}");
        assert_eq!(rest.1.len(), 1, "{parameter} {value:?}: {rest:?}");
    }
    // Ids have another form in GraphQL.
    for parameter in ["owner_id", "not_owner_id"] {
        let [rest, graphql] = faults(&client, parameter, "none").await;
        assert_eq!(
            (rest.0, graphql.0.as_str()),
            (graphql.0.clone(), "\"malformed\"")
        );
    }
}
