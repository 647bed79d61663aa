//! A transaction with a failure is not committed, even when the use case ignored the failure.

use std::{future::poll_fn, pin::pin, task::Poll};

use exchange::error::Error;
use futures_util::future::BoxFuture;
use platform::database::Transaction;
use sea_orm::{ConnectionTrait, DbErr};

use super::{execute, game, stored};
use crate::support::TestApp;

/// Runs a write that inserts a row and then calls `work`. Returns its result and the rows that were stored.
async fn after_an_insert<W>(work: W) -> (Result<(), Error>, bool)
where
    W: for<'c> FnOnce(&'c Transaction) -> BoxFuture<'c, ()> + Send + 'static,
{
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let done = test
        .app
        .write(|write| {
            Box::pin(async move {
                let insert = "INSERT INTO storage_probes (filling) VALUES ('x')";
                write.transaction.execute_unprepared(insert).await?;
                work(write.transaction).await;
                Ok(())
            })
        })
        .await;
    // The connection, or its replacement, works.
    ann.post("/games", game(1)).await.expect(201);
    assert_eq!(stored(&test).await.len(), 1);
    execute(
        &test,
        "INSERT INTO storage_probes (id, filling) VALUES (99, 'y')",
    )
    .await;
    let probes = entity_count(&test).await;
    (done, probes > 1)
}

async fn entity_count(test: &TestApp) -> i64 {
    let reader = test.app.database.reader();
    let count = sea_orm::Statement::from_string(
        reader.get_database_backend(),
        "SELECT count(*) AS rows FROM storage_probes",
    );
    let row = reader.query_one_raw(count).await.unwrap().unwrap();
    row.try_get("", "rows").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn swallowed_failure_is_rolled_back() {
    let (done, is_stored) = after_an_insert(|transaction| {
        Box::pin(async move {
            // Statements after a failure do not run either.
            for sql in [
                "SELECT nothing FROM nowhere",
                "INSERT INTO storage_probes (filling) VALUES ('z')",
            ] {
                let _ = transaction.execute_unprepared(sql).await;
            }
        })
    })
    .await;
    assert!(done.is_err());
    assert!(!is_stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn unfinished_statement_is_rolled_back() {
    let (done, is_stored) = after_an_insert(|transaction| {
        Box::pin(async move {
            let mut insert = pin!(
                transaction.execute_unprepared("INSERT INTO storage_probes (filling) VALUES ('z')")
            );
            let begun = poll_fn(|context| Poll::Ready(insert.as_mut().poll(context))).await;
            assert!(begun.is_pending(), "it takes longer than that");
        })
    })
    .await;
    assert!(done.is_err());
    assert!(!is_stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn panicking_transaction_is_rolled_back() {
    let (done, is_stored) = after_an_insert(|_| Box::pin(async { panic!("of the test") })).await;
    assert!(done.is_err());
    assert!(!is_stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn dropped_transaction_is_rolled_back() {
    let test = TestApp::new().await;
    for _ in 0..30 {
        let transaction = test.app.database.begin().await.unwrap();
        let insert = "INSERT INTO storage_probes (filling) VALUES ('x')";
        transaction.execute_unprepared(insert).await.unwrap();
    }
    let written: Result<(), DbErr> = test
        .app
        .database
        .write(|_| Box::pin(async { Ok(()) }))
        .await;
    written.unwrap();
    assert_eq!(entity_count(&test).await, 0);
}
