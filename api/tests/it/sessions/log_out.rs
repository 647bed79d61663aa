//! Log out.

use serde_json::json;

use super::{holder, is_user_1, log_in, refresh, register};
use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn log_out_ends_the_session_and_no_other() {
    let test = TestApp::new().await;
    register(&test, "ann").await;
    let elsewhere = log_in(&test, "ann", "pass123").await.expect(200);
    let session = log_in(&test, "ann", "pass123").await.expect(200);
    let token = json!({"refresh_token": session["refresh_token"]});
    assert!(is_user_1(&holder(&test, &session)).await);
    test.anonymous()
        .post("/auth/logout", token.clone())
        .await
        .expect(204);
    test.anonymous()
        .post("/auth/logout", token)
        .await
        .expect(204);
    assert_eq!(
        refresh(&test, &session).await.problem(401),
        "bad_refresh_token"
    );
    assert_eq!(
        holder(&test, &session).get("/games").await.problem(401),
        "bad_token"
    );
    assert!(is_user_1(&holder(&test, &elsewhere)).await);
    refresh(&test, &elsewhere).await.expect(200);
}
