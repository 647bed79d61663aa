//! The database session dies in the middle of a write: the answer is true, and asks to retry. PostgreSQL ends its own
//! session by a trigger; SQLite has no sessions.

use axum::http::StatusCode;
use sea_orm::ConnectionTrait;
use serde_json::json;

use crate::support::{TestApp, http::Answer, postgres_server};

/// Returns SQL that ends the session that inserts a game: at once, or at the end of COMMIT.
fn ending(session: &str) -> String {
    format!(
        "CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql AS
            'begin perform pg_terminate_backend(pg_backend_pid()); perform pg_sleep(60); return new; end';
        CREATE {session} FOR EACH ROW EXECUTE FUNCTION end_session()"
    )
}

const WITHIN_A_STATEMENT: &str = "TRIGGER ends BEFORE INSERT ON games";
const WITHIN_COMMIT: &str =
    "CONSTRAINT TRIGGER ends AFTER INSERT ON games DEFERRABLE INITIALLY DEFERRED";

/// Creates a game whose session dies there, by REST and by GraphQL, then asserts that later writes work. Returns the
/// answers; `None` without PostgreSQL.
async fn list_a_game_while_the_session_ends(session: &str) -> Option<(Answer, Answer)> {
    postgres_server()?;
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let database = test.app.database.reader();
    database.execute_unprepared(&ending(session)).await.unwrap();
    let game = json!({"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2",
        "condition": "mint"});
    let query = "mutation { createGame(input: {name: \"Ico\", publisher: \"Sony\", yearPublished: 2001, \
        gamingSystem: \"PS2\", condition: MINT}) { game { databaseId } userErrors { code } } }";
    let keyed = ann.with("idempotency-key", "one-game");
    let rest = keyed.post("/games", game.clone()).await;
    let graphql = ann.graphql(query, json!({})).await;
    database
        .execute_unprepared("DROP TRIGGER ends ON games")
        .await
        .unwrap();
    let again = keyed.post("/games", game).await;
    assert_eq!(again.status, StatusCode::CREATED, "{}", again.text);
    assert_eq!(again.header("idempotent-replayed"), "");
    let games = ann.get("/games").await.expect(200);
    assert_eq!(games["_embedded"]["games"].as_array().unwrap().len(), 1);
    Some((rest, graphql))
}

#[tokio::test(flavor = "multi_thread")]
async fn write_changes_nothing_when_the_session_dies_in_a_statement() {
    let Some((rest, graphql)) = list_a_game_while_the_session_ends(WITHIN_A_STATEMENT).await else {
        return;
    };
    assert_eq!(rest.header("retry-after"), "1");
    assert_eq!(rest.problem(503), "database_away");
    let extensions = &graphql.body["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "database_away", "{}", graphql.text);
    assert_eq!(extensions["retryAfter"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn write_is_in_doubt_when_the_session_dies_in_commit() {
    let Some((rest, graphql)) = list_a_game_while_the_session_ends(WITHIN_COMMIT).await else {
        return;
    };
    assert_eq!(rest.header("retry-after"), "1");
    assert!(!rest.text.contains("Nothing was changed"), "{}", rest.text);
    assert_eq!(rest.problem(503), "outcome_unknown");
    let extensions = &graphql.body["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "outcome_unknown", "{}", graphql.text);
}
