//! Actions by e-mail: confirm an address, reset a password.

mod confirm_email;
mod letters;
mod reset_password;
mod tokens;

use notifier::letters::Letter;
use serde_json::{Value, json};

use crate::support::{TestApp, http::Answer};

const CONFIRMATION: &str = "/auth/email-confirmation";
const RESET: &str = "/auth/password-reset";

/// Registers ann and returns her letters.
async fn registered(test: &TestApp) -> Vec<Letter> {
    let body = json!({"name": "Ann", "email": "Ann@Example.com", "password": "pass123"});
    test.anonymous().post("/users", body).await.expect(201);
    test.letters().await
}

async fn log_in(test: &TestApp, password: &str) -> Answer {
    let body = json!({"email": "ann@example.com", "password": password});
    test.anonymous().post("/auth/login", body).await
}

async fn ask(test: &TestApp, email: &str) -> Answer {
    test.anonymous().post(RESET, json!({"email": email})).await
}

async fn reset(test: &TestApp, token: &str, password: &str) -> Answer {
    let body = json!({"token": token, "new_password": password});
    test.anonymous()
        .post("/auth/password-reset/confirm", body)
        .await
}

async fn confirm(test: &TestApp, token: &str) -> Answer {
    test.anonymous()
        .post(CONFIRMATION, json!({"token": token}))
        .await
}

async fn me(test: &TestApp) -> Value {
    test.anonymous()
        .with("x-user-id", 1)
        .get("/users/1")
        .await
        .expect(200)
}
