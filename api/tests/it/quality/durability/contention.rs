//! Contention and server failures: the answer asks to retry. PostgreSQL only; a file has one writer at a time.

use std::pin::pin;

use api::admission::Admission;
use futures_util::future::join_all;
use sea_orm::ConnectionTrait;
use serde_json::json;
use tokio::join;

use super::{execute, game, refused, stored};
use crate::support::{TestApp, eventually, postgres_server};

#[tokio::test(flavor = "multi_thread")]
async fn write_asks_to_retry_on_a_server_failure() {
    if postgres_server().is_none() {
        return;
    }
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let trigger = "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS
        'begin raise exception ''as asked'' using errcode = new.publisher; end';
        CREATE TRIGGER fails BEFORE INSERT ON games FOR EACH ROW EXECUTE FUNCTION fails()";
    execute(&test, trigger).await;
    let codes = [
        ("40001", "contended"),
        ("40P01", "contended"),
        ("55P03", "contended"),
        ("57014", "contended"),
        ("53100", "storage_full"),
        ("58030", "storage_failing"),
        ("53200", "storage_failing"),
        ("25006", "storage_failing"),
    ];
    for (sqlstate, code) in codes {
        let mut game = game(1);
        game["publisher"] = sqlstate.into();
        refused(ann.post("/games", game).await, code);
    }
    assert!(stored(&test).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn write_asks_to_retry_on_a_deadlock() {
    if postgres_server().is_none() {
        return;
    }
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Game 1").await, bob.lists("Game 2").await);
    let outsider = test.app.database.begin().await.unwrap();
    let game = format!("SELECT 1 FROM games WHERE id = {theirs} FOR UPDATE");
    outsider.execute_unprepared(&game).await.unwrap();
    let crosswise = async {
        // The offer has locked both users by now, and waits for the game.
        eventually(async || waiting(&test).await > 0).await;
        let person = format!("SELECT 1 FROM users WHERE id = {} FOR UPDATE", ann.id);
        outsider.execute_unprepared(&person).await.unwrap();
        outsider.rollback().await.unwrap();
    };
    let body = json!({"offered_game_id": mine, "requested_game_id": theirs});
    let client = ann.client();
    let (answer, ()) = join!(client.post("/offers", body.clone()), crosswise);
    refused(answer, "contended");
    client.post("/offers", body).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn lock_wait_times_out() {
    if postgres_server().is_none() {
        return;
    }
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let outsider = test.app.database.begin().await.unwrap();
    let lock = format!("SELECT 1 FROM users WHERE id = {} FOR UPDATE", ann.id);
    outsider.execute_unprepared(&lock).await.unwrap();
    refused(ann.client().post("/games", game(1)).await, "contended");
    outsider.rollback().await.unwrap();
    ann.client().post("/games", game(1)).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn locked_row_delays_only_its_own_writers() {
    if postgres_server().is_none() {
        return;
    }
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let outsider = test.app.database.begin().await.unwrap();
    let lock = format!("SELECT 1 FROM users WHERE id = {} FOR UPDATE", ann.id);
    outsider.execute_unprepared(&lock).await.unwrap();
    // As many as the instance admits at once.
    let places = Admission::GENERAL.concurrency;
    let client = ann.client();
    let hers = join_all((0..places).map(|number| client.post("/games", game(number))));
    let mut hers = pin!(hers);
    let his = async {
        eventually(async || waiting(&test).await >= places).await;
        bob.client().post("/games", game(99)).await.expect(201);
    };
    tokio::select! {
        _ = &mut hers => panic!("he waited until the last of hers was given up"),
        () = his => {}
    }
    assert!(waiting(&test).await >= places, "he waited for one of hers");
    // No other request waits.
    refused(client.post("/games", game(98)).await, "contended");
    assert!(waiting(&test).await >= places, "it did not come at once");
    for answer in hers.await {
        refused(answer, "contended");
    }
    outsider.rollback().await.unwrap();
}

/// Counts the sessions of the test's database that wait for a lock.
async fn waiting(test: &TestApp) -> usize {
    let reader = test.app.database.reader();
    let sql = "SELECT count(*) AS waiting FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    let waiting = sea_orm::Statement::from_string(reader.get_database_backend(), sql);
    let row = reader.query_one_raw(waiting).await.unwrap().unwrap();
    usize::try_from(row.try_get::<i64>("", "waiting").unwrap()).unwrap()
}
