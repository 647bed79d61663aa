//! Search: what matches `q`, and in which order.

use entity::GameId;
use exchange::{games::CreateGame, offers::AcceptOffer};
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::{
    protocol::pagination::{cursors_keep_to_their_list, walk},
    support::{Person, TestApp, http::Client, new_game, postgres_server},
};

/// The names and publishers of the games; their ids are 1, 2, …
const BOARD: [[&str; 2]; 12] = [
    ["The Legend of Zelda", "Nintendo"],
    ["Zelda II", "Nintendo"],
    ["zelda", "Nintendo"],
    ["Super Mario 64", "Nintendo"],
    ["Mega Man X", "Capcom"],
    ["Okami 100%", "Clover & Co."],
    ["Pokémon", "GAME FREAK"],
    ["ポケモン", "任天堂"],
    [r"a_b\c", "\"Quoted\" AND OR NOT"],
    ["Nights: into dreams*", "Sega"],
    ["Zeldas of the world", "Zeta"],
    ["!!", "- -"],
];

async fn list_board(test: &TestApp) -> Person {
    let ann = test.with_user("ann").await;
    for [name, publisher] in BOARD {
        let mut new = new_game(name);
        new.publisher = publisher.into();
        test.app.execute(ann.actor, CreateGame(new)).await.unwrap();
    }
    ann
}

