//! A full disk: on SQLite by a limit on pages, on PostgreSQL by a trigger with the same error.

use std::collections::BTreeSet;

use sea_orm::ConnectionTrait;

use super::{execute, game, readiness, refused, stored};
use crate::{
    quality::limits::all_connections,
    support::{TestApp, eventually, postgres_server},
};

/// Stops the pool's connections from growing the file. New connections may.
async fn take_the_room(test: &TestApp) {
    for connection in all_connections(test).await {
        let limit = "PRAGMA max_page_count = 1";
        connection.execute_unprepared(limit).await.unwrap();
        connection.rollback().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn write_is_stored_or_refused_when_the_disk_is_full() {
    if postgres_server().is_some() {
        return;
    }
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    take_the_room(&test).await;
    let (mut acknowledged, mut refusals) = (BTreeSet::new(), 0);
    for number in 0..300 {
        let answer = ann.post("/games", game(number)).await;
        if answer.status == 201 {
            acknowledged.insert(number);
        } else {
            refused(answer, "storage_full");
            refusals += 1;
            ann.get("/games").await.expect(200);
        }
    }
    assert!(refusals > 0 && acknowledged.contains(&299), "{refusals}");
    assert_eq!(stored(&test).await, acknowledged);
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_is_false_until_a_probe_write_succeeds() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    assert_eq!(readiness(&ann).await, None);
    let (full, room) = if postgres_server().is_some() {
        let function = "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
            'begin raise exception ''no room'' using errcode = ''53100''; end'";
        execute(&test, function).await;
        let trigger = |table| {
            format!("CREATE TRIGGER is_full BEFORE INSERT ON {table} EXECUTE FUNCTION full_disk()")
        };
        (
            [trigger("games"), trigger("storage_probes")],
            ["games", "storage_probes"].map(|table| format!("DROP TRIGGER is_full ON {table}")),
        )
    } else {
        let limit = "SELECT 1".to_owned();
        ([limit.clone(), limit.clone()], [limit.clone(), limit])
    };
    for statement in full {
        execute(&test, &statement).await;
    }
    if postgres_server().is_none() {
        take_the_room(&test).await;
    }
    let mut number = 0;
    loop {
        let answer = ann.post("/games", game(number)).await;
        if answer.status == 503 {
            refused(answer, "storage_full");
            break;
        }
        answer.expect(201);
        number += 1;
    }
    assert_eq!(readiness(&ann).await.as_deref(), Some("not_writable"));
    assert_eq!(readiness(&ann).await.as_deref(), Some("not_writable"));
    for statement in room {
        execute(&test, &statement).await;
    }
    eventually(async || readiness(&ann).await.is_none()).await;
    ann.post("/games", game(number)).await.expect(201);
}
