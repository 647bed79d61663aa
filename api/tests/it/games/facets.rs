//! Facets: the numbers of games by system, condition and decade, on both surfaces.

use entity::Condition;
use exchange::games::CreateGame;
use serde_json::{Value, json};

use crate::{
    protocol::graphql::error,
    support::{Person, TestApp, http::Client, new_game},
};

/// The games of Ann, then those of Bob: name, year, system and condition.
const BOARD: [(&str, i32, &str, Condition); 8] = [
    ("Metroid", 1986, "NES", Condition::Good),
    ("Super Metroid", 1994, "SNES", Condition::Mint),
    ("Super Metroid", 1994, "Super Nintendo", Condition::Poor),
    ("Zelda II", 1987, "nes", Condition::Good),
    ("Zelda", 1986, "NES", Condition::Poor),
    (
        "Metroid",
        1990,
        "Nintendo Entertainment System",
        Condition::Good,
    ),
    ("Metroid Fusion", 2002, "GBA", Condition::Good),
    ("Elite", 1984, "Acorn Archimedes 310", Condition::Fair),
];

/// Lists the board: the first four games are Ann's, the others Bob's.
async fn list_board(test: &TestApp) -> [Person; 2] {
    let people = test.people(["ann", "bob"]).await;
    for (number, (name, year, system, condition)) in BOARD.into_iter().enumerate() {
        let mut new = new_game(name);
        new.year_published.0 = year;
        new.gaming_system = system.into();
        new.condition = condition;
        let owner = &people[number / 4];
        test.app
            .execute(owner.actor, CreateGame(new))
            .await
            .unwrap();
    }
    people
}

/// Returns the games of the whole list at a path.
async fn games(client: &Client, path: &str) -> Vec<Value> {
    let and = if path.contains('?') { '&' } else { '?' };
    let list = client
        .get(&format!("{path}{and}limit=100"))
        .await
        .expect(200);
    list["_embedded"]["games"].as_array().unwrap().clone()
}

/// Returns the facets with these parameters. Asserts that each number is that of the games that its link leads to.
async fn facets(client: &Client, filter: &str) -> Value {
    let path = format!("/games/facets{filter}");
    let facets = client.get(&path).await.expect(200);
    let links = &facets["_links"];
    assert_eq!(links["self"]["href"], path);
    assert_eq!(links["games"]["href"], format!("/games{filter}"));
    let total = games(client, &format!("/games{filter}")).await.len();
    assert_eq!(
        (&facets["total"], &facets["exact"]),
        (&json!(total), &json!(true))
    );
    for groups in ["systems", "conditions", "decades"] {
        let mut sum = 0;
        for group in facets[groups].as_array().unwrap() {
            let href = group["_links"]["games"]["href"].as_str().unwrap();
            let counted = games(client, href).await;
            assert_eq!(group["games"], counted.len(), "{href}");
            let fits = |game: &Value| match groups {
                "systems" => game["system_key"] == group["key"],
                "conditions" => game["condition"] == group["condition"],
                _ => {
                    let year = game["year_published"].as_i64().unwrap();
                    group["decade"] == year / 10 * 10
                }
            };
            assert!(counted.iter().all(fits), "{href}: {counted:?}");
            sum += counted.len();
        }
        assert_eq!(sum, total, "{filter}: {facets}");
    }
    facets
}

/// Returns the groups of facets of REST, without links.
fn groups(facets: &Value) -> Value {
    let list = |name: &str| facets[name].as_array().unwrap().iter();
    let systems = list("systems").map(|one| json!([one["key"], one["name"], one["games"]]));
    let conditions = list("conditions").map(|one| json!([one["condition"], one["games"]]));
    let decades = list("decades").map(|one| json!([one["decade"], one["games"]]));
    json!({
        "total": facets["total"], "exact": facets["exact"], "systems": systems.collect::<Vec<_>>(),
        "conditions": conditions.collect::<Vec<_>>(), "decades": decades.collect::<Vec<_>>(),
    })
}

/// Returns the groups of facets of GraphQL, in the words of REST.
async fn graphql_groups(client: &Client, filter: Value) -> Value {
    let query = "query($filter: GameFilter) { gameFacets(filter: $filter) { total exact
        systems { system { key name } games } conditions { condition games } decades { decade games } } }";
    let answer = client.graphql(query, json!({ "filter": filter })).await;
    let mut facets = answer.expect(200)["data"]["gameFacets"].take();
    for system in facets["systems"].as_array_mut().unwrap() {
        let named = system["system"].take();
        system["key"] = named["key"].clone();
        system["name"] = named["name"].clone();
    }
    for condition in facets["conditions"].as_array_mut().unwrap() {
        let word = condition["condition"].as_str().unwrap().to_lowercase();
        condition["condition"] = json!(word);
    }
    groups(&facets)
}

