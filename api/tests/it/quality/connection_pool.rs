//! Pooled connections: the parameters that they set, and the connections that the reader keeps. Writes, shutdown and
//! failed reads lose none.

use exchange::{pagination::Window, users};
use futures_util::future::join_all;
use platform::database::{ACQUIRE_TIMEOUT, Database, Fault, fault};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::limits::all_connections;
use crate::support::{TestApp, TestDatabase, awaited, postgres_server};

/// Runs as many reads at once as the pool has connections.
async fn read_with_all_connections(database: &Database) {
    let one = Statement::from_string(database.reader().get_database_backend(), "SELECT 1 AS one");
    let reads =
        (0..database.pool_status().max).map(|_| database.reader().query_one_raw(one.clone()));
    for row in join_all(reads).await {
        assert_eq!(row.unwrap().unwrap().try_get::<i32>("", "one"), Ok(1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn kept_connections_are_available_for_writes() {
    let test = TestApp::new().await;
    read_with_all_connections(&test.app.database).await;
    let taken = all_connections(&test).await;
    assert_eq!(test.app.database.pool_status().idle, 0);
    drop(taken);
}

#[tokio::test(flavor = "multi_thread")]
async fn close_does_not_wait_for_kept_connections() {
    let test = TestApp::new().await;
    let database = test.app.database.clone();
    read_with_all_connections(&database).await;
    awaited(database.clone().close()).await;
    assert_eq!(database.pool_status().open, 0);
    let refused = users::list(&test.app, &Window::first(1)).await;
    assert!(refused.is_err(), "it is closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn connection_is_dropped_when_its_session_ended() {
    if postgres_server().is_none() {
        return;
    }
    let test = TestApp::new().await;
    let reader = test.app.database.reader();
    let sql = |sql: &str| Statement::from_string(DbBackend::Postgres, sql);
    let session = sql("SELECT pg_backend_pid() AS pid");
    let pid = async || {
        let row = reader.query_one_raw(session.clone()).await?;
        row.unwrap().try_get::<i32>("", "pid")
    };
    let kept = pid().await.unwrap();
    let ended = reader.query_one_raw(sql("SELECT pg_terminate_backend(pg_backend_pid())"));
    assert_eq!(fault(&ended.await.unwrap_err()), Some(Fault::Unreachable));
    assert_ne!(pid().await.unwrap(), kept);
}

/// PgBouncer refuses connections that set other parameters at startup.
#[tokio::test(flavor = "multi_thread")]
async fn connection_sets_no_parameter_that_pgbouncer_refuses() {
    if postgres_server().is_none() {
        return;
    }
    let empty = TestDatabase::empty().await;
    let database = Database::open(&empty.url, ACQUIRE_TIMEOUT).await.unwrap();
    let reader = database.reader();
    let sql = "SELECT name FROM pg_settings WHERE source = 'client'";
    let statement = Statement::from_string(reader.get_database_backend(), sql);
    let rows = reader.query_all_raw(statement).await.unwrap();
    let names = rows.iter().map(|row| row.try_get("", "name").unwrap());
    let mut names: Vec<String> = names.collect();
    names.sort();
    assert_eq!(names, ["DateStyle", "TimeZone", "client_encoding"]);
    database.close().await;
}
