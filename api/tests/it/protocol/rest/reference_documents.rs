//! The commands and endpoints of the two reference documents, word for word: method, path and body. Where a document
//! names no user, X-User-ID does.

use axum::{
    body::Body,
    http::{Method, Request},
};
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    http::{Answer, Client},
};

/// Sends the request of a curl command, with the document's own body.
async fn curl(client: &Client, method: Method, path: &str, body: &'static str) -> Answer {
    let request = Request::builder().method(method).uri(path);
    let request = request.header("content-type", "application/json");
    client.send(request.body(Body::from(body)).unwrap()).await
}

/// Returns a client for this user, by X-User-ID.
fn user(test: &TestApp, id: i64) -> Client {
    test.anonymous().with("X-User-ID", id)
}

/// Creates the users and games of the examples: users 1 and 2, each with the game of the same number.
async fn two_people_with_a_game_each() -> TestApp {
    let test = TestApp::new().await;
    for (id, name, game) in [(1, "Abbey", "Metroid"), (2, "Ben", "Zelda")] {
        let person = json!({"name": name, "email": format!("{name}@example.com"), "password": "pass123",
            "street_address": format!("{id} Street")});
        let person = test.anonymous().post("/users", person).await.expect(201);
        assert_eq!(person["id"], id);
        let game = json!({"name": game, "publisher": "Nintendo", "year_published": 1986, "gaming_system": "NES",
            "condition": "good", "previous_owners": 1});
        let game = user(&test, id).post("/games", game).await.expect(201);
        assert_eq!(game["id"], id);
    }
    test
}

/// Removes links, times and global ids from the body.
fn plain(mut body: Value) -> Value {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                let apart = "_links _templates node_id created_at updated_at";
                for name in apart.split(' ') {
                    fields.remove(name);
                }
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    strip(&mut body);
    body
}

/// Returns offer 1, of game 1 for game 2, as everybody sees it.
fn offer_1(status: &str) -> Value {
    let mut offer = json!({
        "id": 1, "status": status,
        "offerer_id": 1, "requester_id": 1, "receiver_id": 2,
        "offered_game_id": 1, "requested_game_id": 2,
        "offered_game_ids": [1], "requested_game_ids": [2],
        "offered_games": [{"id": 1, "name": "Metroid"}],
        "requested_games": [{"id": 2, "name": "Zelda"}],
        "offerer": {"id": 1, "name": "Abbey"},
        "receiver": {"id": 2, "name": "Ben"},
    });
    if status == "pending" {
        offer["awaiting"] = json!("receiver");
    }
    offer
}

async fn owners(test: &TestApp) -> [Value; 2] {
    let client = test.anonymous();
    let owner = async |path| client.get(path).await.expect(200)["owner_id"].clone();
    [owner("/games/1").await, owner("/games/2").await]
}

