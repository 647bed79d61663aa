//! Conditional requests with ETags; media types, HEAD, OPTIONS and CORS.

use api::server::Exposure;
use axum::http::Method;
use entity::OfferId;
use serde_json::json;

use crate::support::{Person, TestApp, http::Client};

pub async fn pending(test: &TestApp) -> (Person, Person, OfferId) {
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Ico").await, bob.lists("Zelda").await);
    let offer = ann.offers(&[mine], &[theirs]).await.unwrap();
    (ann, bob, offer.id)
}

pub async fn etag(client: &Client, path: &str) -> String {
    client.get(path).await.header("etag").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn get_is_not_modified_when_the_etag_matches() {
    let test = TestApp::new().await;
    let (ann, bob, _) = pending(&test).await;
    for path in [
        "/games/1",
        "/users/1",
        "/offers/1",
        "/games",
        "/offers",
        "/",
    ] {
        let tag = etag(&ann.client(), path).await;
        assert!(tag.starts_with('"') && tag.ends_with('"'), "{path}: {tag}");
        let weak = format!("\"other\", W/{tag}");
        for has in [tag.as_str(), weak.as_str(), "*"] {
            let answer = ann.client().with("if-none-match", has).get(path).await;
            assert_eq!(answer.status, 304, "{path}");
            assert_eq!(answer.text, "");
            let head = ann.client().with("if-none-match", has);
            let head = head.call(Method::HEAD, path, None).await;
            assert_eq!(
                (head.status.as_u16(), head.header("content-length")),
                (304, "")
            );
            assert_eq!(answer.header("etag"), tag);
        }
        let other = ann
            .client()
            .with("if-none-match", "\"1.x\"")
            .get(path)
            .await;
        assert_eq!(other.status, 200);
    }
    let (anns, bobs) = (
        etag(&ann.client(), "/offers/1").await,
        etag(&bob.client(), "/offers/1").await,
    );
    assert_ne!(anns, bobs, "each sees what they may do");
    let hal = ann.client().with("accept", "application/hal+json");
    assert_ne!(etag(&hal, "/offers/1").await, anns);
}

#[tokio::test(flavor = "multi_thread")]
async fn write_is_refused_when_the_etag_is_stale() {
    let test = TestApp::new().await;
    let (ann, _, _) = pending(&test).await;
    let seen = etag(&ann.client(), "/games/1").await;
    let rename = async |tag: &str| {
        let client = ann.client().with("if-match", tag);
        client.put("/games/1", json!({"name": "Ico 2"})).await
    };
    let renamed = rename(&format!("W/{seen}")).await;
    assert_eq!(renamed.status, 200, "a proxy weakened it: {}", renamed.text);
    assert_eq!(
        renamed.header("etag"),
        etag(&ann.client(), "/games/1").await
    );
    assert_eq!(rename(&seen).await.problem(412), "stale");
    rename("*").await.expect(200);
    assert_eq!(rename("nonsense").await.problem(400), "malformed");
    let now = etag(&ann.client(), "/users/1").await;
    let me = ann.client().with("if-match", "\"7.x\"");
    assert_eq!(
        me.put("/users/1", json!({"name": "Ann"}))
            .await
            .problem(412),
        "stale"
    );
    assert_eq!(me.delete("/users/1").await.problem(412), "stale");
    let me = ann.client().with("if-match", now);
    me.put("/users/1", json!({"name": "Ann"})).await.expect(200);
    let delete = ann.client().with("if-match", seen);
    assert_eq!(delete.delete("/games/1").await.problem(412), "stale");
}

#[tokio::test(flavor = "multi_thread")]
async fn accept_header_selects_the_media_type() {
    let test = TestApp::new().await;
    let (ann, _, _) = pending(&test).await;
    for kind in [
        "application/json",
        "application/hal+json",
        "application/prs.hal-forms+json",
    ] {
        let answer = ann.client().with("accept", kind).get("/offers/1").await;
        assert_eq!(answer.header("content-type"), kind);
        assert!(answer.header("vary").contains("Accept"));
        answer.expect(200);
    }
    let xml = ann.client().with("accept", "application/xml");
    let answer = xml.get("/offers/1").await;
    assert!(answer.header("vary").contains("Accept"));
    for kind in ["application/json", "application/prs.hal-forms+json"] {
        let detail = answer.body["detail"].as_str().unwrap();
        assert!(detail.contains(kind), "{detail}");
    }
    assert_eq!(answer.problem(406), "not_acceptable");
    let answer = xml.act("/offers/1/cancel").await;
    assert_eq!(answer.problem(406), "not_acceptable");
    let offer = ann.client().get("/offers/1").await.expect(200);
    assert_eq!(offer["status"], "pending", "nothing was done");
}

#[tokio::test(flavor = "multi_thread")]
async fn not_acceptable_lists_html_where_there_is_a_page() {
    let test = TestApp::new().await;
    let xml = test.anonymous().with("accept", "application/xml");
    for (path, paged) in [
        ("/", true),
        ("/problems", true),
        ("/problems/stale", true),
        ("/games", false),
    ] {
        let answer = xml.get(path).await;
        let detail = answer.body["detail"].as_str().unwrap();
        assert_eq!(detail.contains("text/html"), paged, "{path}: {detail}");
        assert_eq!(answer.problem(406), "not_acceptable");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn html_page_is_not_modified_when_the_etag_matches() {
    let test = TestApp::new().await;
    let browser = test.anonymous().with("accept", "text/html");
    for path in ["/", "/problems", "/problems/stale"] {
        let tag = etag(&browser, path).await;
        assert_ne!(tag, etag(&test.anonymous(), path).await, "{path}");
        let answer = browser.with("if-none-match", &tag).get(path).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (304, ""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_vary_and_cache_control() {
    let test = TestApp::new().await;
    let (ann, _, _) = pending(&test).await;
    let (anybody, one) = ("no-cache", "private, no-cache");
    let stranger = test.anonymous();
    let browser = |client: &Client| client.with("accept", "text/html");
    let user = json!({"name": "Cleo", "email": "cleo@example.com", "password": "pass123"});
    let made = stranger.post("/users", user).await;
    let log_in = json!({"email": "cleo@example.com", "password": "pass123"});
    for (answer, kept) in [
        (stranger.get("/games/1").await, anybody),
        (browser(&stranger).get("/").await, anybody),
        (stranger.get("/games/99").await, anybody),
        (stranger.get("/games?limit=0").await, anybody),
        (ann.client().get("/users/1").await, one),
        (browser(&ann.client()).get("/").await, one),
        (ann.client().get("/users/99").await, one),
        (ann.client().with("if-none-match", "*").get("/").await, one),
        (
            stranger.with("authorization", "Bearer x").get("/").await,
            one,
        ),
        (stranger.delete("/games/1").await, one),
        (made, one),
        (stranger.post("/auth/login", log_in).await, "no-store"),
    ] {
        let told = format!("{}: {}", answer.status, answer.text);
        assert_eq!(answer.header("cache-control"), kept, "{told}");
        let depends = "Accept, Authorization, X-User-ID, Origin";
        assert_eq!(answer.header("vary"), depends, "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn create_refuses_if_match() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let collection = etag(&ann, "/games").await;
    let game = json!({"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2", "condition": "mint"});
    let user = json!({"name": "Bob", "email": "bob@example.com", "password": "pass123"});
    for tag in [collection.as_str(), "\"1.0\""] {
        let seen = ann.with("if-match", tag);
        for (path, body) in [("/games", &game), ("/users", &user)] {
            let answer = seen.post(path, body.clone()).await;
            assert_eq!(answer.body["_links"]["home"]["href"], "/");
            assert_eq!(answer.problem(412), "nothing_to_match", "{path}");
        }
    }
    let seen = ann.with("if-match", "\"1.0\"");
    let invalid = seen.post("/games", json!({})).await;
    assert_eq!(invalid.problem(422), "invalid", "all else comes first");
    ann.with("if-match", "*")
        .post("/games", game.clone())
        .await
        .expect(201);
    let other = test.with_user("cleo").await;
    let theirs = other.lists("Zelda").await;
    let offer = json!({"offered_game_id": 1, "requested_game_id": theirs});
    let seen = ann.with("if-match", collection);
    let answer = seen.post("/offers", offer.clone()).await;
    assert_eq!(answer.problem(412), "nothing_to_match");
    ann.post("/offers", offer).await.expect(201);
    let list = ann.get("/games").await.expect(200);
    assert_eq!(list["_embedded"]["games"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn update_to_the_present_values_changes_nothing() {
    let test = TestApp::new().await;
    let (ann, _, _) = pending(&test).await;
    let client = ann.client();
    for path in ["/games/1", "/users/1", "/offers/1"] {
        let before = client.get(path).await;
        for change in [json!({}), json!({"name": before.body["name"]})] {
            if path == "/offers/1" && change != json!({}) {
                continue;
            }
            let answer = client.put(path, change).await;
            assert_eq!(answer.header("etag"), before.header("etag"), "{path}");
            assert_eq!(answer.body, before.body, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn head_and_options_answer_without_a_body() {
    let test = TestApp::new().await;
    let (ann, _, _) = pending(&test).await;
    let client = ann.client();
    for path in ["/offers/1", "/games", "/", "/auth/password-reset"] {
        let get = client.get(path).await;
        let head = client.call(Method::HEAD, path, None).await;
        assert_eq!((head.status.as_u16(), head.text.as_str()), (200, ""));
        for name in ["etag", "content-type", "link"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
        let length = get.text.len().to_string();
        assert_eq!(head.header("content-length"), length, "{path}");
    }
    let options = client.call(Method::OPTIONS, "/offers/1", None).await;
    assert_eq!((options.status.as_u16(), options.text.as_str()), (204, ""));
    assert_eq!(options.header("allow"), "GET,HEAD,PUT,PATCH,OPTIONS");
}

#[tokio::test(flavor = "multi_thread")]
async fn cors_lets_an_allowed_origin_write_and_read() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let exposure = Exposure {
        cors_origins: vec!["https://games.example".parse().unwrap()],
        ..Exposure::default()
    };
    let from = |origin: &str| Client::exposed(&test.app, exposure.clone()).with("origin", origin);
    let preflight = async |origin: &str, path: &str| {
        let browser = from(origin)
            .with("access-control-request-method", "PUT")
            .with("access-control-request-headers", "content-type,x-user-id");
        browser.call(Method::OPTIONS, path, None).await
    };
    for path in ["/users/1", "/graphql", "/nothing"] {
        let answer = preflight("https://games.example", path).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.status);
        for (name, admitted) in [
            ("access-control-allow-origin", "https://games.example"),
            ("access-control-allow-methods", "PUT"),
            ("access-control-allow-headers", "x-user-id"),
            ("access-control-max-age", "7200"),
            ("vary", "origin"),
        ] {
            assert!(answer.header(name).contains(admitted), "{path}: {name}");
        }
        let answer = preflight("https://other.example", path).await;
        assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
    }
    let page = from("https://games.example").with("x-user-id", ann.id);
    let answer = page.call(Method::OPTIONS, "/users/1", None).await;
    assert_eq!(answer.header("allow"), "GET,HEAD,PUT,PATCH,DELETE,OPTIONS");
    let answer = page.put("/users/1", json!({"name": "Anna"})).await;
    assert_eq!(
        answer.header("access-control-allow-origin"),
        "https://games.example"
    );
    let exposed = answer.header("access-control-expose-headers").to_owned();
    for name in [
        "etag",
        "link",
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
    ] {
        assert!(
            exposed.split(',').any(|exposed| exposed == name),
            "{exposed}"
        );
    }
    assert!(
        answer
            .headers
            .get_all("vary")
            .iter()
            .any(|vary| vary.to_str().unwrap().starts_with("origin"))
    );
    answer.expect(200);
}
