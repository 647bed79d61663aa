//! Search: what matches `q`, and in which order.

use entity::GameId;
use exchange::offers::AcceptOffer;
use serde_json::{Value, json};

use crate::{
    protocol::pagination::{cursors_keep_to_their_list, walk},
    support::{
        Person, TestApp,
        board::{Listing, fill},
        http::Client,
    },
};

/// The names, publishers and systems of the games; their ids are 1, 2, …
const BOARD: [[&str; 3]; 20] = [
    ["The Legend of Zelda", "Nintendo", "NES"],
    ["Zelda II: The Adventure of Link", "Nintendo", "NES"],
    ["zelda", "Nintendo", "NES"],
    [
        "The Legend of Zelda: Ocarina of Time",
        "Nintendo",
        "Nintendo 64",
    ],
    ["Mega Man X", "Capcom", "SNES"],
    ["Mega Man X4", "Capcom", "PlayStation"],
    ["Mega Man 10", "Capcom", "Wii"],
    ["Pok\u{e9}mon Red", "Nintendo", "Game Boy"],
    ["\u{30bc}\u{30eb}\u{30c0}の伝説", "任天堂", "Famicom"],
    ["Marvel\u{2019}s Spider-Man", "Sony", "PlayStation 4"],
    ["Spiderman", "Activision", "PlayStation"],
    ["Final Fantasy VII", "Square", "PlayStation"],
    ["Final Fantasy VIII", "Square", "PlayStation"],
    ["Final Fantasy V", "Square", "Super Famicom"],
    ["Sonic the Hedgehog", "Sega", "Mega Drive"],
    ["Ghosts 'n Goblins", "Capcom", "NES"],
    ["Command & Conquer", "Virgin", "PC"],
    ["\u{14c}kami (PAL)", "Capcom", "PlayStation 2"],
    ["Quiz\u{a0}Nights", r"a_b\c", "NES"],
    ["!!", "- -", "NES"],
];

async fn list_board(test: &TestApp) -> Person {
    let ann = test.with_user("ann").await;
    let board = BOARD.map(|texts| Listing::new(texts, 1990));
    fill(test, &ann, &board).await;
    ann
}

/// Returns the first page of a search.
async fn search(client: &Client, parameters: &[(&str, &str)]) -> Value {
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    client.get(&format!("/games?{query}")).await.expect(200)
}

/// Returns the ids of the games on a page.
fn ids_of(page: &Value) -> Vec<i64> {
    let games = page["_embedded"]["games"].as_array().unwrap();
    games
        .iter()
        .map(|game| game["id"].as_i64().unwrap())
        .collect()
}

async fn ids(client: &Client, parameters: &[(&str, &str)]) -> Vec<i64> {
    ids_of(&search(client, parameters).await)
}

