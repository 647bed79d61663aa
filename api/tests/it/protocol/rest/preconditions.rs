//! Preconditions of writes: If-Match and If-None-Match together, and lists of ETags.

use api::operations::{ALL, TakenHeader};
use axum::http::Method;
use serde_json::{Value, json};

use super::{
    bodies::routes::ROUTES,
    conditional::{etag, pending},
    requests::with_id,
};
use crate::{permissions::table::TABLE, support::TestApp};

#[tokio::test(flavor = "multi_thread")]
async fn write_is_refused_when_if_none_match_matches() {
    let test = TestApp::new().await;
    let (ann, bob, _) = pending(&test).await;
    let (ann, bob) = (ann.client(), bob.client());
    let (put, patch, delete) = (Method::PUT, Method::PATCH, Method::DELETE);
    let password = json!({"new_password": "pass124"});
    for (client, method, path, thing, body) in [
        (&ann, &put, "/games/1", "/games/1", json!({"name": "A"})),
        (&ann, &patch, "/games/1", "/games/1", json!({"name": "A"})),
        (&ann, &delete, "/games/1", "/games/1", json!({})),
        (&ann, &put, "/users/1", "/users/1", json!({"name": "A"})),
        (&ann, &patch, "/users/1", "/users/1", json!({"name": "A"})),
        (&ann, &delete, "/users/1", "/users/1", json!({})),
        (&ann, &put, "/users/1/password", "/users/1", password),
        (
            &ann,
            &Method::POST,
            "/users/1/email-confirmation",
            "/users/1",
            json!({}),
        ),
        (
            &ann,
            &put,
            "/offers/1",
            "/offers/1",
            json!({"message": "A"}),
        ),
        (
            &ann,
            &patch,
            "/trade-offers/1",
            "/offers/1",
            json!({"message": "A"}),
        ),
        (&ann, &put, "/offers/1/cancel", "/offers/1", json!({})),
        (&bob, &put, "/offers/1/reject", "/offers/1", json!({})),
        (&bob, &put, "/trade-offers/1/accept", "/offers/1", json!({})),
    ] {
        let tag = etag(client, thing).await;
        for named in ["*", &tag, &format!("\"9.x\",, W/{tag}")] {
            let unless = client.with("if-none-match", named);
            let answer = unless.call(method.clone(), path, Some(body.clone())).await;
            let told = format!("{method} {path} {named}: {}", answer.text);
            assert_eq!(answer.status, 412, "{told}");
            assert_eq!(answer.problem(412), "still_matches");
            assert_eq!(etag(client, thing).await, tag, "{told}");
        }
    }
    let other = bob.with("if-none-match", "\"9.x\"");
    other.act("/offers/1/accept").await.expect(200);
}

/// For each operation that takes If-Match, those whom tests/permissions.toml lets reach the precondition.
#[tokio::test(flavor = "multi_thread")]
async fn write_is_refused_when_if_match_is_stale() {
    let test = TestApp::new().await;
    let (ann, bob, _) = pending(&test).await;
    for row in ALL.iter().filter(|row| row.takes(TakenHeader::IfMatch)) {
        for (method, path) in row.paths().flat_map(|path| {
            let methods = row.methods.iter();
            methods.map(move |method| (*method, path.clone()))
        }) {
            let cells = &TABLE.routes[&format!("{method} {path}")];
            let permitted = [(&ann, cells.offerer), (&bob, cells.receiver)];
            let permitted: Vec<_> = permitted.iter().filter(|(_, cell)| *cell == 412).collect();
            assert!(!permitted.is_empty(), "{method} {path}: nobody gets 412");
            let path = with_id(&path, "1").unwrap();
            for (person, _) in permitted {
                let stale = person.client().with("if-match", "\"9.x\"");
                let answer = stale
                    .call(method.parse().unwrap(), &path, required(method, &path))
                    .await;
                assert_eq!(answer.status, 412, "{method} {path}: {}", answer.text);
                assert_eq!(answer.problem(412), "stale");
            }
        }
    }
}

/// Returns a body with the required fields only, if the route takes one.
fn required(method: &str, path: &str) -> Option<Value> {
    let route = ROUTES
        .iter()
        .find(|route| route.method == method && route.path == path)?;
    let fields = route.fields.iter().filter(|(.., required, _)| *required);
    let fields = fields.map(|(name, .., value)| {
        let value: Value = serde_json::from_str(value).unwrap();
        ((*name).to_owned(), value)
    });
    Some(Value::Object(fields.collect()))
}

#[tokio::test(flavor = "multi_thread")]
async fn if_match_is_checked_before_if_none_match() {
    let test = TestApp::new().await;
    let (ann, _, _) = pending(&test).await;
    let tag = etag(&ann.client(), "/games/1").await;
    let change = json!({"name": "Ico 2"});
    let put = async |matches: &str, differs: &str| {
        let client = ann.client().with("if-match", matches);
        let client = client.with("if-none-match", differs);
        client.put("/games/1", change.clone()).await
    };
    assert_eq!(put("\"9.x\"", "*").await.problem(412), "stale");
    assert_eq!(put(&tag, "*").await.problem(412), "still_matches");
    assert_eq!(put(&tag, "nonsense").await.problem(400), "malformed");
    put(&tag, "\"9.x\"").await.expect(200);
    let stranger = test.with_user("eve").await.client();
    let theirs = stranger.with("if-none-match", "*");
    let answer = theirs.put("/games/1", change).await;
    assert_eq!(answer.problem(403), "only_owner", "all else comes first");
}

#[tokio::test(flavor = "multi_thread")]
async fn create_ignores_if_none_match() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let game = json!({"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2", "condition": "mint"});
    for named in ["*", "\"1.x\""] {
        let unless = ann.with("if-none-match", named);
        unless.post("/games", game.clone()).await.expect(201);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn etag_list_may_have_empty_elements() {
    let test = TestApp::new().await;
    let (ann, _, _) = pending(&test).await;
    let tag = etag(&ann.client(), "/games/1").await;
    for list in [
        format!(",{tag}"),
        format!("{tag},"),
        format!(" , \"a,b\" ,\t, {tag} ,, "),
    ] {
        let reader = ann.client().with("if-none-match", &list);
        assert_eq!(reader.get("/games/1").await.status, 304, "{list}");
        let writer = ann.client().with("if-match", &list);
        writer.put("/games/1", json!({})).await.expect(200);
    }
    for (list, status, code) in [
        ("", 412, "stale"),
        (" , ,", 412, "stale"),
        ("\"a,b\"", 412, "stale"),
        ("\"a\" \"b\"", 400, "malformed"),
        ("\"a", 400, "malformed"),
        ("*, \"a\"", 400, "malformed"),
    ] {
        let writer = ann.client().with("if-match", list);
        let answer = writer.put("/games/1", json!({"name": "Ico 2"})).await;
        assert_eq!(answer.status, status, "{list}");
        assert_eq!(answer.problem(status), code, "{list}");
    }
    let kind = ", ,application/hal+json,,";
    let answer = ann.client().with("accept", kind).get("/games/1").await;
    assert_eq!(answer.header("content-type"), "application/hal+json");
}