#[tokio::test(flavor = "multi_thread")]
async fn whoami_names_the_container_and_the_host() {
    let test = TestApp::new().await;
    let body = plain(test.anonymous().get("/whoami").await.expect(200));
    assert_eq!(body["container_name"], "api1");
    assert!(!body["host_name"].as_str().unwrap().is_empty());
    assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn post_users_works_as_in_the_client_document() {
    let test = TestApp::new().await;
    let body = r#"{"name":"Abbey","email":"abbey@example.com","password":"pass123","address":"123 Street"}"#;
    let answer = curl(&test.anonymous(), Method::POST, "/users", body).await;
    assert_eq!(answer.header("location"), "/users/1");
    let abbey = json!({"id": 1, "name": "Abbey", "email": "abbey@example.com", "email_confirmed_at": null,
        "street_address": "123 Street"});
    assert_eq!(plain(answer.expect(201)), abbey);
    let login = json!({"email": "abbey@example.com", "password": "pass123"});
    test.anonymous()
        .post("/auth/login", login)
        .await
        .expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn offers_work_as_in_the_client_document() {
    let test = two_people_with_a_game_each().await;
    let one = user(&test, 1);
    let body = r#"{"offered_game_id":1,"requested_game_id":2}"#;
    let made = curl(&one, Method::POST, "/offers", body).await;
    assert_eq!(made.header("location"), "/offers/1");
    assert_eq!(plain(made.expect(201)), offer_1("pending"));

    let accepted = curl(&one, Method::PUT, "/offers/1", r#"{"status":"accepted"}"#).await;
    assert_eq!(
        plain(accepted.expect(200)),
        offer_1("pending"),
        "their own consent takes no game"
    );
    assert_eq!(owners(&test).await, [1, 2]);

    let received = test.anonymous().get("/offers?user_id=2").await.expect(200);
    assert_eq!(
        plain(received),
        json!({"_embedded": {"offers": [offer_1("pending")]}})
    );
    let none = test.anonymous().get("/offers?user_id=1").await.expect(200);
    assert_eq!(
        plain(none),
        json!({"_embedded": {"offers": []}}),
        "user 1 received nothing"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn python_calls_work_as_in_the_client_document() {
    let test = two_people_with_a_game_each().await;
    let users = test.anonymous().get("/users").await.expect(200);
    let people = json!([{"id": 1, "name": "Abbey"}, {"id": 2, "name": "Ben"}]);
    assert_eq!(plain(users), json!({"_embedded": {"users": people}}));

    let unknown = test
        .anonymous()
        .with("authorization", "Bearer SuperSecretToken");
    assert_eq!(unknown.get("/users").await.problem(401), "bad_token");
    let login = json!({"email": "abbey@example.com", "password": "pass123"});
    let session = test
        .anonymous()
        .post("/auth/login", login)
        .await
        .expect(200);
    let token = session["access_token"].as_str().unwrap();
    let authenticated = test
        .anonymous()
        .with("authorization", format!("Bearer {token}"));

    let offer = json!({"offered_game_id": 1, "requested_game_id": 2, "requester_id": 1});
    let made = authenticated.post("/offers", offer).await.expect(201);
    assert_eq!(plain(made), offer_1("pending"));
    let updated = authenticated
        .put("/offers/1", json!({"status": "accepted"}))
        .await;
    assert_eq!(plain(updated.expect(200)), offer_1("pending"));
    let offers = authenticated.get("/offers?user_id=2").await.expect(200);
    assert_eq!(
        plain(offers),
        json!({"_embedded": {"offers": [offer_1("pending")]}})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn put_password_works_as_in_the_trading_document() {
    let test = two_people_with_a_game_each().await;
    let body = r#"{"new_password": "newpassword123"}"#;
    curl(&user(&test, 1), Method::PUT, "/users/1/password", body)
        .await
        .expect(200);
    let login = async |password| {
        let body = json!({"email": "abbey@example.com", "password": password});
        test.anonymous().post("/auth/login", body).await
    };
    login("newpassword123").await.expect(200);
    assert_eq!(login("pass123").await.problem(401), "bad_credentials");
    assert_eq!(
        test.events().await.last(),
        Some(&("user.password_changed".to_owned(), 1))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn trade_offers_work_as_in_the_trading_document() {
    let test = two_people_with_a_game_each().await;
    let body = r#"{"offered_game_id": 1, "requested_game_id": 2}"#;
    let made = curl(&user(&test, 1), Method::POST, "/trade-offers", body).await;
    assert_eq!(plain(made.expect(201)), offer_1("pending"));

    let accepted = user(&test, 2)
        .act("/trade-offers/1/accept")
        .await
        .expect(200);
    let mut settled = offer_1("accepted");
    settled["offerer_address"] = json!("1 Street");
    settled["receiver_address"] = json!("2 Street");
    assert_eq!(plain(accepted), settled);
    assert_eq!(owners(&test).await, [2, 1]);
    let game = test.anonymous().get("/games/1").await.expect(200);
    assert_eq!(game["previous_owners"], 2, "one more than was listed");
    let events = ["offer.created", "offer.accepted"].map(|event| (event.to_owned(), 1));
    assert!(test.events().await.ends_with(&events));
}

#[tokio::test(flavor = "multi_thread")]
async fn head_of_home_names_the_instance() {
    let mut test = TestApp::new().await;
    for (name, shown) in [("api1", "API-1"), ("api2", "API-2"), ("api3", "API-3")] {
        test.rebuild(|app| app.instance_name = name.into());
        let answer = test.anonymous().call(Method::HEAD, "/", None).await;
        assert_eq!(answer.header("x-instance-name"), shown);
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""));
        let missing = test.anonymous().get("/nowhere").await;
        assert_eq!(missing.header("x-instance-name"), shown, "failures, too");
        let body = test.anonymous().get("/whoami").await.expect(200);
        assert_eq!(body["container_name"], name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn endpoints_of_the_trading_document_answer() {
    let test = two_people_with_a_game_each().await;
    let (one, two, anybody) = (user(&test, 1), user(&test, 2), test.anonymous());
    let game = json!({"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PlayStation 2",
        "condition": "mint"});
    let listed = one.post("/games?owner_id=1", game).await;
    assert_eq!(listed.header("location"), "/games/3");
    let mut expected = json!({"id": 3, "owner_id": 1, "name": "Ico", "publisher": "Sony", "year_published": 2001,
        "gaming_system": "PlayStation 2", "title_key": "ico", "system_key": "ps2", "condition": "mint", "previous_owners": 0});
    assert_eq!(plain(listed.expect(201)), expected);
    expected["condition"] = json!("good");
    let edited = one
        .put("/games/3", json!({"condition": "good"}))
        .await
        .expect(200);
    assert_eq!(plain(edited), expected);

    let names = |body: &Value, rows: &str| {
        let rows = body["_embedded"][rows].as_array().unwrap();
        json!(rows.iter().map(|row| row["id"].clone()).collect::<Vec<_>>())
    };
    for offered in [1, 3] {
        let offer = json!({"offered_game_id": offered, "requested_game_id": 2});
        one.post("/trade-offers", offer).await.expect(201);
    }
    let pages = [
        ("/users", "users", json!([1, 2])),
        ("/games", "games", json!([1, 2, 3])),
        ("/users/1/games", "games", json!([1, 3])),
        ("/users/2/games", "games", json!([2])),
        ("/trade-offers", "offers", json!([1, 2])),
        ("/trade-offers?status=pending", "offers", json!([1, 2])),
        ("/trade-offers?status=accepted", "offers", json!([])),
        ("/trade-offers/user/1/sent", "offers", json!([1, 2])),
        ("/trade-offers/user/2/sent", "offers", json!([])),
        ("/trade-offers/user/1/received", "offers", json!([])),
        ("/trade-offers/user/2/received", "offers", json!([1, 2])),
    ];
    for (path, rows, ids) in pages {
        let body = anybody.get(path).await.expect(200);
        assert_eq!(names(&body, rows), ids, "{path}");
        assert_eq!(body["_links"]["self"]["href"], path);
    }
    let shown = anybody.get("/trade-offers/1").await.expect(200);
    assert_eq!(plain(shown), offer_1("pending"));
    let rejected = two.act("/trade-offers/1/reject").await.expect(200);
    let mut declined = offer_1("rejected");
    declined["closed_reason"] = json!("declined");
    assert_eq!(plain(rejected), declined);
    let cancelled = one.act("/trade-offers/2/cancel").await.expect(200);
    assert_eq!(cancelled["status"], "cancelled");
    assert_eq!(one.delete("/games/3").await.expect(204), Value::Null);
    let renamed = one
        .put("/users/1", json!({"name": "Abigail"}))
        .await
        .expect(200);
    assert_eq!(renamed["name"], "Abigail");
    assert_eq!(anybody.get("/users/1").await.expect(200)["name"], "Abigail");
    assert_eq!(anybody.get("/health").await.expect(200)["status"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn documentation_is_at_the_documented_path() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let docs = client.get("/docs").await;
    let page = match docs.status.is_redirection() {
        true => client.get(docs.header("location")).await,
        false => docs,
    };
    assert_eq!(page.status, 200);
    assert!(page.text.contains("swagger-ui"), "{}", page.text);
    let description = client.get("/openapi.json").await.expect(200);
    assert_eq!(description["info"]["title"], "Video Game Exchange API");
    // FastAPI's document names what the earlier systems had; all of it is here.
    for path in [
        "/users",
        "/users/{user_id}",
        "/users/{user_id}/password",
        "/users/{user_id}/games",
        "/games",
        "/games/{game_id}",
        "/trade-offers",
        "/trade-offers/{trade_offer_id}",
        "/trade-offers/{trade_offer_id}/accept",
        "/trade-offers/{trade_offer_id}/reject",
        "/trade-offers/{trade_offer_id}/cancel",
        "/trade-offers/user/{user_id}/sent",
        "/trade-offers/user/{user_id}/received",
        "/offers",
        "/offers/{offer_id}",
        "/whoami",
        "/health",
    ] {
        assert!(
            !description["paths"][path].is_null(),
            "{path} is not described"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn create_offer_in_another_name_is_refused() {
    let test = two_people_with_a_game_each().await;
    let one = user(&test, 1);
    let game = |owner: Option<i64>| {
        let mut game = json!({"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2",
            "condition": "mint"});
        if let Some(owner) = owner {
            game["owner_id"] = json!(owner);
        }
        game
    };
    let offer = json!({"offered_game_id": 1, "requested_game_id": 2, "requester_id": 2});
    one.post(
        "/offers",
        json!({"offered_game_id": 1, "requested_game_id": 2}),
    )
    .await
    .expect(201);
    let refusals = [
        one.post("/games?owner_id=2", game(None)).await,
        one.post("/games", game(Some(2))).await,
        one.post("/games?owner_id=1", game(Some(2))).await,
        one.post("/games?owner_id=2", game(Some(1))).await,
        one.post("/offers", offer.clone()).await,
        one.post("/trade-offers", offer).await,
        one.put(
            "/offers/1",
            json!({"status": "accepted", "requester_id": 2}),
        )
        .await,
    ];
    for refusal in refusals {
        assert_eq!(refusal.problem(403), "not_yourself");
    }
    let games = test.anonymous().get("/games").await.expect(200);
    assert_eq!(games["_embedded"]["games"].as_array().unwrap().len(), 2);
    let offers = test.anonymous().get("/offers").await.expect(200);
    assert_eq!(
        plain(offers),
        json!({"_embedded": {"offers": [offer_1("pending")]}})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn anonymous_write_links_to_log_in() {
    let test = two_people_with_a_game_each().await;
    let anybody = test.anonymous();
    let offer = r#"{"offered_game_id": 1, "requested_game_id": 2}"#;
    let refusals = [
        curl(&anybody, Method::POST, "/trade-offers", offer).await,
        curl(
            &anybody,
            Method::PUT,
            "/users/1/password",
            r#"{"new_password": "newpassword123"}"#,
        )
        .await,
        anybody.act("/trade-offers/1/accept").await,
    ];
    for refusal in refusals {
        assert_eq!(refusal.header("www-authenticate"), "Bearer");
        assert_eq!(refusal.body["_links"]["login"]["href"], "/auth/login");
        assert_eq!(refusal.problem(401), "not_identified");
    }
}
