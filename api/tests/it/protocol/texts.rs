//! Normalisation and validation of texts.

use jsonschema::validator_for;
use serde_json::{Value, json};

use crate::support::TestApp;

/// Texts, and whether each is valid as one line and as several.
const TEXTS: [(&str, [bool; 2]); 16] = [
    ("Ann", [true, true]),
    ("  Ann\n", [true, true]),
    ("\u{200b}Ann", [true, true]),
    ("👩\u{200d}🚀", [true, true]),
    ("می\u{200c}خواهم", [true, true]),
    ("+", [true, true]),
    ("Ann\nLee", [false, true]),
    ("Ann\u{2028}Lee", [false, true]),
    ("", [false, false]),
    (" \t", [false, false]),
    ("\u{200b}\u{200b}", [false, false]),
    ("\u{3164} \u{115f}", [false, false]),
    ("\u{2800}", [false, false]),
    ("\u{202e}yebbA", [false, false]),
    ("A\u{2067}nn", [false, false]),
    ("A\u{7}nn", [false, false]),
];

fn schema(body: &str, field: &str) -> Value {
    let mut api: Value = serde_json::from_str(api::rest::openapi::json()).unwrap();
    let mut text = api["components"]["schemas"][body]["properties"][field].take();
    text["type"] = json!("string");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn text_is_accepted_exactly_when_its_schema_allows_it() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Ico").await, bob.lists("Okami").await);
    ann.offers(&[mine], &[theirs]).await.unwrap();
    for (path, body, field, kind) in [
        ("/users/1", "UserUpdate", "name", 0),
        ("/games/1", "GameUpdate", "name", 0),
        ("/games/1", "GameUpdate", "publisher", 0),
        ("/games/1", "GameUpdate", "gaming_system", 0),
        ("/offers/1", "OfferUpdate", "message", 1),
    ] {
        let schema = validator_for(&schema(body, field)).unwrap();
        for (text, fits) in TEXTS {
            let answer = ann.client().put(path, json!({field: text})).await;
            let taken = answer.status.is_success();
            let told = format!("{text:?} as the {field} of {path}");
            assert_eq!(
                (taken, schema.is_valid(&json!(text))),
                (fits[kind], fits[kind]),
                "{told}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn name_is_stored_and_found_in_nfc() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let game = json!({"name": "Poke\u{301}mon", "publisher": "Nintendo", "year_published": 1996, "gaming_system": "GB",
        "condition": "good"});
    let made = ann.client().post("/games", game).await.expect(201);
    assert_eq!(made["name"], "Pok\u{e9}mon");
    for spelling in ["Pok%C3%A9mon", "Poke%CC%81mon"] {
        let found = ann
            .client()
            .get(&format!("/games?q={spelling}"))
            .await
            .expect(200);
        assert_eq!(found["_embedded"]["games"][0]["id"], 1, "{spelling}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn search_lists_everything_for_empty_text_alone() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    ann.lists("Ico").await;
    for (q, found) in [
        ("", 1),
        // Blanks, signs and marks.
        ("%20", 0),
        ("%C2%A0", 0),
        ("%E2%80%8B", 0),
        ("%3F%21", 0),
        ("%CC%81%CC%81", 0),
    ] {
        let page = ann.client().get(&format!("/games?q={q}")).await.expect(200);
        let games = page["_embedded"]["games"].as_array().unwrap();
        assert_eq!(games.len(), found, "{q}");
    }
}
