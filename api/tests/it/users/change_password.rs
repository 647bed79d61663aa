//! Change a password.

use serde_json::json;

use crate::{
    sessions::{holder, is_user_1, log_in, refresh, register},
    support::TestApp,
};

#[tokio::test(flavor = "multi_thread")]
async fn change_password_needs_the_current_one_and_ends_all_sessions() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    let ann = holder(&test, &session);
    let change = |current: &str| json!({"current_password": current, "new_password": "new pass"});
    let unasked = ann
        .put("/users/1/password", json!({"new_password": "new pass"}))
        .await;
    assert_eq!(unasked.problem(403), "current_password_required");
    assert_eq!(
        ann.put("/users/1/password", change("guess1"))
            .await
            .problem(403),
        "wrong_password"
    );
    assert!(is_user_1(&ann).await, "a refusal ends nothing");
    ann.put("/users/1/password", change("pass123"))
        .await
        .expect(200);
    assert_eq!(ann.get("/games").await.problem(401), "bad_token");
    assert_eq!(
        refresh(&test, &session).await.problem(401),
        "bad_refresh_token"
    );
    assert_eq!(
        log_in(&test, "ann", "pass123").await.problem(401),
        "bad_credentials"
    );
    log_in(&test, "ann", "new pass").await.expect(200);
    let outbox = test.outbox().await;
    let told: Vec<_> = outbox
        .iter()
        .map(|event| (event.r#type.as_str(), event.aggregate_seq))
        .collect();
    assert_eq!(told, [("user.registered", 1), ("user.password_changed", 2)]);
    for event in outbox {
        assert_eq!(event.payload, json!({"user_id": 1, "name": "ann"}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn change_password_counts_wrong_guesses() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    let guess = json!({"current_password": "guess1", "new_password": "new pass"});
    for _ in 0..10 {
        assert_eq!(
            holder(&test, &session)
                .put("/users/1/password", guess.clone())
                .await
                .problem(403),
            "wrong_password"
        );
    }
    let answer = holder(&test, &session)
        .put("/users/1/password", guess)
        .await;
    assert_eq!(answer.problem(429), "too_many_failures");
}

#[tokio::test(flavor = "multi_thread")]
async fn change_password_of_another_user_is_refused() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    register(&test, "bob").await;
    let bob = test.anonymous().with("x-user-id", 2);
    let body = json!({"new_password": "new pass"});
    assert_eq!(
        bob.put("/users/1/password", body.clone())
            .await
            .problem(403),
        "only_self"
    );
    bob.put("/users/2/password", body).await.expect(200);
    log_in(&test, "ann", "pass123").await.expect(200);
}
