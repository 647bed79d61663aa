//! Leader election among instances on one PostgreSQL database. On SQLite a process is alone, and leads.

use futures_util::FutureExt;
use outbox::leader::Leadership;
use sea_orm::ConnectionTrait;
use tokio_util::sync::CancellationToken;

use crate::support::{TestApp, TestDatabase, awaited, eventually, postgres_server};
use platform::database::{ACQUIRE_TIMEOUT, Database};

#[tokio::test(flavor = "multi_thread")]
async fn leader_is_unique_until_its_session_ends() {
    if postgres_server().is_none() {
        let test = TestApp::new().await;
        let mut leader = Leadership::acquire(&test.app.database).await.unwrap();
        assert!(leader.until_lost().now_or_never().is_none());
        return;
    }
    let migrated = TestDatabase::migrated().await;
    let (one, other) = (
        Database::open(&migrated.url, ACQUIRE_TIMEOUT)
            .await
            .unwrap(),
        Database::open(&migrated.url, ACQUIRE_TIMEOUT)
            .await
            .unwrap(),
    );
    let mut leader = Leadership::acquire(&one).await.unwrap();
    let mut rival = Box::pin(Leadership::acquire(&other));
    tokio::select! {
        _ = &mut rival => panic!("two lead"),
        why = leader.until_lost() => panic!("it ended: {why}"),
        // Both have polled the server several times by then.
        () = awaited(wait_for_attempts(&other)) => {}
    }
    let ended = other
        .reader()
        .execute_unprepared(
            "SELECT pg_terminate_backend(pid) FROM pg_locks
             WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        )
        .await;
    ended.unwrap();
    let _second = rival.await.unwrap();
    leader.until_lost().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn leader_releases_leadership_when_it_stops() {
    let test = TestApp::new().await;
    let stop = CancellationToken::new();
    let leading = tokio::spawn(test.leader().run(stop.clone()));
    let [ann, bob] = test.people(["ann", "bob"]).await;
    ann.offers(&[ann.lists("Mine").await], &[bob.lists("Theirs").await])
        .await
        .unwrap();
    eventually(async || test.outbox().await[0].published_at.is_some()).await;
    stop.cancel();
    leading.await.unwrap();
    if test.app.database.is_shared() {
        assert_eq!(locks(&test.app.database).await, 0);
    }
    Leadership::acquire(&test.app.database).await.unwrap();
}

/// Counts the advisory locks that are held in this database.
async fn locks(database: &Database) -> i64 {
    let row = database
        .reader()
        .query_one_raw(sea_orm::Statement::from_string(
            sea_orm::DbBackend::Postgres,
            "SELECT count(*) AS held FROM pg_locks WHERE locktype = 'advisory' AND granted
             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        ))
        .await
        .unwrap();
    row.unwrap().try_get("", "held").unwrap()
}

/// Waits until the rival's session has tried to take the lock several times.
async fn wait_for_attempts(database: &Database) {
    let mut seen = std::collections::BTreeSet::new();
    while seen.len() < 3 {
        let row = database
            .reader()
            .query_one_raw(sea_orm::Statement::from_string(
                sea_orm::DbBackend::Postgres,
                "SELECT max(query_start)::text AS at FROM pg_stat_activity
                 WHERE datname = current_database() AND query LIKE 'SELECT pg_try_advisory_xact_lock%'",
            ))
            .await
            .unwrap();
        let at: Option<String> = row.and_then(|row| row.try_get("", "at").ok());
        seen.extend(at);
        tokio::task::yield_now().await;
    }
}
