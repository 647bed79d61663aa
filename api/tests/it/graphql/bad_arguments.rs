//! What is wrong with an argument of a query has a code and is named.

use serde_json::json;

use super::error;
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn argument_of_a_query_that_is_wrong_is_named() {
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
                "\"\"",
                "\"nonsense\"",
                "\"a\\u0000b\"",
                "1",
                "\"eyJvcmRlciI6ImlkIiwidmFsdWUiOiJ4IiwiaWQiOjF9\"",
            ],
        ),
        ("games", "before", &["\"nonsense\"", "true"]),
        ("games", "q", &["\"a\\u0000b\"", "1"]),
        ("games", "gamingSystem", &["\"a\\u0000b\"", "[]"]),
        ("games", "condition", &["NEW", "\"NEW\""]),
        ("games", "yearFrom", &["99999999999", "\"1990\""]),
        ("games", "ownerId", &["\"none\"", "\"R2FtZTox\"", "1.5"]),
        ("games", "sort", &["COLOUR"]),
        ("offers", "status", &["EXPIRED"]),
        ("offers", "offererId", &["\"none\""]),
        ("offers", "receiverId", &["{}"]),
        ("offers", "gameId", &["\"VXNlcjox\""]),
        ("offers", "first", &["0"]),
        ("users", "first", &["1000"]),
    ] {
        for value in values {
            let query = format!("{{ {field}({argument}: {value}) {{ nodes {{ id }} }} }}");
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
        "{ user(databaseId: 9223372036854775808) { id } }",
        "{ game(databaseId: \"1\") { id } }",
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
                &format!("{{ offer(databaseId: {id}) {{ id }} }}"),
                json!({}),
            )
            .await;
        assert_eq!(answer.expect(200)["data"], json!({"offer": null}), "{id}");
    }
}
