//! Folds the counts of the board, on the leading instance: the rows of a group into one, or into none if they add up to
//! nothing. Writers only append rows, so none of them waits for it.

use std::time::Duration;

use async_trait::async_trait;
use outbox::leader::Task;
use platform::database::{Database, Transaction};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

/// The interval at which it folds. Each count of the board reads the rows of this time.
const FOLD_EVERY: Duration = Duration::from_secs(5);
/// The groups that have several rows.
const GROUPS: &str = "SELECT system_key, condition, year_published FROM board_counts
    GROUP BY system_key, condition, year_published HAVING count(*) > 1";
/// Appends the sums behind the last row, in a transaction that is the only writer.
const SUM_ON_SQLITE: &str =
    "INSERT INTO board_counts (system_key, condition, year_published, games)
    SELECT system_key, condition, year_published, sum(games) FROM board_counts
    GROUP BY system_key, condition, year_published HAVING count(*) > 1 AND sum(games) <> 0";
/// Deletes the rows of groups with several rows up to the last row.
const DELETE_ON_SQLITE: &str =
    "DELETE FROM board_counts WHERE id <= $1 AND (system_key, condition, year_published) IN (
        SELECT system_key, condition, year_published FROM board_counts WHERE id <= $1
        GROUP BY system_key, condition, year_published HAVING count(*) > 1
    )";

/// Folds the counts of the board.
pub struct Folding {
    pub database: Database,
}

#[async_trait]
impl Task for Folding {
    async fn run(&self, stop: &CancellationToken) {
        stop.run_until_cancelled(self.fold_periodically()).await;
    }
}

impl Folding {
    async fn fold_periodically(&self) {
        loop {
            if let Err(cause) = self.fold().await {
                tracing::warn!(%cause, "the counts of the board could not be folded; trying again");
            }
            sleep(FOLD_EVERY).await;
        }
    }

    /// Folds the rows of all groups that have several.
    pub async fn fold(&self) -> Result<(), DbErr> {
        let reader = self.database.reader();
        let groups =
            Statement::from_string(reader.get_database_backend(), format!("{GROUPS} LIMIT 1"));
        if reader.query_one_raw(groups).await?.is_none() {
            return Ok(());
        }
        self.database
            .write(|transaction| Box::pin(fold(transaction)))
            .await
    }
}

async fn fold(transaction: &Transaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        // Deletes and sums in one statement, which sees no row that a writer appends meanwhile.
        let fold = format!(
            "WITH folded AS (
                DELETE FROM board_counts WHERE (system_key, condition, year_published) IN ({GROUPS})
                RETURNING system_key, condition, year_published, games
            )
            INSERT INTO board_counts (system_key, condition, year_published, games)
            SELECT system_key, condition, year_published, sum(games) FROM folded
            GROUP BY system_key, condition, year_published HAVING sum(games) <> 0"
        );
        transaction.execute_unprepared(&fold).await?;
        return Ok(());
    }
    let last = Statement::from_string(DbBackend::Sqlite, "SELECT max(id) FROM board_counts");
    let last = transaction.query_one_raw(last).await?;
    let last: Option<i64> = last.map_or(Ok(None), |row| row.try_get_by_index(0))?;
    transaction.execute_unprepared(SUM_ON_SQLITE).await?;
    let delete = Statement::from_sql_and_values(DbBackend::Sqlite, DELETE_ON_SQLITE, [last.into()]);
    transaction.execute_raw(delete).await?;
    Ok(())
}
