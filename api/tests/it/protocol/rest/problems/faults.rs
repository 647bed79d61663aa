//! All errors of a body or a query are reported in one answer.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};

use crate::support::{TestApp, http::Answer};

/// Returns the pointer and code of each error of the answer.
fn faults(answer: &Answer) -> Vec<(&str, &str)> {
    assert_eq!(answer.status, 422, "{}", answer.text);
    let errors = answer.body["errors"].as_array().unwrap();
    let text = |value: &'_ Value| -> &'static str { value.as_str().unwrap().to_owned().leak() };
    errors
        .iter()
        .map(|error| (text(&error["pointer"]), text(&error["code"])))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn write_names_each_wrong_missing_and_unknown_field() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let game =
        json!({"publisher": 7, "year_published": "1990", "condition": "new", "colour": "red"});
    let answer = ann.post("/games", game).await;
    let mut found = faults(&answer);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("/colour", "unknown_field"),
            ("/condition", "unknown_value"),
            ("/gaming_system", "missing"),
            ("/name", "missing"),
            ("/publisher", "wrong_type"),
            ("/year_published", "wrong_type"),
        ]
    );
    let detail = answer.body["detail"].as_str().unwrap();
    for (pointer, _) in found {
        assert!(detail.contains(&format!("`{pointer}`")), "{detail}");
    }
    let offer = json!({"offered_game_ids": [1, "2", "3"], "requested_game_ids": {}});
    let answer = ann.post("/offers", offer).await;
    let expected = [
        ("/offered_game_ids/1", "wrong_type"),
        ("/requested_game_ids", "wrong_type"),
    ];
    assert_eq!(faults(&answer), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn write_names_at_most_twenty_faults() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let many: serde_json::Map<_, _> = (0..500).map(|n| (format!("field{n}"), json!(n))).collect();
    let answer = ann.post("/games", many.into()).await;
    assert_eq!(faults(&answer).len(), 20, "{}", answer.text);
}

