//! A body with several faults hears of all of them in one answer.

use serde_json::{Value, json};

use crate::support::{TestApp, http::Answer};

/// Each fault of the answer, as a pointer and a code.
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
async fn write_with_several_fields_wrong_missing_and_unknown_names_each() {
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
async fn write_with_many_unknown_fields_names_twenty_faults() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let many: serde_json::Map<_, _> = (0..500).map(|n| (format!("field{n}"), json!(n))).collect();
    let answer = ann.post("/games", many.into()).await;
    assert_eq!(faults(&answer).len(), 20, "{}", answer.text);
}
