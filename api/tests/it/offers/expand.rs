//! `expand` embeds the resources that an offer links to.

use serde_json::{Value, json};

use crate::support::{TestApp, http::Client};

/// Reads a resource and removes its forms, which an embedded resource does not have.
async fn shown(client: &Client, path: &str) -> Value {
    let mut resource = client.get(path).await.expect(200);
    resource.as_object_mut().unwrap().remove("_templates");
    resource
}

#[tokio::test(flavor = "multi_thread")]
async fn expand_embeds_the_same_resources_as_reading_them() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (metroid, ico) = (ann.lists("Metroid").await, ann.lists("Ico").await);
    let zelda = bob.lists("Zelda").await;
    let id = ann.offers(&[metroid, ico], &[zelda]).await.unwrap().id;
    let client = ann.client();
    let alone = client.get(&format!("/offers/{id}")).await.expect(200);
    assert_eq!(alone.get("_embedded"), None);
    let mut games = Vec::new();
    for game in [metroid, ico, zelda] {
        games.push(shown(&client, &format!("/games/{game}")).await);
    }
    let people = [
        shown(&client, "/users/1").await,
        shown(&client, "/users/2").await,
    ];
    let all = json!({"offered_games": games[..2], "requested_games": games[2..], "offerer": people[0],
        "receiver": people[1]});
    for (parts, expected) in [
        ("offered_games,requested_games,offerer,receiver", all),
        ("receiver", json!({"receiver": people[1]})),
        ("offered_games", json!({"offered_games": games[..2]})),
    ] {
        let one = shown(&client, &format!("/offers/{id}?expand={parts}")).await;
        assert_eq!(one["_embedded"], expected, "{parts}");
        assert_eq!(one["_links"], alone["_links"], "{parts}");
        let list = client.get(&format!("/trade-offers?expand={parts}")).await;
        let list = list.expect(200);
        assert_eq!(list["_embedded"]["offers"], json!([one]), "{parts}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn expand_omits_deleted_games() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (metroid, zelda) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    let id = ann.offers(&[metroid], &[zelda]).await.unwrap().id;
    bob.client().delete("/users/2").await.expect(204);
    let path = format!("/offers/{id}?expand=requested_games,receiver");
    let offer = test.anonymous().get(&path).await.expect(200);
    assert_eq!(offer["_embedded"], json!({"requested_games": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn expand_names_an_unknown_part() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    for parts in ["games", "offerer,", "offerer, receiver", "OFFERER"] {
        let path = format!("/offers?expand={}", parts.replace(' ', "%20"));
        let answer = ann.client().get(&path).await;
        let error = &answer.body["errors"][0];
        assert_eq!(
            (&error["parameter"], &error["code"]),
            (&json!("expand"), &json!("unknown_value")),
            "{}",
            answer.text
        );
        assert!(
            error["detail"]
                .as_str()
                .unwrap()
                .contains("requested_games"),
            "{}",
            answer.text
        );
        assert_eq!(answer.problem(422), "invalid");
    }
}
