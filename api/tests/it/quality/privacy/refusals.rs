//! Refused requests that contain private values.

use serde_json::{Value, json};

use super::people::{Exchange, Log};

#[tokio::test]
async fn refusals_do_not_echo_private_input() {
    let (log, _logging) = Log::begin();
    let exchange = Exchange::new().await;
    let [anonymous, _, bob, ann] = exchange.clients();
    let access = |name: &str| {
        let wanted = format!("{name}-access");
        let found = exchange.secrets.iter().find(|(name, _)| *name == wanted);
        found.unwrap().1.clone()
    };
    let forged = anonymous.with("authorization", format!("Bearer {}x", access("ann")));
    let basic = anonymous.with("authorization", format!("Basic {}", access("ann")));
    let two = ann.with("x-user-id", 2);
    let named = anonymous.with("x-user-id", access("bob"));
    let login = |password: Value| json!({"email": "ann-mailbox@example.com", "password": password});
    let register = |field: &str, value: Value| {
        let mut body = json!({"name": "dee", "email": "dee-mailbox@example.com", "password": "dee-passphrase",
            "street_address": "dee-lane 1"});
        body[field] = value;
        body
    };
    let refresh = |token: &str| json!({"refresh_token": token});
    let passwords = |new: Value| json!({"current_password": "bob-passphrase", "new_password": new});
    let table = [
        (
            &anonymous,
            "POST",
            "/auth/login",
            login(json!("dee-passphrase")),
            401,
        ),
        (
            &anonymous,
            "POST",
            "/auth/login",
            login(json!(["ann-passphrase"])),
            422,
        ),
        (
            &anonymous,
            "POST",
            "/auth/login",
            login(json!({"ann-passphrase": 1})),
            422,
        ),
        (
            &anonymous,
            "POST",
            "/auth/login",
            login(json!("ann-passphrase".repeat(40))),
            401,
        ),
        (
            &anonymous,
            "POST",
            "/auth/login",
            json!(["ann-mailbox@example.com", "ann-passphrase"]),
            422,
        ),
        (
            &anonymous,
            "POST",
            "/auth/login",
            json!("ann-passphrase"),
            422,
        ),
        (
            &anonymous,
            "POST",
            "/auth/refresh",
            refresh("dee-passphrase"),
            401,
        ),
        (
            &anonymous,
            "POST",
            "/auth/refresh",
            refresh(&access("ann")),
            401,
        ),
        (
            &anonymous,
            "POST",
            "/auth/refresh",
            json!({"refresh_token": [exchange.refresh_token()]}),
            422,
        ),
        (
            &anonymous,
            "POST",
            "/users",
            register("email", json!("ANN-mailbox@example.com")),
            409,
        ),
        (
            &anonymous,
            "POST",
            "/users",
            register("email", json!("dee-mailbox@")),
            422,
        ),
        (
            &anonymous,
            "POST",
            "/users",
            register("email", json!(["dee-mailbox@example.com"])),
            422,
        ),
        (
            &anonymous,
            "POST",
            "/users",
            register("street_address", json!("dee-lane".repeat(100))),
            422,
        ),
        (
            &anonymous,
            "POST",
            "/users",
            register("street_address", json!(["dee-lane"])),
            422,
        ),
        (
            &anonymous,
            "POST",
            "/users",
            register("password", json!("dee-passphrase".repeat(40))),
            422,
        ),
        (
            &anonymous,
            "POST",
            "/users",
            register("name", json!(null)),
            422,
        ),
        (
            &ann,
            "PUT",
            "/users/1",
            json!({"email": "dee-mailbox@example.com"}),
            409,
        ),
        (
            &ann,
            "PUT",
            "/users/2",
            json!({"street_address": "dee-lane"}),
            403,
        ),
        (
            &bob,
            "PUT",
            "/users/2/password",
            passwords(json!(["dee-passphrase"])),
            422,
        ),
        (
            &bob,
            "PUT",
            "/users/2/password",
            passwords(json!("dee-passphrase".repeat(40))),
            422,
        ),
        (
            &bob,
            "PUT",
            "/users/2/password",
            json!({"new_password": "dee-passphrase"}),
            403,
        ),
        (
            &ann,
            "PUT",
            "/users/1/password",
            json!({"current_password": "dee-passphrase",
            "new_password": "dee-passphrase"}),
            403,
        ),
        (
            &ann,
            "POST",
            "/offers",
            json!({"offered_game_id": 1, "requested_game_id": 11,
            "message": "for-your-eyes-only"}),
            409,
        ),
        (
            &ann,
            "POST",
            "/offers",
            json!({"offered_game_id": 1, "requested_game_id": 11,
            "message": ["for-your-eyes-only"]}),
            422,
        ),
        (
            &bob,
            "PUT",
            "/offers/1",
            json!({"message": "for-your-eyes-only"}),
            403,
        ),
        (
            &ann,
            "PUT",
            "/offers/2",
            json!({"message": "for-your-eyes-only"}),
            409,
        ),
        (&forged, "GET", "/users/1", Value::Null, 401),
        (&basic, "GET", "/users/1", Value::Null, 401),
        (&two, "GET", "/users/1", Value::Null, 401),
        (&named, "GET", "/users/1", Value::Null, 401),
    ];
    for (client, method, path, body, status) in table {
        let told = format!("{method} {path} {body}");
        let body = (!body.is_null()).then_some(body);
        let answer = client.call(method.parse().unwrap(), path, body).await;
        assert_eq!(answer.status, status, "{told}: {}", answer.text);
        exchange.shows(&answer, "", &told);
    }
    exchange.kept_to_itself(&log, 10).await;
}
