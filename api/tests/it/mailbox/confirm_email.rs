//! Confirm an e-mail address.

use serde_json::{Value, json};

use super::{CONFIRMATION, confirm, me, registered};
use crate::support::{TestApp, letters::token};

#[tokio::test(flavor = "multi_thread")]
async fn confirm_email_works_once_with_the_letters_token() {
    let test = TestApp::new().await;
    let letters = registered(&test).await;
    assert_eq!(letters.len(), 1);
    assert_eq!(letters[0].to.email.to_string(), "ann@example.com");
    let before = me(&test).await;
    assert_eq!(before["email_confirmed_at"], Value::Null);
    assert_eq!(
        before["_links"]["confirm_email"],
        json!({"href": "/users/1/email-confirmation", "method": "POST"})
    );

    let token = token(&letters[0], CONFIRMATION);
    let told = confirm(&test, &token).await.expect(200);
    assert!(told["detail"].as_str().unwrap().contains("is confirmed"));
    let after = me(&test).await;
    assert!(after["email_confirmed_at"].is_string());
    assert!(after["_links"].get("confirm_email").is_none());
    assert_eq!(
        confirm(&test, &token).await.problem(401),
        "bad_letter_token",
        "used up"
    );
    let again = test.anonymous().with("x-user-id", 1);
    let again = again.post("/users/1/email-confirmation", json!({})).await;
    assert_eq!(again.problem(409), "email_confirmed");
}

#[tokio::test(flavor = "multi_thread")]
async fn register_confirms_the_address_in_development() {
    let mut test = TestApp::new().await;
    test.identity(|identity| identity.trust_email = true);
    let letters = registered(&test).await;
    assert!(me(&test).await["email_confirmed_at"].is_string());
    assert!(
        !letters[0].text.contains(CONFIRMATION),
        "{}",
        letters[0].text
    );
}
