//! A failing COMMIT changes nothing, and the next write is stored.

use std::collections::BTreeSet;

use super::{execute, game, stored};
use crate::support::{TestApp, postgres_server};

/// The number of failing COMMITs.
const TIMES: usize = 25;

/// Makes COMMIT fail in every transaction that inserts a game with an even number.
async fn break_commit(test: &TestApp) {
    let statements = if postgres_server().is_some() {
        [
            "CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS
                'begin raise exception ''commit fails'' using errcode = ''40001''; end'",
            "CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON games DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW WHEN (new.name ~ '[02468]$') EXECUTE FUNCTION fails()",
        ]
    } else {
        [
            "CREATE TABLE broken (game BIGINT REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED)",
            "CREATE TRIGGER fails AFTER INSERT ON games WHEN CAST(substr(new.name, 6) AS INTEGER) % 2 = 0
                BEGIN INSERT INTO broken VALUES (-1); END",
        ]
    };
    for statement in statements {
        execute(test, statement).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_commit_changes_nothing_and_later_writes_work() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    break_commit(&test).await;
    for number in 0..2 * TIMES {
        let answer = ann.post("/games", game(number)).await;
        if number % 2 == 0 {
            assert!(answer.status.is_server_error(), "{}", answer.text);
        } else {
            answer.expect(201);
        }
    }
    let expected: BTreeSet<_> = (0..2 * TIMES).filter(|number| number % 2 == 1).collect();
    assert_eq!(stored(&test).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn write_is_stored_after_sqlite_rolled_one_back() {
    if postgres_server().is_some() {
        return;
    }
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await.client();
    let trigger = "CREATE TRIGGER ends BEFORE INSERT ON games BEGIN SELECT RAISE(ROLLBACK, 'as when the disk is full'); END";
    execute(&test, trigger).await;
    for number in 0..TIMES {
        ann.post("/games", game(number)).await.expect(500);
    }
    execute(&test, "DROP TRIGGER ends").await;
    let later: BTreeSet<_> = (TIMES..2 * TIMES).collect();
    for number in &later {
        ann.post("/games", game(*number)).await.expect(201);
    }
    assert_eq!(stored(&test).await, later);
}
