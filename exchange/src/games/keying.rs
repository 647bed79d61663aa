//! Gives games their keys, on the leading instance: those that an older version of the exchange or an older rule wrote,
//! and those whose title was merged into another.

use std::time::Duration;

use async_trait::async_trait;
use catalogue::RULE;
use outbox::leader::Task;
use platform::database::{Database, Transaction};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};
use serde_json::json;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use crate::releases::{Keys, ReleaseName, json_rows, know_all};

/// The maximum number of games in one transaction. Their writers wait for it.
const BATCH: usize = 500;
/// The interval at which it looks for games without keys.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The titles that were merged into others, with something that names them.
const OF_MERGED: &str = "titles CROSS JOIN games WHERE titles.means IS NOT NULL
    AND games.title_key = titles.key AND games.deleted_at IS NULL";
const RELEASES_OF_MERGED: &str = "titles CROSS JOIN releases WHERE titles.means IS NOT NULL
    AND releases.title_key = titles.key";

/// Gives games their keys. Their texts, versions and times stay as they are.
pub struct Keying {
    pub database: Database,
}

/// The rule and the id of a game. The next batch starts behind those of the last one, so that it does not read what the
/// former ones have left in the index.
type Place = (i32, i64);

/// The place before all games.
const START: Place = (-1, 0);

#[async_trait]
impl Task for Keying {
    async fn run(&self, stop: &CancellationToken) {
        stop.run_until_cancelled(self.key_continually()).await;
    }
}

impl Keying {
    async fn key_continually(&self) {
        loop {
            match self.key_all().await {
                Ok(0) => {}
                Ok(games) => tracing::info!(games, "games were given their keys"),
                Err(cause) => {
                    tracing::warn!(%cause, "games could not be given their keys; trying again");
                }
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Gives all games their keys that lack them, except those that somebody is writing. Returns how many there were.
    pub async fn key_all(&self) -> Result<usize, DbErr> {
        let mut keyed = 0;
        if !self.has_work().await? {
            return Ok(keyed);
        }
        let mut after = START;
        loop {
            let batch = self
                .database
                .write(move |transaction| Box::pin(key_batch(transaction, after)));
            match batch.await? {
                (0, _) if after == START => return Ok(keyed),
                (0, _) => after = START,
                (games, last) => (keyed, after) = (keyed + games, last),
            }
        }
    }

    async fn has_work(&self) -> Result<bool, DbErr> {
        let reader = self.database.reader();
        let sql = format!(
            "SELECT 1 WHERE (SELECT min(key_rule) FROM games) < {RULE}
                OR EXISTS (SELECT 1 FROM {OF_MERGED}) OR EXISTS (SELECT 1 FROM {RELEASES_OF_MERGED})"
        );
        let look = Statement::from_string(reader.get_database_backend(), sql);
        Ok(reader.query_one_raw(look).await?.is_some())
    }
}

/// Gives some games their keys. Returns how many, and the place where the next batch starts.
async fn key_batch(transaction: &Transaction, after: Place) -> Result<(usize, Place), DbErr> {
    let mut games = lock_by_rule(transaction, after).await?;
    let last = games.last().map(|game| game.place);
    if games.is_empty() && after == START {
        follow_merges(transaction).await?;
        games = lock_merged(transaction).await?;
    }
    let ids: Vec<_> = games.iter().map(|game| game.place.1).collect();
    let named: Vec<_> = games.into_iter().map(|game| game.named).collect();
    let keys = know_all(transaction, &named).await?;
    write_keys(transaction, &ids, &keys).await?;
    Ok((ids.len(), last.unwrap_or(START)))
}

/// A game that needs keys.
struct Unkeyed {
    place: Place,
    named: ReleaseName,
}

/// Locks games whose keys the current rule did not make. Their writers are not waited for: they are next.
async fn lock_by_rule(transaction: &Transaction, (rule, id): Place) -> Result<Vec<Unkeyed>, DbErr> {
    let rest = format!(
        "games WHERE key_rule < {RULE} AND (key_rule, id) > ($1, $2) ORDER BY key_rule, id LIMIT {BATCH}"
    );
    lock(transaction, &rest, [rule.into(), id.into()]).await
}

/// Locks games whose title was merged into another.
async fn lock_merged(transaction: &Transaction) -> Result<Vec<Unkeyed>, DbErr> {
    lock(transaction, &format!("{OF_MERGED} LIMIT {BATCH}"), []).await
}

async fn lock<const N: usize>(
    transaction: &Transaction,
    from: &str,
    values: [Value; N],
) -> Result<Vec<Unkeyed>, DbErr> {
    let backend = transaction.get_database_backend();
    let locking = match backend {
        DbBackend::Postgres => "FOR NO KEY UPDATE OF games SKIP LOCKED",
        _ => "",
    };
    let sql = format!(
        "SELECT games.key_rule, games.id, games.name, games.publisher, games.gaming_system FROM {from} {locking}"
    );
    let rows = Statement::from_sql_and_values(backend, sql, values);
    let game = |row: QueryResult| {
        Ok(Unkeyed {
            place: (row.try_get_by_index(0)?, row.try_get_by_index(1)?),
            named: ReleaseName {
                name: row.try_get_by_index(2)?,
                publisher: row.try_get_by_index(3)?,
                gaming_system: row.try_get_by_index(4)?,
            },
        })
    };
    let rows = transaction.query_all_raw(rows).await?;
    rows.into_iter().map(game).collect()
}

/// Gives the releases of merged titles to the titles that these mean.
async fn follow_merges(transaction: &Transaction) -> Result<(), DbErr> {
    let follow = "UPDATE releases SET title_key = titles.means FROM titles
        WHERE titles.means IS NOT NULL AND titles.key = releases.title_key";
    transaction.execute_unprepared(follow).await?;
    Ok(())
}

async fn write_keys(transaction: &Transaction, ids: &[i64], keys: &[Keys]) -> Result<(), DbErr> {
    let row =
        |(id, keys): (&i64, &Keys)| json!([id, keys.title_key, keys.system_key, keys.sort_key]);
    let rows: Vec<_> = ids.iter().zip(keys).map(row).collect();
    if rows.is_empty() {
        return Ok(());
    }
    let backend = transaction.get_database_backend();
    let sql = format!(
        "UPDATE games SET title_key = keyed.title_key, system_key = keyed.system_key, sort_key = keyed.sort_key, key_rule = {RULE}
            FROM (SELECT CAST(value ->> 0 AS BIGINT) AS id, value ->> 1 AS title_key, value ->> 2 AS system_key,
                value ->> 3 AS sort_key FROM {}) AS keyed WHERE games.id = keyed.id",
        json_rows(backend)
    );
    let update = Statement::from_sql_and_values(backend, sql, [json!(rows).to_string().into()]);
    transaction.execute_raw(update).await?;
    Ok(())
}
