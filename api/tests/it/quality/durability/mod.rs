//! Durability: acknowledged writes are stored and refused ones are not, whatever the database does.

mod commit;
mod contention;
mod full;
mod outage;
mod skew;
mod transactions;

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::support::{
    TestApp,
    http::{Answer, Client},
};

fn game(number: usize) -> Value {
    json!({"name": format!("Game {number}"), "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2",
        "condition": "mint"})
}

/// Executes a statement directly.
async fn execute(test: &TestApp, sql: &str) {
    let reader = test.app.database.reader();
    reader.execute_unprepared(sql).await.unwrap();
}

/// Returns the numbers of the games that another program reads from the database.
async fn stored(test: &TestApp) -> BTreeSet<usize> {
    let other = sea_orm::Database::connect(test.url()).await.unwrap();
    let names = Statement::from_string(other.get_database_backend(), "SELECT name FROM games");
    let rows = other.query_all_raw(names).await.unwrap();
    other.close().await.unwrap();
    let names = rows.iter().map(|row| row.try_get::<String>("", "name"));
    names
        .map(|name| name.unwrap().trim_start_matches("Game ").parse().unwrap())
        .collect()
}

/// Returns `None` when the instance is ready, else the code of its 503.
async fn readiness(client: &Client) -> Option<String> {
    let answer = client.get("/health/ready").await;
    (answer.status != 200).then(|| answer.problem(503))
}

/// Asserts that the answer asks to retry later and says that nothing was changed.
#[track_caller]
fn refused(answer: Answer, code: &str) {
    assert_ne!(answer.header("retry-after"), "", "{}", answer.text);
    assert!(
        answer.text.contains("Nothing was changed"),
        "{}",
        answer.text
    );
    assert_eq!(answer.problem(503), code);
}
