//! The tokens of letters: purpose, lifetime, single use and revocation.

use chrono::TimeDelta;
use entity::letter_token;
use futures_util::future::join_all;
use sea_orm::{EntityTrait, PaginatorTrait};
use serde_json::json;

use super::{CONFIRMATION, RESET, ask, confirm, log_in, registered, reset};
use crate::support::{TestApp, http::Answer, letters::token};

#[tokio::test(flavor = "multi_thread")]
async fn letter_token_is_valid_for_its_purpose_and_time() {
    let test = TestApp::new().await;
    let welcome = registered(&test).await;
    ask(&test, "ann@example.com").await.expect(202);
    let letters = test.letters().await;
    let (confirmation, resetting) = (token(&welcome[0], CONFIRMATION), token(&letters[0], RESET));
    for answer in [
        reset(&test, &confirmation, "a new one").await,
        confirm(&test, &resetting).await,
        reset(&test, "", "a new one").await,
        confirm(&test, "made up").await,
    ] {
        assert_eq!(answer.problem(401), "bad_letter_token");
    }
    assert_eq!(
        reset(&test, &resetting, "short").await.problem(422),
        "invalid"
    );
    test.forward(TimeDelta::hours(1));
    assert_eq!(
        reset(&test, &resetting, "a new one").await.problem(401),
        "bad_letter_token",
        "too old"
    );
    log_in(&test, "pass123").await.expect(200);
    confirm(&test, &confirmation).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn letter_token_works_once_when_used_concurrently() {
    let test = TestApp::new().await;
    let welcome = registered(&test).await;
    ask(&test, "ann@example.com").await.expect(202);
    let letters = test.letters().await;
    let (confirmation, resetting) = (token(&welcome[0], CONFIRMATION), token(&letters[0], RESET));
    let passwords: Vec<_> = (0..8).map(|number| format!("password {number}")).collect();
    let confirms = (0..32).map(|_| confirm(&test, &confirmation));
    let resets = passwords.iter().map(|new| reset(&test, &resetting, new));
    let worked = |answers: Vec<Answer>| {
        let worked = answers.iter().enumerate();
        let worked = worked.filter(|(_, answer)| answer.status == 200);
        worked.map(|(number, _)| number).collect::<Vec<_>>()
    };
    assert_eq!(worked(join_all(confirms).await).len(), 1);
    let reset_by = worked(join_all(resets).await);
    assert_eq!(reset_by.len(), 1);
    log_in(&test, &passwords[reset_by[0]]).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn password_change_and_delete_revoke_letter_tokens() {
    let test = TestApp::new().await;
    registered(&test).await;
    ask(&test, "ann@example.com").await.expect(202);
    let old = token(&test.letters().await[0], RESET);
    let ann = test.anonymous().with("x-user-id", 1);
    let body = json!({"new_password": "pass124"});
    ann.put("/users/1/password", body).await.expect(200);
    assert_eq!(
        reset(&test, &old, "a new one").await.problem(401),
        "bad_letter_token"
    );
    ask(&test, "ann@example.com").await.expect(202);
    let last = token(&test.letters().await[0], RESET);
    ann.delete("/users/1").await.expect(204);
    assert_eq!(
        reset(&test, &last, "a new one").await.problem(401),
        "bad_letter_token"
    );
    let left = letter_token::Entity::find()
        .count(test.app.database.reader())
        .await
        .unwrap();
    assert_eq!(left, 0);
}