#[tokio::test(flavor = "multi_thread")]
async fn write_names_unreadable_and_invalid_fields_together() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let game = json!({"name": " ", "publisher": 7, "year_published": 1949, "condition": "new", "previous_owners": 1001});
    let offer = json!({"offered_game_ids": [], "requested_game_id": "2", "message": " "});
    let sided = json!({"offered_game_ids": [], "requester_id": true});
    let user = json!({"name": "Bob", "email": "bob", "password": "short", "nick": "bob"});
    let change = json!({"name": "", "street_address": 1});
    let password = json!({"new_password": "short", "current_password": null});
    for (method, path, body, expected) in [
        (
            Method::POST,
            "/games",
            game,
            &[
                ("/condition", "unknown_value"),
                ("/gaming_system", "missing"),
                ("/name", "empty"),
                ("/previous_owners", "out_of_range"),
                ("/publisher", "wrong_type"),
                ("/year_published", "out_of_range"),
            ][..],
        ),
        (
            Method::POST,
            "/offers",
            offer,
            &[
                ("/message", "empty"),
                ("/offered_game_ids", "out_of_range"),
                ("/requested_game_id", "wrong_type"),
            ],
        ),
        (
            Method::POST,
            "/offers",
            sided,
            &[
                ("/offered_game_ids", "out_of_range"),
                ("/requested_game_ids", "out_of_range"),
                ("/requester_id", "wrong_type"),
            ],
        ),
        (
            Method::POST,
            "/users",
            user,
            &[
                ("/email", "not_an_email"),
                ("/nick", "unknown_field"),
                ("/password", "too_short"),
            ],
        ),
        (
            Method::PUT,
            "/users/1",
            change,
            &[("/name", "empty"), ("/street_address", "wrong_type")],
        ),
        (
            Method::PUT,
            "/users/1/password",
            password,
            &[
                ("/current_password", "wrong_type"),
                ("/new_password", "too_short"),
            ],
        ),
    ] {
        let answer = ann.call(method, path, Some(body)).await;
        let mut found = faults(&answer);
        found.sort_unstable();
        assert_eq!(found, expected, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn write_names_other_faults_beside_a_repeated_field() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let body = r#"{"name": "Ico", "name": 1, "name": 2, "publisher": true, "year_published": 1}"#;
    let request = Request::post("/games").header("content-type", "application/json");
    let answer = ann.send(request.body(Body::from(body)).unwrap()).await;
    let mut found = faults(&answer);
    found.sort_unstable();
    let expected = [
        ("/condition", "missing"),
        ("/gaming_system", "missing"),
        ("/name", "duplicate"),
        ("/publisher", "wrong_type"),
        ("/year_published", "out_of_range"),
    ];
    assert_eq!(found, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn write_names_other_faults_beside_two_names_of_a_field() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    for (change, expected) in [
        (
            json!({"address": "1 Road", "street_address": "2 Road", "name": " "}),
            [("/street_address", "duplicate"), ("/name", "empty")],
        ),
        (
            json!({"address": "1 Road", "name": 1, "street_address": "2 Road"}),
            [("/name", "wrong_type"), ("/street_address", "duplicate")],
        ),
    ] {
        let answer = ann.call(Method::PUT, "/users/1", Some(change)).await;
        assert_eq!(faults(&answer), expected);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn write_accepts_a_whole_number_written_as_a_fraction() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let send = async |year: &str| {
        let body = format!(
            r#"{{"name": "Ico", "publisher": "Sony", "year_published": {year}, "gaming_system": "PS2", "condition": "mint"}}"#
        );
        let request = Request::post("/games").header("content-type", "application/json");
        ann.send(request.body(Body::from(body)).unwrap()).await
    };
    for year in ["1990.0", "1.99e3", "1990.000"] {
        assert_eq!(send(year).await.expect(201)["year_published"], 1990);
    }
    for year in ["1990.5", "1e300", "1e-3"] {
        assert_eq!(
            faults(&send(year).await),
            [("/year_published", "wrong_type")]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn list_names_each_bad_parameter() {
    let test = TestApp::new().await;
    let long = "x".repeat(201);
    for (path, status, code, expected) in [
        (
            format!("/games?sort=price&condition=new&page=2&limit=0&q={long}"),
            422,
            "invalid",
            &[
                ("condition", "unknown_value"),
                ("limit", "out_of_range"),
                ("page", "unknown_field"),
                ("q", "too_long"),
                ("sort", "unknown_value"),
            ][..],
        ),
        (
            format!("/games?limit=0&after=nothing&q={long}"),
            400,
            "malformed",
            &[
                ("after", "not_a_cursor"),
                ("limit", "out_of_range"),
                ("q", "too_long"),
            ],
        ),
        (
            "/games?year_from=soon&year_to=99999999999&limit=0&limit=0&before=nothing".to_owned(),
            400,
            "malformed",
            &[
                ("before", "not_a_cursor"),
                ("limit", "duplicate"),
                ("year_from", "wrong_type"),
                ("year_to", "out_of_range"),
            ],
        ),
        (
            "/offers?user_id=1&receiver_id=2&offerer_id=x&status=open&expand=all".to_owned(),
            400,
            "malformed",
            &[
                ("expand", "unknown_value"),
                ("offerer_id", "wrong_type"),
                ("receiver_id", "duplicate"),
                ("status", "unknown_value"),
            ],
        ),
        (
            "/users?limit=many&before=x".to_owned(),
            400,
            "malformed",
            &[("before", "not_a_cursor"), ("limit", "wrong_type")],
        ),
    ] {
        let answer = test.anonymous().get(&path).await;
        let errors = answer.body["errors"].as_array().unwrap().iter();
        let mut found: Vec<_> = errors
            .map(|error| [&error["parameter"], &error["code"]].map(|text| text.as_str().unwrap()))
            .map(|[parameter, code]| (parameter, code))
            .collect();
        found.sort_unstable();
        assert_eq!(found, expected, "{path}");
        assert_eq!(answer.problem(status), code, "{path}");
    }
}
