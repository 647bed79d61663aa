//! Links of problem documents: the page of the type, and the next steps.

mod catalogue;
mod faults;

use axum::{
    body::Body,
    http::{Method, Request},
};
use entity::OfferId;
use exchange::identity::passwords::Passwords;
use serde_json::{Value, json};

use crate::support::{
    Person, TestApp,
    http::{Answer, Client},
};

/// Creates an offer of Ann's game 1 (Ico) for Bob's game 2 (Zelda).
async fn pending(test: &TestApp) -> (Person, Person, OfferId) {
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Ico").await, bob.lists("Zelda").await);
    let offer = ann.offers(&[mine], &[theirs]).await.unwrap();
    (ann, bob, offer.id)
}

/// Follows `type` in JSON and HTML, and asserts that both match the document. Returns the code.
async fn opens(client: &Client, answer: &Answer) -> String {
    let problem = &answer.body;
    let (address, code) = (problem["type"].as_str().unwrap(), &problem["code"]);
    let told = client.get(address).await.expect(200);
    assert_eq!(told["_links"]["self"]["href"], address);
    for member in ["code", "status", "title"] {
        assert_eq!(told[member], problem[member], "{address}");
    }
    let browser = client.with("accept", "text/html,application/xml;q=0.9,*/*;q=0.8");
    let page = browser.get(address).await;
    assert_eq!(page.status, 200, "{address}");
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let code = code.as_str().unwrap();
    let line = format!(
        "<p>Status {}, code <code>{code}</code></p>",
        problem["status"]
    );
    assert!(page.text.contains(&line), "{}", page.text);
    code.to_owned()
}

/// Returns the URL of a link of the problem.
fn link<'a>(problem: &'a Value, relation: &str) -> &'a str {
    let link = &problem["_links"][relation];
    link["href"]
        .as_str()
        .unwrap_or_else(|| panic!("no {relation}: {problem}"))
}