/// Returns the ids of the games on the first page.
async fn ids(client: &Client, parameters: &[(&str, &str)]) -> Vec<i64> {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    let body = client.get(&format!("/games?{query}")).await.expect(200);
    let games = body["_embedded"]["games"].as_array().unwrap();
    games
        .iter()
        .map(|game| game["id"].as_i64().unwrap())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn search_matches_literal_text_of_name_or_publisher() {
    let test = TestApp::new().await;
    list_board(&test).await;
    let client = test.anonymous();
    let table: [(&str, &[i64]); 34] = [
        // Three letters or digits in a row: anywhere.
        ("zelda", &[1, 2, 3, 11]),
        ("ELDA", &[1, 2, 3, 11]),
        ("end of zel", &[1]),
        ("nintendo", &[1, 2, 3, 4]),
        ("rio 64", &[4]),
        ("100%", &[6]),
        ("100_", &[]),
        ("okémon", &[7]),
        ("okÉmon", &[]),
        ("ポケモ", &[8]),
        ("ケモン", &[8]),
        ("任天堂", &[8]),
        (r#""quoted""#, &[9]),
        ("quoted\" and", &[9]),
        ("zelda AND nintendo", &[]),
        ("zelda OR okami", &[]),
        ("zel*", &[]),
        ("dreams*", &[10]),
        ("^zelda", &[]),
        ("words:zelda", &[]),
        ("NEAR(zelda)", &[]),
        ("zelda nintendo", &[]),
        ("zelda\u{10FFFF}", &[]),
        // Fewer: where a word begins.
        ("64", &[4]),
        ("x", &[5]),
        ("II", &[2]),
        ("z", &[1, 2, 3, 11]),
        ("a_", &[9]),
        (r"a_b\", &[9]),
        ("4", &[]),
        ("en", &[]),
        // None: where a name begins.
        ("!", &[12]),
        ("%", &[]),
        ("\"", &[]),
    ];
    for (q, expected) in table {
        for sort in ["id", "year_published"] {
            let found = ids(&client, &[("q", q), ("sort", sort)]).await;
            assert_eq!(found, expected, "{q}, {sort}");
        }
        // Every order finds the same games, except those that match by similarity.
        let query = "query($q: String!) { games(filter: {q: $q}, orderBy: {field: NAME}) { totalCount nodes { databaseId } } }";
        let answer = client.graphql(query, json!({ "q": q })).await.expect(200);
        assert_eq!(
            answer["data"]["games"]["totalCount"],
            expected.len(),
            "{q}: {answer}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn search_ranks_prefixes_before_other_matches() {
    let test = TestApp::new().await;
    list_board(&test).await;
    let client = test.anonymous();
    for (q, expected) in [
        // An exact name ranks before a longer one; then the oldest listing first.
        ("zelda", &[3, 2, 11, 1][..]),
        ("ze", &[3, 2, 11, 1]),
        ("nintendo", &[1, 2, 3, 4]),
        ("x", &[5]),
        ("!", &[12]),
    ] {
        for limit in [1, 2, 3, 4, 100] {
            walk(
                &client,
                &format!("/games?q={q}&sort=relevance"),
                limit,
                expected,
            )
            .await;
            let reversed: Vec<_> = expected.iter().rev().copied().collect();
            walk(
                &client,
                &format!("/games?q={q}&sort=-relevance"),
                limit,
                &reversed,
            )
            .await;
        }
    }
    let all: Vec<_> = (1..=12).collect();
    walk(&client, "/games?sort=relevance", 5, &all).await;
    let only = ids(
        &client,
        &[("q", "zelda"), ("sort", "relevance"), ("not_owner_id", "1")],
    )
    .await;
    assert_eq!(only, [0; 0]);
    let query = "{ games(filter: {q: \"zelda\"}, orderBy: {field: RELEVANCE, direction: DESCENDING}, last: 2) {
        totalCount nodes { databaseId } } }";
    let answer = client.graphql(query, json!({})).await.expect(200);
    assert_eq!(
        answer["data"]["games"],
        json!({"totalCount": 4, "nodes": [{"databaseId": 2}, {"databaseId": 3}]})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn search_corrects_mistyped_words_on_postgres() {
    let test = TestApp::new().await;
    list_board(&test).await;
    let client = test.anonymous();
    for (q, expected) in [
        ("zeldda", &[1, 2, 3, 11][..]),
        ("legnd of zeldda", &[1]),
        ("nintedno", &[1, 2, 3, 4]),
        ("Zelda, zeldda", &[]),
        ("100% okamii", &[]),
        ("xyzzy", &[]),
    ] {
        let expected = if postgres_server().is_some() {
            expected
        } else {
            &[]
        };
        let found = ids(&client, &[("q", q), ("sort", "relevance")]).await;
        assert_eq!(found, expected, "{q}");
        assert_eq!(ids(&client, &[("q", q)]).await, [0; 0], "{q}, by id");
        let query = "query($q: String!) { games(filter: {q: $q}, orderBy: {field: RELEVANCE}) { totalCount } }";
        let answer = client.graphql(query, json!({ "q": q })).await.expect(200);
        assert_eq!(answer["data"]["games"]["totalCount"], expected.len(), "{q}");
    }
    if postgres_server().is_some() {
        // Names that contain "zeldas" rank before similar ones.
        walk(&client, "/games?q=zeldas&sort=relevance", 2, &[11]).await;
        walk(&client, "/games?q=zeldda&sort=relevance", 3, &[1, 2, 3, 11]).await;
        walk(
            &client,
            "/games?q=zeldda&sort=-relevance",
            3,
            &[11, 3, 2, 1],
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn relevance_cursor_is_refused_for_another_query() {
    let test = TestApp::new().await;
    list_board(&test).await;
    let orders = ["&sort=relevance", "&sort=-relevance", "&sort=name", ""];
    let lists = orders.map(|order| format!("/games?q=zelda{order}&limit=1"));
    cursors_keep_to_their_list(&test.anonymous(), &lists).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn search_finds_listed_games_by_their_present_name() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    let client = ann.client();
    let sought = async |q: &str, expected: &[GameId]| {
        let expected: Vec<_> = expected.iter().map(|id| id.0).collect();
        for sort in ["id", "-name", "relevance"] {
            let found = ids(&client, &[("q", q), ("sort", sort)]).await;
            assert_eq!(found, expected, "{q}, {sort}");
        }
    };
    sought("metroid", &[mine]).await;
    let path = format!("/games/{mine}");
    let renamed = json!({"name": "Super Metroid Prime", "publisher": "Retro"});
    client.put(&path, renamed).await.expect(200);
    sought("metroid prime", &[mine]).await;
    sought("retro", &[mine]).await;
    sought("nintendo", &[theirs]).await;
    let offer = ann.offers(&[mine], &[theirs]).await.unwrap();
    test.app
        .execute(bob.actor, AcceptOffer { offer: offer.id })
        .await
        .unwrap();
    sought("metroid prime", &[mine]).await;
    sought("zelda", &[theirs]).await;
    let deleted = bob.client().delete(&path).await;
    assert_eq!(deleted.status, 204);
    sought("metroid prime", &[]).await;
    // The index has no deleted game, even when one is updated.
    let late = format!("UPDATE games SET name = 'Late' WHERE id = {mine}");
    let database = test.app.database.reader();
    database.execute_unprepared(&late).await.unwrap();
    sought("late", &[]).await;
    if postgres_server().is_none() {
        let check = "INSERT INTO games_search (games_search) VALUES ('integrity-check')";
        database.execute_unprepared(check).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn search_returns_each_match_once_in_every_order() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    ann.lists("Filler").await;
    // One in five hundred matches, so neither the first nor the last page fills before the index is used.
    let load = "INSERT INTO games (owner_id, name, publisher, year_published, gaming_system, condition, created_at, updated_at)
        WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 5000)
        SELECT owner_id, CASE WHEN n % 1000 = 7 THEN 'Rare ' WHEN n % 500 = 7 THEN 'A rare ' ELSE 'Filler ' END || (5000 - n),
            publisher, 1980 + n % 7, gaming_system, condition, created_at, updated_at FROM games, n ORDER BY n";
    let database = test.app.database.reader();
    database.execute_unprepared(load).await.unwrap();
    let numbers: Vec<i64> = (0..5000).filter(|n| n % 500 == 7).collect();
    let of = |n: &i64| n + 1;
    let by_id: Vec<_> = numbers.iter().map(of).collect();
    let name = |n: i64| {
        let start = if n % 1000 == 7 { "Rare" } else { "A rare" };
        format!("{start} {}", 5000 - n)
    };
    let sorted = |by: &dyn Fn(i64) -> (i64, String)| {
        let mut numbers = numbers.clone();
        numbers.sort_by_key(|n| (by(*n), *n));
        numbers.iter().map(of).collect::<Vec<_>>()
    };
    for (sort, expected) in [
        ("id", by_id),
        ("name", sorted(&|n| (0, name(n)))),
        ("year_published", sorted(&|n| (n % 7, String::new()))),
        (
            "relevance",
            sorted(&|n| {
                let begins = n % 1000 == 7;
                (
                    i64::from(!begins),
                    if begins { name(n) } else { String::new() },
                )
            }),
        ),
    ] {
        let client = test.anonymous();
        walk(&client, &format!("/games?q=rare&sort={sort}"), 3, &expected).await;
        let reversed: Vec<_> = expected.iter().rev().copied().collect();
        walk(
            &client,
            &format!("/games?q=rare&sort=-{sort}"),
            3,
            &reversed,
        )
        .await;
    }
}
