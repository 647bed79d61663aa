//! Titles: suggestions, and one title by its key, on both surfaces.

use axum::{
    body::Body,
    http::{Request, header::CONTENT_TYPE},
};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::{
    protocol::graphql::{data, error},
    support::{Person, TestApp, http::Client},
};

const NAMES: [&str; 10] = [
    "METROID",
    "Metroid",
    "Super Metroid",
    "Metroid Prime 2: Echoes",
    "The Legend of Zelda",
    "Zelda II: The Adventure of Link",
    "Pokémon Red",
    "???",
    "100% / Ütopia + 1",
    LIGATURES,
];
/// A name whose key is longer than a name may be.
const LIGATURES: &str = "ﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃ\
     ﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃﬃ";

async fn list_games(test: &TestApp) -> Person {
    let ann = test.with_user("ann").await;
    for name in NAMES {
        ann.lists(name).await;
    }
    ann
}

/// Returns the keys and names of suggested titles and the corrected text. Asserts that both surfaces have the same.
async fn suggested(client: &Client, q: &str, limit: Option<i64>) -> (Vec<[String; 2]>, Value) {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("q", q);
    if let Some(limit) = limit {
        query.append_pair("limit", &limit.to_string());
    }
    let path = format!("/titles?{}", query.finish());
    let rest = client.get(&path).await.expect(200);
    assert_eq!(rest["_links"]["self"]["href"], path);
    let query = "query($q: String!, $first: Int) { titles(q: $q, first: $first) { searchedFor nodes { key name } } }";
    let variables = json!({"q": q, "first": limit});
    let graphql = data(client.graphql(query, variables).await, "titles");
    let titles = |list: &Value| -> Vec<_> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let list = list.as_array().unwrap().iter();
        list.map(|title| [text(&title["key"]), text(&title["name"])])
            .collect()
    };
    let shown = titles(&rest["_embedded"]["titles"]);
    assert_eq!(titles(&graphql["nodes"]), shown, "{q}");
    let searched_for = rest.get("searched_for").cloned().unwrap_or_default();
    assert_eq!(graphql["searchedFor"], searched_for, "{q}");
    (shown, searched_for)
}