#[tokio::test(flavor = "multi_thread")]
async fn facets_count_the_games_that_their_links_lead_to() {
    let test = TestApp::new().await;
    list_board(&test).await;
    let client = test.anonymous();
    for (filter, same) in [
        ("", json!(null)),
        ("", json!({})),
        ("?q=metroid", json!({"q": "metroid"})),
        ("?q=", json!({"q": ""})),
        ("?q=%3F%21", json!({"q": "?!"})),
        ("?q=nothing+fits", json!({"q": "nothing fits"})),
        (
            "?q=metrod&condition=good",
            json!({"q": "metrod", "condition": "GOOD"}),
        ),
        (
            "?title_key=supermetroid",
            json!({"titleKey": "supermetroid"}),
        ),
        (
            "?gaming_system=super+nes",
            json!({"gamingSystem": "super nes"}),
        ),
        (
            "?gaming_system=unheard-of",
            json!({"gamingSystem": "unheard-of"}),
        ),
        ("?condition=mint", json!({"condition": "MINT"})),
        (
            "?year_from=1985&year_to=1993",
            json!({"yearFrom": 1985, "yearTo": 1993}),
        ),
        ("?owner_id=1", json!({"ownerId": 1})),
        (
            "?not_owner_id=1&q=nintendo",
            json!({"notOwnerId": 1, "q": "nintendo"}),
        ),
    ] {
        let shown = groups(&facets(&client, filter).await);
        assert_eq!(graphql_groups(&client, same).await, shown, "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn facets_list_the_largest_system_first() {
    let test = TestApp::new().await;
    list_board(&test).await;
    let facets = groups(&facets(&test.anonymous(), "").await);
    let systems = json!([
        ["nes", "NES", 4],
        ["snes", "SNES", 2],
        ["acornarchimedes310", "acornarchimedes310", 1],
        ["gba", "Game Boy Advance", 1]
    ]);
    let conditions = json!([["mint", 1], ["good", 4], ["fair", 1], ["poor", 2]]);
    let decades = json!([[1980, 4], [1990, 3], [2000, 1]]);
    assert_eq!(facets["systems"], systems);
    assert_eq!(facets["conditions"], conditions);
    assert_eq!(facets["decades"], decades);
}

#[tokio::test(flavor = "multi_thread")]
async fn facets_follow_each_change_of_the_board() {
    let test = TestApp::new().await;
    let [ann, bob] = list_board(&test).await;
    let client = ann.client();
    let change = json!({"gaming_system": "Switch", "condition": "fair", "year_published": 2020});
    client.put("/games/1", change).await.expect(200);
    facets(&client, "").await;
    bob.client().delete("/games/7").await.expect(204);
    facets(&client, "").await;
    let offer = json!({"offered_game_id": 1, "requested_game_id": 5});
    client.post("/offers", offer).await.expect(201);
    bob.client().act("/offers/1/accept").await.expect(200);
    let facets = facets(&client, "").await;
    assert_eq!(facets["total"], 7);
    let switch = json!(["switch", "Nintendo Switch", 1]);
    assert!(
        groups(&facets)["systems"]
            .as_array()
            .unwrap()
            .contains(&switch)
    );
    bob.client().delete("/users/2").await.expect(204);
    self::facets(&client, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn list_of_games_links_to_its_facets() {
    let test = TestApp::new().await;
    list_board(&test).await;
    let client = test.anonymous();
    for (list, expected) in [
        ("/games", "/games/facets"),
        ("/games?sort=name&limit=1", "/games/facets"),
        ("/games?q=zelda+%26&limit=1", "/games/facets?q=zelda+%26"),
        (
            "/games?condition=good&sort=-id",
            "/games/facets?condition=good",
        ),
    ] {
        let mut page = client.get(list).await.expect(200);
        loop {
            assert_eq!(page["_links"]["facets"]["href"], expected, "{list}");
            let Some(next) = page["_links"]["next"]["href"].as_str() else {
                break;
            };
            page = client.get(next).await.expect(200);
        }
        client.get(expected).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn facets_name_an_invalid_filter() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let long = "x".repeat(4096);
    for (field, value, code) in [
        ("q", long.as_str(), "too_long"),
        ("q", "a\0b", "control_character"),
        ("gaming_system", &long, "too_long"),
        ("gaming_system", "\0", "control_character"),
        ("title_key", &long, "too_long"),
        ("title_key", "\0", "control_character"),
    ] {
        let encoded: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
        let answer = client
            .get(&format!("/games/facets?{field}={encoded}"))
            .await;
        assert_eq!(answer.body["errors"][0]["parameter"], field);
        assert_eq!(answer.body["errors"][0]["code"], code);
        assert_eq!(answer.problem(422), "invalid");
        let member = match field {
            "q" => "q",
            "gaming_system" => "gamingSystem",
            _ => "titleKey",
        };
        let query = "query($filter: GameFilter) { gameFacets(filter: $filter) { total } }";
        let answer = client
            .graphql(query, json!({"filter": {member: value}}))
            .await;
        assert_eq!(error(&answer), "invalid");
        let fault = &answer.body["errors"][0]["extensions"]["fields"][0];
        assert_eq!(
            (&fault["field"], &fault["code"]),
            (&json!(member), &json!(code))
        );
    }
}
