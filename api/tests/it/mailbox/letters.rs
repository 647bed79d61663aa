//! Letters: recipients, limits, the GraphQL surface, and the pages that letters link to.

use chrono::TimeDelta;
use serde_json::json;

use super::{CONFIRMATION, RESET, confirm, log_in, registered};
use crate::support::{
    TestApp,
    letters::{BASE, token},
};

#[tokio::test(flavor = "multi_thread")]
async fn offer_letters_go_to_confirmed_addresses_only() {
    let test = TestApp::new().await;
    let welcome = registered(&test).await;
    let bob = test.with_user("bob").await;
    let ann = test.anonymous().with("x-user-id", 1);
    let game = json!({"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2",
        "condition": "good"});
    ann.post("/games", game).await.expect(201);
    let zelda = bob.lists("Zelda").await;
    let offer = async |requested| {
        let body = json!({"offered_game_ids": [1], "requested_game_ids": [requested]});
        ann.post("/offers", body).await.expect(201)
    };
    offer(zelda).await;
    assert_eq!(test.letters().await, [], "neither has confirmed");

    confirm(&test, &token(&welcome[0], CONFIRMATION))
        .await
        .expect(200);
    offer(bob.lists("Mario").await).await;
    let letters = test.letters().await;
    let to: Vec<_> = letters
        .iter()
        .map(|letter| letter.to.email.to_string())
        .collect();
    assert_eq!(to, ["ann@example.com"]);
    assert!(letters[0].text.contains(&format!("{BASE}/offers/2")));
}

#[tokio::test(flavor = "multi_thread")]
async fn register_sends_at_most_five_letters_to_one_address() {
    let test = TestApp::new().await;
    let mut letters = 0;
    for id in 1..=8 {
        letters += registered(&test).await.len();
        let person = test.anonymous().with("x-user-id", id);
        person.delete(&format!("/users/{id}")).await.expect(204);
    }
    assert_eq!(letters, 5);
    test.forward(TimeDelta::minutes(15));
    assert_eq!(registered(&test).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn graphql_sends_the_same_letters_as_rest() {
    let test = TestApp::new().await;
    registered(&test).await;
    let ann = test.anonymous().with("x-user-id", 1);
    let query = "mutation { requestEmailConfirmation(input: {}) { user { databaseId } userErrors { code } } }";
    let asked = ann.graphql(query, json!({})).await.expect(200);
    assert_eq!(
        asked["data"]["requestEmailConfirmation"],
        json!({"user": {"databaseId": 1}, "userErrors": []})
    );
    let confirmation = token(&test.letters().await[0], CONFIRMATION);
    let query = "mutation($input: ConfirmEmailInput!) { confirmEmail(input: $input) { user { name } userErrors { code } } }";
    let variables = json!({"input": {"token": confirmation}});
    let confirmed = test.anonymous().graphql(query, variables.clone()).await;
    assert_eq!(
        confirmed.expect(200)["data"]["confirmEmail"]["user"]["name"],
        "Ann"
    );
    let again = test.anonymous().graphql(query, variables).await;
    assert_eq!(
        again.body["errors"][0]["extensions"]["code"],
        "bad_letter_token"
    );
    let viewer = ann
        .graphql("{ viewer { emailConfirmedAt } }", json!({}))
        .await;
    assert!(viewer.body["data"]["viewer"]["emailConfirmedAt"].is_string());

    let query = "mutation($email: String!) { requestPasswordReset(input: {email: $email}) { accepted userErrors { code } } }";
    for email in ["nobody@example.com", "ann@example.com"] {
        let asked = test
            .anonymous()
            .graphql(query, json!({"email": email}))
            .await;
        assert_eq!(
            asked.expect(200)["data"]["requestPasswordReset"],
            json!({"accepted": true, "userErrors": []})
        );
    }
    let resetting = token(&test.letters().await[0], RESET);
    let query = "mutation($input: ResetPasswordInput!) { resetPassword(input: $input) { user { name } userErrors { field code } } }";
    let reset = async |new| {
        let variables = json!({"input": {"token": resetting, "newPassword": new}});
        test.anonymous().graphql(query, variables).await.expect(200)
    };
    assert_eq!(
        reset("short").await["data"]["resetPassword"]["userErrors"],
        json!([{"field": "newPassword", "code": "too_short"}])
    );
    assert_eq!(
        reset("a new one").await["data"]["resetPassword"]["user"]["name"],
        "Ann"
    );
    log_in(&test, "a new one").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn letter_pages_load_nothing_from_other_hosts() {
    let test = TestApp::new().await;
    for page in [RESET, CONFIRMATION] {
        let answer = test.anonymous().get(page).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(
            answer
                .header("content-security-policy")
                .starts_with("default-src 'none'; script-src 'self';")
        );
        assert!(!answer.text.contains("//"), "{}", answer.text);
        assert!(answer.text.contains("src=\"letters.js\""));
    }
    let script = test.anonymous().get("/auth/letters.js").await;
    assert_eq!(
        script.header("content-type"),
        "text/javascript; charset=utf-8"
    );
}
