//! Preconditions and idempotency keys of mutations. Those from one surface are valid on the other.

use serde_json::{Value, json};

use super::{data, error, user_error};
use crate::support::{
    Person, TestApp,
    http::{Answer, Client},
};

async fn pending(test: &TestApp) -> [Person; 2] {
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Ico").await, bob.lists("Zelda").await);
    ann.offers(&[mine], &[theirs]).await.unwrap();
    [ann, bob]
}

/// Returns the ETag of the object, from GraphQL.
async fn etag(client: &Client, object: &str) -> String {
    let query = format!("{{ {object}(by: {{databaseId: 1}}) {{ etag }} }}");
    let object = data(client.graphql(&query, json!({})).await, object);
    object["etag"].as_str().unwrap().to_owned()
}

async fn send(client: &Client, mutation: &str, object: &str, input: Value) -> Answer {
    let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let text = format!(
        "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {object} {{ databaseId }}
            userErrors {{ field code message changed {{ what game {{ name condition }} }} }} }} }}"
    );
    client.graphql(&text, json!({ "input": input })).await
}

/// Asserts that the only user error is a stale `ifMatch`. Returns its changes.
#[track_caller]
fn stale(answer: &Answer, mutation: &str) -> Value {
    let payload = &answer.body["data"][mutation];
    let error = &payload["userErrors"][0];
    assert_eq!(
        (&error["field"], &error["code"]),
        (&json!("ifMatch"), &json!("stale")),
        "{}",
        answer.text
    );
    error["changed"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn etag_is_valid_on_both_surfaces() {
    let test = TestApp::new().await;
    let [ann, _] = pending(&test).await;
    let client = ann.client();
    for (object, path, mutation, field) in [
        ("user", "/users/1", "updateUser", "name"),
        ("game", "/games/1", "updateGame", "name"),
        ("offer", "/offers/1", "updateOffer", "message"),
    ] {
        let id = format!("{object}Id");
        let seen = etag(&client, object).await;
        let put = client.with("if-match", &seen);
        put.put(path, json!({ field: "First" })).await.expect(200);
        let input = json!({id.as_str(): 1, field: "Second", "ifMatch": seen});
        let answer = send(&client, mutation, object, input).await;
        assert_eq!(
            stale(&answer, mutation),
            json!([{"what": "ITSELF", "game": null}])
        );
        assert_eq!(answer.body["data"][mutation][object], Value::Null);

        let seen = client.get(path).await.header("etag").to_owned();
        let input = json!({id.as_str(): 1, field: "Second", "ifMatch": format!("\"7\", W/{seen}")});
        data(send(&client, mutation, object, input).await, mutation);
        let put = client.with("if-match", &seen);
        assert_eq!(
            put.put(path, json!({ field: "Third" })).await.problem(412),
            "stale"
        );

        let input = json!({id.as_str(): 1, field: "Third", "ifMatch": "*"});
        data(send(&client, mutation, object, input).await, mutation);
        let input = json!({id.as_str(): 1, field: "Fourth", "ifMatch": "nonsense"});
        let answer = send(&client, mutation, object, input).await;
        assert_eq!(error(&answer), "malformed");
        assert!(answer.text.contains("`ifMatch`"), "{}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mutation_reports_changes_when_the_etag_is_stale() {
    let test = TestApp::new().await;
    let [ann, bob] = pending(&test).await;
    let seen = etag(&bob.client(), "offer").await;
    let worse = json!({"gameId": 1, "condition": "POOR"});
    data(
        send(&ann.client(), "updateGame", "game", worse).await,
        "updateGame",
    );
    let edited = json!([{"what": "GAME", "game": {"name": "Ico", "condition": "POOR"}}]);
    let itself = json!([{"what": "ITSELF", "game": null}]);
    for (person, mutation, object, mut input, changed) in [
        (&bob, "acceptOffer", "offer", json!({"offerId": 1}), &edited),
        (&bob, "rejectOffer", "offer", json!({"offerId": 1}), &edited),
        (&ann, "cancelOffer", "offer", json!({"offerId": 1}), &edited),
        (&ann, "updateOffer", "offer", json!({"offerId": 1}), &edited),
        (&ann, "deleteGame", "game", json!({"gameId": 1}), &itself),
        (&ann, "deleteUser", "user", json!({}), &itself),
        (
            &ann,
            "changePassword",
            "user",
            json!({"newPassword": "pass124"}),
            &itself,
        ),
    ] {
        input["ifMatch"] = match object {
            "offer" => json!(seen),
            _ => json!("\"7\""),
        };
        let answer = send(&person.client(), mutation, object, input).await;
        assert_eq!(stale(&answer, mutation), *changed, "{mutation}");
    }
    let now = etag(&bob.client(), "offer").await;
    let accept = json!({"offerId": 1, "ifMatch": now});
    data(
        send(&bob.client(), "acceptOffer", "offer", accept.clone()).await,
        "acceptOffer",
    );
    let answer = send(&bob.client(), "acceptOffer", "offer", accept).await;
    assert_eq!(
        user_error(answer, "acceptOffer").1,
        "offer_closed",
        "what the state forbids comes first"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn input_key_equals_the_header_and_the_rest_key() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let mut input = json!({"name": "Okami", "publisher": "Capcom", "yearPublished": 2006,
        "gamingSystem": "PS2", "condition": "MINT"});
    let keyless = input.clone();
    input["idempotencyKey"] = json!("k1");
    let replayed = |answer: &Answer| {
        let flag = answer.body["extensions"]["idempotentReplayed"]
            .as_bool()
            .unwrap_or(false);
        assert_eq!(
            answer.header("idempotent-replayed") == "true",
            flag,
            "{}",
            answer.text
        );
        flag
    };
    let first = send(&ann, "createGame", "game", input.clone()).await;
    assert!(!replayed(&first), "{}", first.text);
    let header = ann.with("idempotency-key", "k1");
    for (client, input) in [(&ann, &input), (&header, &keyless), (&header, &input)] {
        let again = send(client, "createGame", "game", input.clone()).await;
        assert!(replayed(&again), "{}", again.text);
        assert_eq!(again.body["data"], first.body["data"]);
    }
    let body = json!({"name": "Okami", "publisher": "Capcom", "year_published": 2006,
        "gaming_system": "PS2", "condition": "mint"});
    let rest = header.post("/games", body.clone()).await;
    assert_eq!(rest.header("idempotent-replayed"), "true");
    assert_eq!(
        rest.expect(201)["id"],
        first.body["data"]["createGame"]["game"]["databaseId"]
    );

    let made = ann
        .with("idempotency-key", "k2")
        .post("/games", body)
        .await
        .expect(201);
    input["idempotencyKey"] = json!("k2");
    let again = send(&ann, "createGame", "game", input.clone()).await;
    assert!(replayed(&again), "{}", again.text);
    assert_eq!(
        again.body["data"]["createGame"]["game"]["databaseId"],
        made["id"]
    );

    let answer = send(&header, "createGame", "game", input.clone()).await;
    assert_eq!(
        answer.body["data"]["createGame"]["game"]["databaseId"], made["id"],
        "the key in the input goes before the header's"
    );
    input["name"] = json!("Ico");
    let answer = send(&ann, "createGame", "game", input).await;
    assert_eq!(error(&answer), "idempotency_key_reused");
    let games = data(
        ann.graphql("{ games { totalCount } }", json!({})).await,
        "games",
    );
    assert_eq!(games["totalCount"], 2);
}
