//! Invalid query parameters: the answer is a 4xx problem document that names the parameter.

use crate::protocol::rest::bodies::routes::populated;

/// The lists.
const LISTS: [&str; 7] = [
    "/games",
    "/users",
    "/users/1/games",
    "/offers",
    "/trade-offers",
    "/trade-offers/user/1/sent",
    "/trade-offers/user/2/received",
];

#[tokio::test(flavor = "multi_thread")]
async fn list_names_a_parameter_out_of_range() {
    let test = populated().await;
    let client = test.anonymous();
    let mut table: Vec<(String, &str, &str)> = Vec::new();
    for list in LISTS {
        for (query, parameter, code) in [
            ("limit=0", "limit", "out_of_range"),
            ("limit=-1", "limit", "out_of_range"),
            ("limit=101", "limit", "out_of_range"),
            ("limit=9223372036854775807", "limit", "out_of_range"),
            ("limit=9223372036854775808", "limit", "out_of_range"),
            ("limit=-9223372036854775809", "limit", "out_of_range"),
            ("limit=1&limit=1", "limit", "duplicate"),
            ("page=2", "page", "unknown_field"),
            ("Limit=2", "Limit", "unknown_field"),
            ("=", "", "unknown_field"),
            ("%00=%00", "\0", "unknown_field"),
        ] {
            table.push((format!("{list}?{query}"), parameter, code));
        }
    }
    for (query, parameter, code) in [
        ("/games?condition=new", "condition", "unknown_value"),
        ("/games?condition=Mint", "condition", "unknown_value"),
        ("/games?condition=", "condition", "unknown_value"),
        ("/games?sort=price", "sort", "unknown_value"),
        ("/games?sort=name%00", "sort", "unknown_value"),
        ("/games?year_from=2147483648", "year_from", "out_of_range"),
        ("/games?year_to=-2147483649", "year_to", "out_of_range"),
        (
            "/games?owner_id=9223372036854775808",
            "owner_id",
            "out_of_range",
        ),
        ("/games?q=a%00b", "q", "control_character"),
        ("/games?q=%00", "q", "control_character"),
        ("/games?q=a%0Ab", "q", "control_character"),
        ("/games?q=%0A", "q", "control_character"),
        (
            "/games?gaming_system=%00",
            "gaming_system",
            "control_character",
        ),
        ("/games?title_key=%00", "title_key", "control_character"),
        ("/games/facets?q=a%00b", "q", "control_character"),
        ("/games/facets?condition=new", "condition", "unknown_value"),
        ("/games/facets?sort=id", "sort", "unknown_field"),
        ("/games/facets?limit=1", "limit", "unknown_field"),
        ("/titles?q=a%00b", "q", "control_character"),
        ("/titles?limit=0", "limit", "out_of_range"),
        ("/titles?limit=21", "limit", "out_of_range"),
        ("/titles?sort=name", "sort", "unknown_field"),
        ("/offers?status=open", "status", "unknown_value"),
        ("/offers?status=pending%00", "status", "unknown_value"),
        (
            "/offers?game_id=9223372036854775808",
            "game_id",
            "out_of_range",
        ),
        ("/users?q=ann", "q", "unknown_field"),
    ] {
        table.push((query.to_owned(), parameter, code));
    }
    let padded = format!("x{}", "+".repeat(200));
    table.push((format!("/games?q={padded}"), "q", "too_long"));
    let long = "x".repeat(201);
    for list in ["/games", "/games/facets", "/titles"] {
        table.push((format!("{list}?q={long}"), "q", "too_long"));
    }
    table.push((
        format!("/games?gaming_system={long}"),
        "gaming_system",
        "too_long",
    ));
    for (path, parameter, code) in table {
        let answer = client.get(&path).await;
        let error = &answer.body["errors"][0];
        assert_eq!(
            (
                error["parameter"].as_str(),
                error["code"].as_str(),
                error.get("pointer")
            ),
            (Some(parameter), Some(code), None),
            "{path}: {}",
            answer.text
        );
        assert_eq!(answer.problem(422), "invalid");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn list_rejects_an_unreadable_parameter() {
    let test = populated().await;
    let client = test.anonymous();
    let mut paths: Vec<String> = Vec::new();
    for list in LISTS {
        for query in [
            "limit=many",
            "limit=",
            "limit",
            "limit=1.5",
            "limit=1e2",
            "limit=%00",
            "limit=%FF",
            "limit=0x10",
            "after=nothing",
            "after=%00",
            "after=%FF",
            "after=bnVsbA",
            "after=e30",
            "before=nothing",
            "before=bnVsbA",
            // {"order":"id","value":null,"id":"1"}, {"order":"id","value":1,"id":1}, {"order":"id","value":null,"id":1e99}
            "after=eyJvcmRlciI6ImlkIiwidmFsdWUiOm51bGwsImlkIjoiMSJ9",
            "after=eyJvcmRlciI6ImlkIiwidmFsdWUiOjEsImlkIjoxfQ",
            "before=eyJvcmRlciI6ImlkIiwidmFsdWUiOm51bGwsImlkIjoxZTk5fQ",
        ] {
            paths.push(format!("{list}?{query}"));
        }
    }
    for path in [
        "/games?year_from=soon",
        "/games?year_to=1e3",
        "/games?owner_id=me",
        "/games/facets?year_to=1e3",
        "/titles?limit=many",
        "/offers?game_id=all",
        "/offers?user_id=x",
        "/offers?offerer_id=%00",
        "/trade-offers?receiver_id=1.0",
        // {"order":"name","value":"\u0000","id":1}
        "/games?sort=name&after=eyJvcmRlciI6Im5hbWUiLCJ2YWx1ZSI6Ilx1MDAwMCIsImlkIjoxfQ",
        // {"order":"year_published","value":"1","id":1}
        "/games?sort=year_published&after=eyJvcmRlciI6InllYXJfcHVibGlzaGVkIiwidmFsdWUiOiIxIiwiaWQiOjF9",
    ] {
        paths.push(path.to_owned());
    }
    for path in paths {
        let answer = client.get(&path).await;
        assert_eq!(answer.status, 400, "{path}: {}", answer.text);
        assert_eq!(answer.problem(400), "malformed");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn list_games_searches_for_any_text() {
    let test = populated().await;
    for (query, found) in [
        ("q=metr", 1),
        ("q=%25", 0),
        ("q=_", 0),
        ("q=%5C", 0),
        ("q='%20OR%201=1--", 0),
        ("q=%FF", 0),
        ("q=", 2),
        ("q=%F0%9F%8E%AE", 0),
        ("q=nintendo", 2),
        ("year_from=2147483647", 0),
        ("year_to=-2147483648", 0),
        ("owner_id=-1", 0),
        ("owner_id=9223372036854775807", 0),
        ("gaming_system=NES", 2),
        ("gaming_system=nintendo%20entertainment%20system", 2),
        ("gaming_system=nobody%20knows%20it", 0),
        ("title_key=metroid", 1),
        ("title_key=Metroid", 0),
        ("title_key=%3F", 0),
    ] {
        let body = test
            .anonymous()
            .get(&format!("/games?{query}"))
            .await
            .expect(200);
        assert_eq!(
            body["_embedded"]["games"].as_array().unwrap().len(),
            found,
            "{query}"
        );
    }
}
