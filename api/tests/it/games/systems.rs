//! Systems: the list with numbers of games, and each of their names as a filter, on both surfaces.

use std::collections::BTreeSet;

use catalogue::systems;
use exchange::games::CreateGame;
use serde_json::{Value, json};

use crate::{
    protocol::graphql::data,
    support::{Person, TestApp, http::Client, new_game},
};

/// The systems of the games, as their owner wrote them. The games have the ids 1, 2, …
const WRITTEN: [&str; 7] = [
    "NES",
    "Nintendo Entertainment System",
    "nes",
    "Genesis",
    "Sega Mega-Drive",
    "My own console!",
    "my OWN console",
];

async fn list_games(test: &TestApp) -> Person {
    let ann = test.with_user("ann").await;
    for system in WRITTEN {
        let mut new = new_game("Sonic");
        new.gaming_system = system.into();
        test.app.execute(ann.actor, CreateGame(new)).await.unwrap();
    }
    ann
}

/// Returns the listed systems. Asserts that both surfaces have the same.
async fn listed(client: &Client) -> Vec<Value> {
    let mut rest = client.get("/systems").await.expect(200);
    assert_eq!(rest["_links"]["self"]["href"], "/systems");
    let query = "{ systems { games system { key name aliases } } }";
    let graphql = data(client.graphql(query, json!({})).await, "systems");
    let rest = rest["_embedded"]["systems"].as_array_mut().unwrap();
    for (shown, one) in rest.iter().zip(graphql.as_array().unwrap()) {
        let system =
            json!({"key": shown["key"], "name": shown["name"], "aliases": shown["aliases"]});
        assert_eq!(*one, json!({"games": shown["games"], "system": system}));
    }
    assert_eq!(rest.len(), graphql.as_array().unwrap().len());
    rest.clone()
}

/// Returns the ids of the games for a system, on both surfaces.
async fn games_for(client: &Client, system: &str) -> Vec<i64> {
    let encoded: String = form_urlencoded::byte_serialize(system.as_bytes()).collect();
    let path = format!("/games?gaming_system={encoded}");
    let list = client.get(&path).await.expect(200);
    let games = list["_embedded"]["games"].as_array().unwrap().iter();
    let ids: Vec<_> = games.map(|game| game["id"].as_i64().unwrap()).collect();
    let query = "query($system: String) { games(filter: {gamingSystem: $system}) { nodes { databaseId } } }";
    let answer = client.graphql(query, json!({ "system": system })).await;
    let same: Vec<_> = ids.iter().map(|id| json!({ "databaseId": id })).collect();
    assert_eq!(data(answer, "games")["nodes"], json!(same), "{system}");
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn systems_have_their_games_and_all_others_none() {
    let test = TestApp::new().await;
    list_games(&test).await;
    let client = test.anonymous();
    let listed = listed(&client).await;
    let counts: Vec<_> = listed
        .iter()
        .map(|system| {
            (
                system["key"].as_str().unwrap(),
                system["games"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        counts[..3],
        [("nes", 3), ("megadrive", 2), ("myownconsole", 2)]
    );
    assert!(counts[3..].iter().all(|(_, games)| *games == 0));
    let keys: BTreeSet<_> = counts.iter().map(|(key, _)| *key).collect();
    assert_eq!(keys.len(), counts.len());
    assert!(systems::ALL.iter().all(|system| keys.contains(system.key)));
    for system in &listed {
        let games = system["_links"]["games"]["href"].as_str().unwrap();
        let games = client.get(games).await.expect(200);
        let games = games["_embedded"]["games"].as_array().unwrap();
        assert_eq!(system["games"], games.len(), "{system}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn gaming_system_finds_games_by_each_name_in_any_case() {
    let test = TestApp::new().await;
    let ann = list_games(&test).await;
    let client = test.anonymous();
    for (key, expected) in [("nes", &[1, 2, 3][..]), ("megadrive", &[4, 5])] {
        let system = systems::by_key(key).unwrap();
        for name in system.names().chain([key]) {
            for name in [name.to_owned(), name.to_lowercase(), name.to_uppercase()] {
                assert_eq!(games_for(&client, &name).await, expected, "{name}");
            }
        }
    }
    // Its key is longer than the name of a system may be.
    let ligatures = "ﬃ".repeat(60);
    let mut new = new_game("Sonic");
    new.gaming_system = ligatures.as_str().into();
    test.app.execute(ann.actor, CreateGame(new)).await.unwrap();
    let key = systems::key(&ligatures);
    for (text, expected) in [
        (ligatures.as_str(), &[8][..]),
        (key.as_str(), &[8]),
        ("My Own Console", &[6, 7][..]),
        ("myownconsole", &[6, 7]),
        ("nobody knows it", &[]),
        ("?", &[]),
        ("\u{301}", &[]),
        ("", &[1, 2, 3, 4, 5, 6, 7, 8]),
    ] {
        assert_eq!(games_for(&client, text).await, expected, "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn game_shows_its_system_and_the_text_of_its_owner() {
    let test = TestApp::new().await;
    list_games(&test).await;
    let client = test.anonymous();
    let query = "query($id: Int!) { game(by: {databaseId: $id}) { gamingSystem system { key name aliases } } }";
    for (id, written) in (1..).zip(WRITTEN) {
        let game = client.get(&format!("/games/{id}")).await.expect(200);
        let key = systems::key(written);
        assert_eq!(
            (&game["gaming_system"], &game["system_key"]),
            (&json!(written), &json!(key))
        );
        let known = systems::by_key(&key);
        let system = json!({"key": key, "name": systems::name(&key), "aliases": known.map_or(&[][..], |known| known.aliases)});
        let answer = client.graphql(query, json!({ "id": id })).await;
        let expected = json!({"gamingSystem": written, "system": system});
        assert_eq!(data(answer, "game"), expected);
    }
}
