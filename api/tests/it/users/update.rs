//! Update an account.

use serde_json::json;

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn update_changes_sent_fields_but_never_the_email_address() {
    let test = TestApp::new().await;
    let (ann, bob) = (test.with_user("ann").await, test.with_user("bob").await);
    let body = json!({"name": "Annie", "email": "ANN@example.com"});
    let annie = ann.client().put("/users/1", body).await.expect(200);
    assert_eq!(
        (&annie["name"], &annie["street_address"]),
        (&json!("Annie"), &json!("ann's street 1"))
    );
    let moved = ann
        .client()
        .put("/users/1", json!({"address": null}))
        .await
        .expect(200);
    assert_eq!(moved.get("street_address"), None);
    assert_eq!(
        ann.client()
            .put("/users/1", json!({"email": "a@b.example"}))
            .await
            .problem(409),
        "email_fixed"
    );
    assert_eq!(
        bob.client()
            .put("/users/1", json!({"name": "Bob"}))
            .await
            .problem(403),
        "only_self"
    );
    assert_eq!(
        bob.client()
            .put("/users/9", json!({"name": "Bob"}))
            .await
            .problem(404),
        "user_not_found"
    );
}
