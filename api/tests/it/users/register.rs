//! Register an account. Bad fields of any request are in [`crate::protocol::rest::bodies`], letters to confirm the
//! address in [`crate::mailbox`].

use serde_json::json;

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn register_rejects_a_taken_address_in_any_case() {
    let test = TestApp::new().await;
    let body = |email: &str| json!({"name": "Ann", "email": email, "password": "pass123"});
    let answer = test
        .anonymous()
        .post("/users", body("Ann@Example.com"))
        .await;
    assert_eq!(answer.header("location"), "/users/1");
    assert_eq!(answer.expect(201)["email"], "ann@example.com");
    let again = test
        .anonymous()
        .post("/users", body("ann@EXAMPLE.com"))
        .await;
    assert_eq!(again.body["_links"]["login"]["href"], "/auth/login");
    assert_eq!(again.problem(409), "email_taken");
}

#[tokio::test(flavor = "multi_thread")]
async fn register_names_every_bad_field() {
    let test = TestApp::new().await;
    let body = json!({"name": " ", "email": "ann", "password": "p4ss!", "address": "a\u{7}b"});
    let answer = test.anonymous().post("/users", body).await;
    let faults: Vec<_> = answer.body["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| (fault["pointer"].clone(), fault["code"].clone()))
        .collect();
    assert_eq!(
        json!(faults),
        json!([
            ["/name", "empty"],
            ["/email", "not_an_email"],
            ["/street_address", "control_character"],
            ["/password", "too_short"],
        ])
    );
    assert!(
        !answer.text.contains("p4ss!"),
        "the password comes back: {}",
        answer.text
    );
    assert_eq!(answer.problem(422), "invalid");
}