#[tokio::test(flavor = "multi_thread")]
async fn titles_suggest_those_that_begin_with_the_text_first() {
    let test = TestApp::new().await;
    list_games(&test).await;
    let client = test.anonymous();
    for (q, expected) in [
        (
            "met",
            &["metroid", "metroidprime2echoes", "supermetroid"][..],
        ),
        ("MÉT", &["metroid", "metroidprime2echoes", "supermetroid"]),
        ("zelda", &["zelda2theadventureoflink", "legendofzelda"]),
        ("pokemon r", &["pokemonred"]),
        ("metroid p", &["metroidprime2echoes"]),
        ("prime metroid", &["metroidprime2echoes"]),
        ("utopia", &["100utopia1"]),
        ("nintendo", &[]),
        ("nothing fits", &[]),
        ("", &[]),
        ("?!", &[]),
        ("???", &[]),
        ("\u{301}\u{301}", &[]),
    ] {
        let (titles, searched_for) = suggested(&client, q, None).await;
        let keys: Vec<_> = titles.iter().map(|[key, _]| key.as_str()).collect();
        assert_eq!(keys, expected, "{q}");
        assert_eq!(searched_for, Value::Null, "{q}");
    }
    let (titles, _) = suggested(&client, "met", Some(1)).await;
    assert_eq!(titles, [["metroid".to_owned(), "METROID".to_owned()]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn titles_say_what_was_searched_for_instead() {
    let test = TestApp::new().await;
    list_games(&test).await;
    let (titles, searched_for) = suggested(&test.anonymous(), "metrod", None).await;
    assert_eq!(titles[0][0], "metroid");
    assert_eq!(searched_for, "metroid");
}

#[tokio::test(flavor = "multi_thread")]
async fn titles_suggest_listed_games_only() {
    let test = TestApp::new().await;
    let ann = list_games(&test).await;
    for game in ["/games/1", "/games/2", "/games/3"] {
        ann.client().delete(game).await.expect(204);
    }
    let (titles, _) = suggested(&test.anonymous(), "metroid", None).await;
    let keys: Vec<_> = titles.iter().map(|[key, _]| key.as_str()).collect();
    assert_eq!(keys, ["metroidprime2echoes"]);
    // The title itself stays.
    test.anonymous().get("/titles/metroid").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn title_links_to_its_games_whatever_its_key() {
    let test = TestApp::new().await;
    list_games(&test).await;
    let client = test.anonymous();
    let query = "query($id: Int!, $key: String!) { title(key: $key) { key name }
        game(by: {databaseId: $id}) { title { key name } } }";
    for (id, expected) in (1..).zip(NAMES) {
        let game = client.get(&format!("/games/{id}")).await.expect(200);
        assert_eq!(game["name"], expected);
        let href = game["_links"]["title"]["href"].as_str().unwrap();
        let title = client.get(href).await.expect(200);
        assert_eq!(title["key"], game["title_key"]);
        assert_eq!(title["_links"]["self"]["href"], href);
        assert_eq!(title["_links"]["collection"]["href"], "/titles");
        let games = title["_links"]["games"]["href"].as_str().unwrap();
        let games = client.get(games).await.expect(200);
        let games = games["_embedded"]["games"].as_array().unwrap();
        assert!(games.iter().all(|one| one["title_key"] == title["key"]));
        assert!(games.iter().any(|one| one["id"] == id), "{title}");
        let variables = json!({"id": id, "key": title["key"]});
        let both = client.graphql(query, variables).await.expect(200);
        let same = json!({"key": title["key"], "name": title["name"]});
        let expected = json!({"title": same, "game": {"title": same}});
        assert_eq!(both["data"], expected);
    }
    let first = client.get("/titles/metroid").await.expect(200);
    assert_eq!(first["name"], "METROID", "as it was first written");
}

#[tokio::test(flavor = "multi_thread")]
async fn title_is_not_found_by_an_unknown_key() {
    let test = TestApp::new().await;
    list_games(&test).await;
    let client = test.anonymous();
    let query = "query($key: String!) { title(key: $key) { key } }";
    let long = "x".repeat(4096);
    for (path, key) in [
        ("nothing", "nothing"),
        ("Metroid", "Metroid"),
        ("%00", "\0"),
        ("metroid%00", "metroid\0"),
        ("%20", " "),
        ("a%2Fb", "a/b"),
        ("%CC%81", "\u{301}"),
        (long.as_str(), long.as_str()),
        ("%FF", ""),
        ("%ED%A0%80", ""),
    ] {
        let answer = client.get(&format!("/titles/{path}")).await;
        assert_eq!(answer.body["_links"]["titles"]["href"], "/titles");
        assert_eq!(answer.problem(404), "title_not_found", "{path}");
        let answer = client.graphql(query, json!({ "key": key })).await;
        assert_eq!(data(answer, "title"), Value::Null, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn titles_name_an_invalid_argument() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let query =
        "query($q: String!, $first: Int) { titles(q: $q, first: $first) { nodes { key } } }";
    let long = "x".repeat(4096);
    for (q, limit, parameter, argument, code) in [
        (long.as_str(), 10, "q", "q", "too_long"),
        ("a\0b", 10, "q", "q", "control_character"),
        ("a\nb", 10, "q", "q", "control_character"),
        ("a", 0, "limit", "first", "out_of_range"),
        ("a", -1, "limit", "first", "out_of_range"),
        ("a", 21, "limit", "first", "out_of_range"),
    ] {
        let encoded: String = form_urlencoded::byte_serialize(q.as_bytes()).collect();
        let path = format!("/titles?q={encoded}&limit={limit}");
        let answer = client.get(&path).await;
        assert_eq!(answer.body["errors"][0]["parameter"], parameter);
        assert_eq!(answer.body["errors"][0]["code"], code);
        assert_eq!(answer.problem(422), "invalid");
        let answer = client.graphql(query, json!({"q": q, "first": limit})).await;
        assert_eq!(error(&answer), "invalid");
        let fault = &answer.body["errors"][0]["extensions"]["fields"][0];
        let expected = (&json!(argument), &json!(code));
        assert_eq!((&fault["field"], &fault["code"]), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn games_say_what_was_searched_for_instead() {
    let test = TestApp::new().await;
    list_games(&test).await;
    let client = test.anonymous();
    let query = "query($q: String) { games(filter: {q: $q}, first: 1) { searchedFor complete pageInfo { endCursor } }
        users { nodes { games { searchedFor complete } } } }";
    for (q, searched_for) in [("metrod", json!("metroid")), ("metroid", Value::Null)] {
        let page = client
            .get(&format!("/games?q={q}&limit=1"))
            .await
            .expect(200);
        assert_eq!(
            page.get("searched_for").unwrap_or(&Value::Null),
            &searched_for
        );
        assert_eq!(page.get("complete"), None, "{page}");
        // The next page says so, too.
        let next = page["_links"]["next"]["href"].as_str().unwrap();
        let next = client.get(next).await.expect(200);
        assert_eq!(next.get("searched_for"), page.get("searched_for"));
        let answer = client.graphql(query, json!({ "q": q })).await.expect(200);
        assert_eq!(answer["data"]["games"]["searchedFor"], searched_for);
        assert_eq!(answer["data"]["games"]["complete"], true);
        let of_ann = json!({"searchedFor": null, "complete": true});
        assert_eq!(answer["data"]["users"]["nodes"][0]["games"], of_ann);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn search_is_incomplete_while_a_game_is_not_indexed() {
    let test = TestApp::new().await;
    list_games(&test).await;
    let client = test.anonymous();
    let shown = client.get("/games/1").await.expect(200);
    let unindexed = "UPDATE games SET title_key = '', system_key = '', sort_key = '', key_rule = 0 WHERE id = 1";
    let database = test.app.database.reader();
    database.execute_unprepared(unindexed).await.unwrap();
    let game = client.get("/games/1").await.expect(200);
    for key in ["title_key", "system_key"] {
        assert_eq!(game[key], shown[key], "the one that it will get");
    }
    assert_eq!(game["_links"].get("title"), None);
    for filter in [
        "q=zelda",
        "gaming_system=nes",
        "title_key=zelda",
        "sort=name",
    ] {
        let found = client.get(&format!("/games?{filter}")).await.expect(200);
        assert_eq!(found["complete"], false, "{filter}");
    }
    let counted = client.get("/games/facets").await.expect(200);
    assert_eq!(counted["exact"], false);
    let all = client.get("/games").await.expect(200);
    assert_eq!(all.get("complete"), None, "it has every game");
    let query = "{ game(by: {databaseId: 1}) { title { key } system { key } }
        found: games(filter: {q: \"zelda\"}) { complete } all: games { complete } }";
    let answer = client.graphql(query, json!({})).await.expect(200);
    let expected = json!({
        "game": {"title": null, "system": {"key": "nes"}}, "found": {"complete": false}, "all": {"complete": true},
    });
    assert_eq!(answer["data"], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn search_answers_text_that_is_not_unicode() {
    let test = TestApp::new().await;
    list_games(&test).await;
    let client = test.anonymous();
    // Half of a surrogate pair, and other bytes that are not UTF-8: each stands for a sign.
    for q in ["%ED%A0%80", "%FF%FE", "%F0%9F"] {
        for path in ["/games", "/games/facets", "/titles"] {
            let answer = client.get(&format!("{path}?q={q}")).await.expect(200);
            for rows in answer["_embedded"].as_object().into_iter().flatten() {
                assert_eq!(rows.1, &json!([]), "{path} {q}");
            }
        }
    }
    for field in [
        "games(filter: {q: $q}) { totalCount }",
        "gameFacets(filter: {q: $q}) { total }",
        "titles(q: $q) { searchedFor }",
        "title(key: $q) { key }",
    ] {
        let body = format!(
            r#"{{"query": "query($q: String!) {{ {field} }}", "variables": {{"q": "a\ud800"}}}}"#
        );
        let request = Request::post("/graphql").header(CONTENT_TYPE, "application/json");
        let answer = client.send(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.status, 400, "{field}: {}", answer.text);
    }
}
