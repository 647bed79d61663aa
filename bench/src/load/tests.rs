//! The generated exchange follows the rules.

#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use platform::database::{ACQUIRE_TIMEOUT, Database};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use tempfile::TempDir;

use super::{Size, fill};

const SIZE: Size = Size {
    people: 30,
    games: 200,
    offers: 2_000,
    seed: 7,
};

/// Queries that find violations, each with its description.
const WRONG: [(&str, &str); 8] = [
    (
        "a pending offer promises what its side does not own, or what left the board",
        "SELECT offers.id FROM offers JOIN offer_games ON offer_id = offers.id JOIN games ON game_id = games.id
         WHERE status = 'pending' AND (deleted_at IS NOT NULL
             OR owner_id <> CASE side WHEN 'offered' THEN offerer_id ELSE receiver_id END)",
    ),
    (
        "a game is not where its ledger ends",
        "SELECT games.id FROM games JOIN game_transfers last ON last.game_id = games.id AND last.owner_seq = games.owner_seq
         WHERE to_user_id <> owner_id",
    ),
    (
        "a ledger has gaps",
        "SELECT games.id FROM games
         WHERE owner_seq <> (SELECT count(*) FROM game_transfers WHERE game_id = games.id)",
    ),
    (
        "a line of a ledger does not begin where the one before ends",
        "SELECT next.id FROM game_transfers next JOIN game_transfers last
             ON last.game_id = next.game_id AND last.owner_seq = next.owner_seq - 1
         WHERE next.from_user_id <> last.to_user_id",
    ),
    (
        "an accepted offer did not move each of its games",
        "SELECT offers.id FROM offers WHERE status = 'accepted'
         AND (SELECT count(*) FROM offer_games WHERE offer_id = offers.id)
             <> (SELECT count(*) FROM game_transfers WHERE offer_id = offers.id)",
    ),
    (
        "a game is no copy of a release",
        "SELECT games.id FROM games LEFT JOIN releases USING (sort_key, title_key, system_key)
         WHERE releases.id IS NULL OR key_rule = 0",
    ),
    (
        "a title has several publishers, or more than three systems",
        "SELECT title_key FROM games GROUP BY title_key
         HAVING count(DISTINCT publisher) > 1 OR count(DISTINCT gaming_system) > 3",
    ),
    (
        "a count of the board is wrong, or has several rows",
        "SELECT system_key FROM (
             SELECT system_key, condition, year_published, count(*) AS games FROM games WHERE deleted_at IS NULL GROUP BY 1, 2, 3
             UNION ALL
             SELECT system_key, condition, year_published, games FROM board_counts
         ) GROUP BY system_key, condition, year_published, games HAVING count(*) <> 2",
    ),
];

async fn loaded(size: Size) -> (TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let url = format!(
        "sqlite://{}?mode=rwc",
        directory.path().join("loaded.db").display()
    );
    fill(&url, size).await.unwrap();
    (directory, url)
}

async fn rows(database: &Database, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(DbBackend::Sqlite, sql);
    let rows = database.reader().query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| match row.try_get_by_index::<String>(0) {
            Ok(text) => text,
            Err(_) => row.try_get_by_index::<i64>(0).unwrap().to_string(),
        })
        .collect()
}

#[tokio::test]
async fn load_follows_the_rules_of_the_exchange() {
    let (_directory, url) = loaded(SIZE).await;
    let database = Database::open(&url, ACQUIRE_TIMEOUT).await.unwrap();
    let states = rows(
        &database,
        "SELECT DISTINCT status FROM offers ORDER BY status",
    )
    .await;
    assert_eq!(states, ["accepted", "cancelled", "pending", "rejected"]);
    for (what, query) in WRONG {
        assert_eq!(rows(&database, query).await, [""; 0], "{what}");
    }
}

#[tokio::test]
async fn load_repeats_rows_only_for_the_same_seed() {
    let mut all = Vec::new();
    for seed in [7, 7, 8] {
        let (_directory, url) = loaded(Size { seed, ..SIZE }).await;
        let database = Database::open(&url, ACQUIRE_TIMEOUT).await.unwrap();
        let games = "SELECT id || name || publisher || owner_id || owner_seq || condition FROM games ORDER BY id";
        let offers =
            "SELECT id || status || offerer_id || receiver_id || version FROM offers ORDER BY id";
        all.push([rows(&database, games).await, rows(&database, offers).await]);
    }
    assert_eq!(all[0], all[1]);
    assert_ne!(all[0], all[2]);
}

#[tokio::test]
async fn load_refuses_a_database_in_use() {
    let (_directory, url) = loaded(SIZE).await;
    let refused = fill(&url, SIZE).await.unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("people are in the database already"),
        "{refused}"
    );
}
