//! Revisions by viewer: private changes do not change the ETags of strangers.

use entity::UserId;
use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};

use crate::support::{TestApp, TestDatabase, http::Client};

const USER: &str = "{ user(by: {databaseId: 1}) { etag version updatedAt } }";
const OFFER: &str = "{ offer(by: {databaseId: 1}) { etag version updatedAt } }";

/// Returns everything that shows a reader a change, on both surfaces.
async fn seen(client: &Client, path: &str, query: &str) -> Vec<Value> {
    let rest = client.get(path).await;
    let graphql = client.graphql(query, json!({})).await;
    let thing = graphql.body["data"]
        .as_object()
        .unwrap()
        .values()
        .next()
        .unwrap()
        .clone();
    let mut seen = vec![json!(rest.header("etag")), rest.body["updated_at"].clone()];
    seen.extend(["etag", "version", "updatedAt"].map(|field| thing[field].clone()));
    seen
}

/// Returns the revision part of an ETag.
fn state(etag: &str) -> String {
    let (state, _) = etag.trim_matches('"').split_once('.').unwrap();
    format!("\"{state}\"")
}

#[tokio::test(flavor = "multi_thread")]
async fn user_etag_of_strangers_changes_with_public_data_only() {
    let test = TestApp::new().await;
    let session = crate::sessions::session(&test, "ann").await;
    let ann = test.anonymous().with("x-user-id", &session["user_id"]);
    let [bob] = test.people(["bob"]).await;
    let readers = [test.anonymous(), bob.client()];
    let strangers = async || {
        let mut all = Vec::new();
        for reader in &readers {
            all.push(seen(reader, "/users/1", USER).await);
        }
        all
    };
    let password = json!({"new_password": "pass1234"});
    for (path, body) in [
        ("/users/1", json!({"street_address": "2 New Street"})),
        ("/users/1/password", password),
        ("/users/1", json!({"street_address": null})),
    ] {
        let (before, own) = (strangers().await, seen(&ann, "/users/1", USER).await);
        ann.put(path, body).await.expect(200);
        assert_eq!(strangers().await, before, "{path}");
        let now = seen(&ann, "/users/1", USER).await;
        assert!(
            now.iter().zip(&own).all(|(now, before)| now != before),
            "{now:?} {own:?}"
        );
    }
    let before = strangers().await;
    ann.put("/users/1", json!({"name": "Annie"}))
        .await
        .expect(200);
    for (now, before) in strangers()
        .await
        .iter()
        .flatten()
        .zip(before.iter().flatten())
    {
        assert_ne!(now, before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn offer_etag_of_strangers_changes_with_public_data_only() {
    let test = TestApp::new().await;
    let [ann, bob, cleo] = test.people(["ann", "bob", "cleo"]).await;
    let (mine, theirs) = (ann.lists("Ico").await, bob.lists("Zelda").await);
    let other = ann.lists("Okami").await;
    ann.offers(&[mine], &[theirs]).await.unwrap();
    let readers = [test.anonymous(), cleo.client()];
    let strangers = async || {
        let mut all = Vec::new();
        for reader in &readers {
            all.push(seen(reader, "/offers/1", OFFER).await);
        }
        all
    };
    for message in [json!("please"), json!("please, please"), Value::Null] {
        let before = strangers().await;
        let parties = seen(&bob.client(), "/offers/1", OFFER).await;
        ann.client()
            .put("/offers/1", json!({"message": message}))
            .await
            .expect(200);
        assert_eq!(strangers().await, before);
        let now = seen(&bob.client(), "/offers/1", OFFER).await;
        assert!(
            now.iter().zip(&parties).all(|(now, before)| now != before),
            "{now:?} {parties:?}"
        );
    }
    let terms = json!({"offered_game_ids": [other], "message": "or this?"});
    for (path, body) in [("/offers/1", Some(terms)), ("/offers/1/cancel", None)] {
        let before = strangers().await;
        match body {
            Some(body) => ann.client().put(path, body).await.expect(200),
            None => ann.client().act(path).await.expect(200),
        };
        for (now, before) in strangers()
            .await
            .iter()
            .flatten()
            .zip(before.iter().flatten())
        {
            assert_ne!(now, before, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn if_match_accepts_the_public_or_the_private_etag() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let public = state(test.anonymous().get("/users/1").await.header("etag"));
    let whole = state(ann.get("/users/1").await.header("etag"));
    assert_ne!(public, whole);
    let moves = |street: &str| json!({"street_address": street});
    ann.with("if-match", &whole)
        .put("/users/1", moves("1 Road"))
        .await
        .expect(200);
    // The public revision is unchanged, the private one is not.
    let late = ann
        .with("if-match", &whole)
        .put("/users/1", moves("2 Road"))
        .await;
    assert_eq!(late.problem(412), "stale");
    let either = format!("{whole}, {public}");
    ann.with("if-match", &either)
        .put("/users/1", moves("3 Road"))
        .await
        .expect(200);
    ann.with("if-match", &public)
        .put("/users/1", json!({"name": "Annie"}))
        .await
        .expect(200);
    let late = ann
        .with("if-match", &public)
        .put("/users/1", moves("4 Road"))
        .await;
    assert_eq!(late.problem(412), "stale");
    let change = "mutation($tag: String!) { updateUser(input: {name: \"Ann\", ifMatch: $tag}) { userErrors { code } } }";
    let tag =
        ann.graphql("{ viewer { etag } }", json!({})).await.body["data"]["viewer"]["etag"].clone();
    for errors in [json!([]), json!([{"code": "stale"}])] {
        let told = ann.graphql(change, json!({"tag": tag})).await;
        assert_eq!(
            told.body["data"]["updateUser"]["userErrors"], errors,
            "{}",
            told.text
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn etag_of_a_party_is_stale_after_a_message_change() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Ico").await, bob.lists("Zelda").await);
    ann.offers(&[mine], &[theirs]).await.unwrap();
    let public = state(test.anonymous().get("/offers/1").await.header("etag"));
    let whole = state(bob.client().get("/offers/1").await.header("etag"));
    ann.client()
        .put("/offers/1", json!({"message": "please"}))
        .await
        .expect(200);
    let accepts = async |tag: &str| {
        bob.client()
            .with("if-match", tag)
            .act("/offers/1/accept")
            .await
    };
    let late = accepts(&whole).await;
    assert_eq!(late.body["changed"], json!([{"what": "itself"}]));
    assert_eq!(late.problem(412), "stale");
    ann.client()
        .put(&format!("/games/{mine}"), json!({"name": "Ico II"}))
        .await
        .expect(200);
    let late = accepts(&public).await;
    assert_eq!(late.body["changed"][0]["game_id"], json!(mine));
    assert_eq!(late.problem(412), "stale");
    let public = state(test.anonymous().get("/offers/1").await.header("etag"));
    accepts(&public).await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn older_rows_keep_their_public_revision() {
    let empty = TestDatabase::empty().await;
    let database = &sea_orm::Database::connect(&empty.url).await.unwrap();
    let known = Migrator::get_migration_files();
    let before = known
        .iter()
        .position(|one| one.name().contains("revisions"))
        .unwrap();
    Migrator::up(database, Some(u32::try_from(before).unwrap()))
        .await
        .unwrap();
    let row = "INSERT INTO users (name, email, password_hash, version, created_at, updated_at) VALUES \
        ('Ann', 'ann@example.com', '', 7, '2026-11-01T00:00:00+00:00', '2026-11-02T00:00:00+00:00')";
    database.execute_unprepared(row).await.unwrap();
    Migrator::up(database, None).await.unwrap();
    let ann = entity::user::Entity::find_by_id(UserId(1))
        .one(database)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ann.revisions().public, ann.revisions().whole);
    assert_eq!(ann.revisions().public.version, 7);
    let later = "INSERT INTO users (name, email, password_hash, created_at, updated_at) VALUES \
        ('Bob', 'bob@example.com', '', '2026-11-01T00:00:00+00:00', '2026-11-02T00:00:00+00:00')";
    database.execute_unprepared(later).await.unwrap();
    let bob = entity::user::Entity::find_by_id(UserId(2))
        .one(database)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(bob.revisions().public.updated_at, bob.created_at);
}