#[tokio::test(flavor = "multi_thread")]
async fn search_finds_what_people_type_best_match_first() {
    let test = TestApp::new().await;
    list_board(&test).await;
    let client = test.anonymous();
    let table: [(&str, &[i64]); 41] = [
        // The exact title, titles that begin with it, that contain it.
        ("zelda", &[3, 2, 1, 4]),
        ("ZELDA", &[3, 2, 1, 4]),
        ("ze", &[3, 2, 1, 4]),
        ("the legend of zelda", &[1, 4]),
        ("legend of zelda, the", &[1, 4]),
        // Words in any order, each the beginning of one.
        ("zelda ocarina", &[4]),
        ("time oca zel", &[4]),
        // With the publisher and the system, by all of their names.
        ("nintendo zelda", &[1, 4, 3, 2]),
        ("zelda n64", &[4]),
        ("sonic genesis", &[15]),
        ("famicom", &[14, 9]),
        // Marks, apostrophes, hyphens, brackets, blanks, ampersands.
        ("pokemon", &[8]),
        ("poke\u{301}mon", &[8]),
        ("O\u{304}KAMI", &[18]),
        ("okami pal", &[18]),
        ("marvels", &[10]),
        ("Marvel's", &[10]),
        ("quiz nights", &[19]),
        ("command and conquer", &[17]),
        ("command&conquer", &[17]),
        ("ghosts n goblins", &[16]),
        // Joined and separate spelling.
        ("spiderman", &[11, 10]),
        ("spider man", &[11, 10]),
        ("Spider-Man", &[11, 10]),
        ("megaman x4", &[6]),
        // Numerals.
        ("final fantasy 7", &[12]),
        ("final fantasy vii", &[12]),
        ("final fantasy 5", &[14]),
        ("final fantasy", &[14, 12, 13]),
        ("zelda 2", &[2]),
        ("mega man x", &[5, 7, 6]),
        ("mega man 10", &[7, 5]),
        // Scripts without blanks: any run.
        ("ルダの", &[9]),
        ("伝説", &[9]),
        ("天堂", &[9]),
        // Nothing fits.
        ("zelda sega", &[]),
        ("zelda OR okami", &[]),
        ("xyzzy", &[]),
        ("!", &[]),
        (" ", &[]),
        ("\u{301}", &[]),
    ];
    for (q, expected) in table {
        assert_eq!(ids(&client, &[("q", q)]).await, expected, "{q}");
        // Every order finds the same games.
        for sort in ["id", "-created_at", "name", "year_published"] {
            let mut found = ids(&client, &[("q", q), ("sort", sort)]).await;
            found.sort_unstable();
            let mut expected = expected.to_vec();
            expected.sort_unstable();
            assert_eq!(found, expected, "{q}, {sort}");
        }
        let query =
            "query($q: String!) { games(filter: {q: $q}) { totalCount nodes { databaseId } } }";
        let answer = client.graphql(query, json!({ "q": q })).await.expect(200);
        let nodes: Vec<_> = expected
            .iter()
            .map(|id| json!({"databaseId": id}))
            .collect();
        let same = json!({"totalCount": expected.len(), "nodes": nodes});
        assert_eq!(answer["data"]["games"], same, "{q}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn search_takes_special_characters_for_separators() {
    let test = TestApp::new().await;
    list_board(&test).await;
    let client = test.anonymous();
    for sign in [
        "*", "\"", "'", "%", "_", "\\", ":", "|", "&", "!", "(", ")", "<->", "^", "-", "+", "{}",
        "$1", "?", ";--",
    ] {
        let found = ids(&client, &[("q", &format!("{sign}ocarina{sign} {sign}"))]).await;
        let expected: &[i64] = match sign {
            // These are words, which no title has beside the other.
            "&" | "$1" => &[],
            _ => &[4],
        };
        assert_eq!(found, expected, "{sign}");
    }
    for words in [
        "ocarina AND zelda",
        "NOT ocarina",
        "NEAR(zelda ocarina)",
        "lexemes:zelda",
        "zelda | mega",
    ] {
        let found = ids(&client, &[("q", words)]).await;
        assert_eq!(found, [0; 0], "{words}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn search_corrects_words_where_nothing_fits() {
    let test = TestApp::new().await;
    list_board(&test).await;
    let client = test.anonymous();
    for (q, expected, instead) in [
        ("zeldda", &[1, 4, 3, 2][..], Some("zelda")),
        ("zleda", &[1, 4, 3, 2], Some("zelda")),
        ("legnd of zeldda", &[1, 4], Some("legend of zelda")),
        ("final fantsy 7", &[12], Some("final fantasy 7")),
        ("elda", &[1, 4, 3, 2], Some("zelda")),
        ("hedgehgo", &[15], Some("hedgehog")),
        ("hegdehgo", &[15], Some("hedgehog")),
        ("spidermann", &[10, 11], Some("spiderman")),
        // Enough fits, or the title is exact.
        ("zelda", &[3, 2, 1, 4], None),
        ("spiderman", &[11, 10], None),
        ("xyzzy", &[], None),
    ] {
        let page = search(&client, &[("q", q)]).await;
        assert_eq!(ids_of(&page), expected, "{q}");
        assert_eq!(page["searched_for"].as_str(), instead, "{q}");
        let query = "query($q: String!) { games(filter: {q: $q}) { searchedFor totalCount } }";
        let answer = client.graphql(query, json!({ "q": q })).await.expect(200);
        let same = json!({"searchedFor": instead, "totalCount": expected.len()});
        assert_eq!(answer["data"]["games"], same, "{q}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn search_pages_show_each_game_once_in_both_directions() {
    let test = TestApp::new().await;
    list_board(&test).await;
    let client = test.anonymous();
    for (q, expected) in [
        ("zelda", &[3, 2, 1, 4][..]),
        ("spider+man", &[11, 10]),
        ("final+fantasy", &[14, 12, 13]),
        ("zeldda", &[1, 4, 3, 2]),
    ] {
        let reversed: Vec<_> = expected.iter().rev().copied().collect();
        for limit in [1, 2, 3, 100] {
            for sort in ["", "&sort=relevance"] {
                walk(&client, &format!("/games?q={q}{sort}"), limit, expected).await;
            }
            let backwards = format!("/games?q={q}&sort=-relevance");
            walk(&client, &backwards, limit, &reversed).await;
        }
    }
    let all: Vec<_> = (1..=20).collect();
    walk(&client, "/games?sort=relevance", 5, &all).await;
    let others = ids(&client, &[("q", "zelda"), ("not_owner_id", "1")]).await;
    assert_eq!(others, [0; 0]);
    let query = "{ games(filter: {q: \"zelda\"}, orderBy: {field: RELEVANCE, direction: DESCENDING}, last: 2) {
        totalCount nodes { databaseId } } }";
    let answer = client.graphql(query, json!({})).await.expect(200);
    assert_eq!(
        answer["data"]["games"],
        json!({"totalCount": 4, "nodes": [{"databaseId": 2}, {"databaseId": 3}]})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn exact_titles_show_the_newest_listing_first() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let copies = [
        ["Ico", "Sony", "PlayStation 2"],
        ["Ico & Shadow of the Colossus", "Sony", "PlayStation 3"],
        ["ICO", "Sony", "PlayStation 2"],
        ["Ico", "SCEE", "PS2"],
    ];
    fill(&test, &ann, &copies.map(|texts| Listing::new(texts, 2001))).await;
    let client = test.anonymous();
    for limit in [1, 2, 5] {
        walk(&client, "/games?q=ico", limit, &[4, 3, 1, 2]).await;
        walk(
            &client,
            "/games?q=ico&sort=-relevance",
            limit,
            &[2, 1, 3, 4],
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn systems_and_titles_filter_by_their_keys() {
    let test = TestApp::new().await;
    list_board(&test).await;
    let client = test.anonymous();
    for (filter, value, expected) in [
        ("gaming_system", "snes", &[5][..]),
        ("gaming_system", "Super Nintendo", &[5]),
        ("gaming_system", "GENESIS", &[15]),
        ("gaming_system", "psx", &[6, 11, 12, 13]),
        ("gaming_system", "Ouya", &[]),
        ("title_key", "finalfantasy7", &[12]),
        ("title_key", "nothing", &[]),
    ] {
        for sort in ["id", "-name", "-year_published"] {
            let mut found = ids(&client, &[(filter, value), ("sort", sort)]).await;
            found.sort_unstable();
            assert_eq!(found, expected, "{filter}={value}, {sort}");
        }
    }
    let both = ids(&client, &[("q", "fantasy"), ("gaming_system", "ps1")]).await;
    assert_eq!(both, [12, 13]);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_sort_as_in_a_catalogue() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let names = [
        "Zelda II",
        "The Legend of Zelda",
        "ape escape",
        "Final Fantasy X",
        "Final Fantasy IX",
        "Final Fantasy 2",
        "\u{14c}kami",
        "A Boy and His Blob",
        "Oh!",
        "1942",
    ];
    let listings = names.map(|name| Listing::new([name, "P", "NES"], 1990));
    fill(&test, &ann, &listings).await;
    let client = test.anonymous();
    let expected = [10, 3, 8, 6, 5, 4, 2, 9, 7, 1];
    walk(&client, "/games?sort=name", 3, &expected).await;
    let reversed: Vec<_> = expected.iter().rev().copied().collect();
    walk(&client, "/games?sort=-name", 3, &reversed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn relevance_cursor_is_refused_for_another_query() {
    let test = TestApp::new().await;
    list_board(&test).await;
    let orders = ["&sort=-relevance", "&sort=name", "&sort=id", ""];
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
}

#[tokio::test(flavor = "multi_thread")]
async fn search_returns_each_match_once_in_every_order() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    // One in five hundred matches, so neither the first nor the last page fills before the index is used.
    let named = |n: i64| match n % 1000 {
        7 => format!("Rare {}", 5000 - n),
        507 => format!("So rare {}", 5000 - n),
        _ => format!("Filler {}", 5000 - n),
    };
    let listing = |n: i64| Listing::new([&named(n), "P", "NES"], 1980 + (n % 7) as i32);
    fill(&test, &ann, &(0..5000).map(listing).collect::<Vec<_>>()).await;
    let numbers: Vec<i64> = (0..5000).filter(|n| n % 500 == 7).collect();
    let sorted = |by: &dyn Fn(i64) -> i64| {
        let mut numbers = numbers.clone();
        numbers.sort_by_key(|n| (by(*n), *n));
        numbers.iter().map(|n| n + 1).collect::<Vec<_>>()
    };
    let by_name = sorted(&|n| 5000 - n + if n % 1000 == 7 { 0 } else { 10_000 });
    for (sort, expected) in [
        ("id", sorted(&|_| 0)),
        ("name", by_name.clone()),
        ("year_published", sorted(&|n| n % 7)),
        ("relevance", by_name),
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