/// Asserts that the request is refused with this code, and that its type, its link to the next step and all its other
/// links without an action resolve.
async fn assert_links_to(client: &Client, answer: Answer, code: &str, relation: &str, to: &str) {
    assert_eq!(opens(client, &answer).await, code);
    assert_eq!(link(&answer.body, relation), to, "{code}");
    for (relation, link) in answer.body["_links"].as_object().unwrap() {
        if link.get("method").is_none() {
            let address = link["href"].as_str().unwrap();
            assert_eq!(client.get(address).await.status, 200, "{code}: {relation}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forbidden_links_to_the_resource() {
    let test = TestApp::new().await;
    let (_, bob, _) = pending(&test).await;
    let cleo = test.with_user("cleo").await.client();
    let none = json!({});
    let edit = cleo.put("/games/1", none.clone()).await;
    assert_links_to(&cleo, edit, "only_owner", "game", "/games/1").await;
    let edit = cleo.put("/users/1", none.clone()).await;
    assert_links_to(&cleo, edit, "only_self", "user", "/users/1").await;
    let change = cleo
        .put("/users/1/password", json!({"new_password": "pass124"}))
        .await;
    assert_links_to(&cleo, change, "only_self", "user", "/users/1").await;
    let edit = bob.client().put("/offers/1", none.clone()).await;
    assert_eq!(link(&edit.body, "accept"), "/offers/1/accept");
    assert_links_to(&bob.client(), edit, "only_offerer", "offer", "/offers/1").await;
    let accept = cleo.act("/trade-offers/1/accept").await;
    assert_links_to(&cleo, accept, "only_receiver", "offer", "/offers/1").await;
    let offer = json!({"offered_game_id": 1, "requested_game_id": 2});
    let make = cleo.post("/offers", offer).await;
    assert_links_to(&cleo, make, "not_your_game", "game", "/games/1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conflict_links_to_the_present_state() {
    let test = TestApp::new().await;
    let (ann, _, _) = pending(&test).await;
    let ann = ann.client();
    let same = json!({"offered_game_id": 1, "requested_game_id": 2});
    let twice = ann.post("/offers", same).await;
    assert_links_to(&ann, twice, "duplicate_offer", "offer", "/offers/1").await;
    let own = json!({"offered_game_id": 1, "requested_game_id": 1});
    let own = ann.post("/offers", own).await;
    assert_links_to(&ann, own, "own_game", "game", "/games/1").await;
    let email = ann
        .put("/users/1", json!({"email": "new@example.com"}))
        .await;
    assert_links_to(&ann, email, "email_fixed", "user", "/users/1").await;
    let both = json!({"status": "cancelled", "message": "Sorry"});
    let both = ann.put("/offers/1", both).await;
    assert_links_to(&ann, both, "cancel_alone", "offer", "/offers/1").await;
    ann.act("/offers/1/cancel").await.expect(200);
    let again = ann.act("/offers/1/cancel").await;
    assert_links_to(&ann, again, "offer_closed", "offer", "/offers/1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_offers_links_to_the_pending_ones() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let mine = ann.lists("Metroid").await;
    for number in 1..=100 {
        let theirs = bob.lists(&format!("Game {number}")).await;
        ann.offers(&[mine], &[theirs]).await.unwrap();
    }
    let theirs = bob.lists("One more").await;
    let one_more = json!({"offered_game_id": mine, "requested_game_id": theirs});
    let refused = ann.client().post("/offers", one_more).await;
    let pending = format!("/offers?offerer_id={}&status=pending", ann.id);
    assert_links_to(
        &ann.client(),
        refused,
        "too_many_offers",
        "offers",
        &pending,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stale_write_says_what_changed_and_links_to_it() {
    let test = TestApp::new().await;
    let (ann, bob, _) = pending(&test).await;
    let seen = bob
        .client()
        .get("/offers/1")
        .await
        .header("etag")
        .to_owned();
    let worse = json!({"condition": "poor"});
    ann.client().put("/games/1", worse).await.expect(200);
    let client = bob.client().with("if-match", seen);
    let accept = client.act("/offers/1/accept").await;
    let game = json!([{"what": "game", "game_id": 1, "name": "Ico"}]);
    assert_eq!(accept.body["changed"], game);
    assert_links_to(&bob.client(), accept, "stale", "current", "/offers/1").await;
    let client = ann.client().with("if-match", "\"7.x\"");
    let edit = client.put("/games/1", json!({"name": "Ico 2"})).await;
    assert_eq!(edit.body["changed"], json!([{"what": "itself"}]));
    assert_links_to(&ann.client(), edit, "stale", "current", "/games/1").await;
    let gone = client.delete("/users/1").await;
    assert_links_to(&ann.client(), gone, "stale", "current", "/users/1").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unauthorized_links_to_log_in_and_register() {
    let test = TestApp::new().await;
    pending(&test).await;
    let nobody = test.anonymous();
    let bearer = nobody.with("authorization", "Bearer nonsense");
    for (client, code) in [(&nobody, "not_identified"), (&bearer, "bad_token")] {
        let answer = client.delete("/games/1").await;
        assert_eq!(answer.status, 401, "{}", answer.text);
        let login = &answer.body["_links"]["login"];
        assert_eq!(login, &json!({"href": "/auth/login", "method": "POST"}));
        assert_eq!(link(&answer.body, "register"), "/users");
        assert_links_to(&nobody, answer, code, "home", "/").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reused_key_links_to_home() {
    let test = TestApp::new().await;
    let (ann, ..) = pending(&test).await;
    let keyed = ann.client().with("idempotency-key", "k1");
    keyed
        .put("/games/1", json!({"name": "Ico 2"}))
        .await
        .expect(200);
    let other = keyed.put("/games/1", json!({"name": "Ico 3"})).await;
    assert_links_to(&ann.client(), other, "idempotency_key_reused", "home", "/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn temporary_problem_links_to_a_retry() {
    let mut test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let path = "/users/1/email-confirmation";
    for _ in 0..5 {
        ann.call(Method::POST, path, None).await.expect(202);
    }
    let sixth = ann.call(Method::POST, path, None).await;
    assert_eq!(sixth.body["_links"]["retry"]["method"], "POST");
    assert_links_to(&ann, sixth, "too_many_letters", "retry", path).await;
    let nobody_works = Passwords::new(0, 0, test.app.random.clone()).unwrap();
    test.identity(|identity| identity.passwords = nobody_works);
    let log_in = json!({"email": "ann@example.com", "password": "pass123"});
    let busy = test.anonymous().post("/auth/login", log_in).await;
    assert_links_to(&ann, busy, "passwords_busy", "retry", "/auth/login").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn http_refusals_link_to_their_type() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let send = async |kind: &str, body: String| {
        let request = Request::post("/games").header("content-type", kind);
        ann.send(request.body(Body::from(body)).unwrap()).await
    };
    let xml = ann.with("accept", "application/xml");
    for (answer, status, code) in [
        (ann.get("/nothing").await, 404, "path_not_found"),
        (ann.get("/problems/nothing").await, 404, "problem_not_found"),
        (ann.get("/problems/%FF").await, 404, "problem_not_found"),
        (ann.delete("/whoami").await, 405, "method_not_allowed"),
        (xml.get("/games").await, 406, "not_acceptable"),
        (xml.get("/problems/stale").await, 406, "not_acceptable"),
        (
            send("application/json", " ".repeat(193 * 1024)).await,
            413,
            "payload_too_large",
        ),
        (
            send("text/plain", "Ico".to_owned()).await,
            415,
            "unsupported_media_type",
        ),
        (
            send("application/json", "{".to_owned()).await,
            400,
            "malformed",
        ),
        (
            send("application/json", "{}".to_owned()).await,
            422,
            "invalid",
        ),
        (ann.get("/users/7").await, 404, "user_not_found"),
    ] {
        assert_eq!(opens(&ann, &answer).await, code);
        assert_eq!(link(&answer.body, "describedby"), answer.body["type"]);
        assert_eq!(link(&answer.body, "home"), "/");
        if [400, 406, 413, 415, 422].contains(&status) {
            assert_links_to(&ann, answer, code, "service-desc", "/openapi.json").await;
        } else {
            assert_eq!(answer.problem(status), code);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn problem_has_a_form_for_each_action_link() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Ico").await, bob.lists("Zelda").await);
    ann.offers(&[mine], &[theirs]).await.unwrap();
    let unknown = test.anonymous().put("/offers/1/accept", json!({})).await;
    let form = &unknown.body["_templates"]["login"];
    assert_eq!(form["target"], "/auth/login", "{}", unknown.text);
    let names: Vec<_> = form["properties"].as_array().unwrap().iter().collect();
    let names: Vec<_> = names.iter().map(|field| &field["name"]).collect();
    assert_eq!(names, ["email", "password"]);
    let body = json!({"name": "Cleo", "email": "cleo@example.com", "password": "pass123"});
    test.anonymous().post("/users", body).await.expect(201);
    let body = json!({"email": "cleo@example.com", "password": "pass123"});
    let target = form["target"].as_str().unwrap();
    let session = test.anonymous().post(target, body).await;
    session.expect(200);
    let refused = bob
        .client()
        .put("/offers/1", json!({"message": "No"}))
        .await;
    for action in ["accept", "reject"] {
        let form = &refused.body["_templates"][action];
        assert_eq!(form["target"], format!("/offers/1/{action}"));
    }
    let nothing = ann.client().get("/nothing").await;
    assert_eq!(nothing.body.get("_templates"), None, "none that acts");
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_body_is_refused_unread() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let send = async |method: Method, kind: &str, encoding: &str| {
        let request = Request::builder().method(method).uri("/users/1");
        let request = request.header("content-type", kind);
        let request = request.header("content-encoding", encoding);
        ann.send(request.body(Body::from("{}")).unwrap()).await
    };
    let patch = "application/merge-patch+json";
    for encoding in ["gzip", "br", "identity, gzip", "GZIP"] {
        for (method, kind) in [(Method::PUT, "application/json"), (Method::PATCH, patch)] {
            let answer = send(method, kind, encoding).await;
            assert_eq!(answer.header("accept-encoding"), "identity");
            assert_eq!(answer.header("accept-patch"), "");
            assert_eq!(opens(&ann, &answer).await, "unsupported_encoding");
            assert_eq!(answer.problem(415), "unsupported_encoding");
        }
    }
    let answer = send(Method::PATCH, "text/plain", "identity").await;
    assert_eq!(answer.header("accept-patch"), patch);
    assert_eq!(answer.header("accept-encoding"), "");
    for none in ["Identity", "", "identity, ,identity"] {
        let answer = send(Method::PUT, "application/json", none).await;
        answer.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn problem_list_has_every_type_in_json_and_html() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let home = client.get("/").await.expect(200);
    assert_eq!(link(&home, "problems"), "/problems");
    let list = client.get("/problems").await.expect(200);
    let hal = client.with("accept", "application/hal+json");
    let hal = hal.get("/problems").await;
    assert_eq!(hal.header("content-type"), "application/hal+json");
    assert_ne!(hal.header("etag"), "");
    let browser = client.with("accept", "text/html");
    let page = browser.get("/problems").await;
    let listed = list["_embedded"]["problems"].as_array().unwrap();
    assert_eq!(listed.len(), api::http::problem::catalogue::ALL.len());
    for kind in listed {
        let address = link(kind, "self");
        assert!(
            page.text.contains(&format!("href=\"{address}\"")),
            "{address}"
        );
        assert_eq!(&client.get(address).await.expect(200), kind);
        let own = browser.get(address).await;
        for page in [&page, &own] {
            let policy = page.header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; "), "{policy}");
            assert!(!policy.contains("script-src"), "{policy}");
            assert!(!page.text.contains("<script"), "{}", page.text);
            assert_eq!(page.header("vary"), hal.header("vary"));
        }
        assert_eq!(own.text.matches("<h1>").count(), 1, "{}", own.text);
        assert!(!own.text.contains('`'), "{}", own.text);
    }
}
