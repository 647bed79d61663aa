//! Refresh tokens: rotation and reuse.

use chrono::TimeDelta;
use serde_json::json;

use super::{log_in, refresh, register};
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn refresh_rotates_and_accepts_a_retry_for_ten_seconds() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let first = log_in(&test, "ann", "pass123").await.expect(200);
    let second = refresh(&test, &first).await.expect(200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    test.forward(TimeDelta::seconds(9));
    let sibling = refresh(&test, &first).await.expect(200);
    assert_ne!(sibling["refresh_token"], second["refresh_token"]);
    refresh(&test, &second).await.expect(200);
    refresh(&test, &sibling).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_with_a_used_token_revokes_the_family() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let elsewhere = log_in(&test, "ann", "pass123").await.expect(200);
    let first = log_in(&test, "ann", "pass123").await.expect(200);
    let second = refresh(&test, &first).await.expect(200);
    test.forward(TimeDelta::seconds(11));
    assert_eq!(
        refresh(&test, &first).await.problem(401),
        "bad_refresh_token"
    );
    assert_eq!(
        refresh(&test, &second).await.problem(401),
        "bad_refresh_token",
        "the thief's, or the victim's"
    );
    refresh(&test, &elsewhere).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_refreshes_leave_one_working_family() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    let answers = futures_util::future::join_all((0..16).map(|_| refresh(&test, &session))).await;
    for answer in answers {
        refresh(&test, &answer.expect(200)).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn refresh_rejects_expired_and_unknown_tokens() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    assert_eq!(
        refresh(&test, &json!({"refresh_token": "made up"}))
            .await
            .problem(401),
        "bad_refresh_token"
    );
    test.forward(TimeDelta::days(30));
    assert_eq!(
        refresh(&test, &session).await.problem(401),
        "bad_refresh_token"
    );
}
