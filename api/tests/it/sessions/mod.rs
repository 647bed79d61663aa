//! Sessions: log in, refresh and log out; access tokens and X-User-ID ([`credentials`]); the limits on wrong passwords
//! ([`throttle`]) and on the rate of log-ins ([`rate_limit`]).

mod credentials;
mod log_in;
mod log_out;
mod rate_limit;
mod refresh;
mod throttle;

use serde_json::{Value, json};

use crate::support::{
    TestApp,
    http::{Answer, Client},
};

/// Registers a user in REST. Returns the id.
pub async fn register(test: &TestApp, name: &str) -> i64 {
    let body = json!({"name": name, "email": format!("{name}@example.com"), "password": "pass123"});
    test.anonymous().post("/users", body).await.expect(201)["id"]
        .as_i64()
        .unwrap()
}

/// Registers a user and logs in. Returns the session.
pub async fn session(test: &TestApp, name: &str) -> Value {
    let id = register(test, name).await;
    let mut session = log_in(test, name, "pass123").await.expect(200);
    session["user_id"] = id.into();
    session
}

pub async fn log_in(test: &TestApp, name: &str, password: &str) -> Answer {
    log_in_from(&test.anonymous(), name, password).await
}

pub async fn log_in_from(client: &Client, name: &str, password: &str) -> Answer {
    let body = json!({"email": format!("{name}@example.com"), "password": password});
    client.post("/auth/login", body).await
}

pub async fn refresh(test: &TestApp, session: &Value) -> Answer {
    test.anonymous()
        .post(
            "/auth/refresh",
            json!({"refresh_token": session["refresh_token"]}),
        )
        .await
}

pub fn bearer(test: &TestApp, token: &str) -> Client {
    test.anonymous()
        .with("authorization", format!("Bearer {token}"))
}

pub fn holder(test: &TestApp, session: &Value) -> Client {
    bearer(test, session["access_token"].as_str().unwrap())
}

/// Returns whether the client is identified as user 1, who sees their own e-mail address.
pub async fn is_user_1(client: &Client) -> bool {
    client
        .get("/users/1")
        .await
        .expect(200)
        .get("email")
        .is_some()
}
