//! Fills a database with an exchange that has been in use for a while, from [`history`]. The rows are inserted by the
//! entities, so checks and indexes of new migrations apply to them, and titles and releases by the exchange itself.

mod history;
#[cfg(test)]
mod tests;
mod titles;

use std::{error::Error, time::Instant};

use entity::user;
use exchange::releases::know_all;
use platform::database::{ACQUIRE_TIMEOUT, Database, Transaction};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait};

use self::history::History;

/// The number of rows of one INSERT: SQLite takes 32 766 values, and a row has up to 17.
const AT_ONCE: usize = 1_900;
/// The tables whose ids are explicit, not generated.
const COUNTED: [&str; 4] = ["users", "games", "offers", "game_transfers"];

/// The size of the generated exchange.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct Size {
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(2..))]
    people: u32,
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(2..))]
    games: u32,
    #[arg(long, default_value_t = 200_000)]
    offers: u32,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// The database is in use.
#[derive(Debug, thiserror::Error)]
#[error("people are in the database already: load fills an empty one; set DATABASE_URL to another")]
struct NotEmpty;

/// Migrates the database and fills it, all or nothing. Refuses one that has people in it.
pub async fn fill(url: &str, size: Size) -> Result<(), Box<dyn Error>> {
    let began = Instant::now();
    let database = Database::open(url, ACQUIRE_TIMEOUT).await?;
    let connection = database.reader();
    if user::Entity::find().one(connection).await?.is_some() {
        return Err(NotEmpty.into());
    }
    let history = History::new(size);
    let transaction = database.begin().await?;
    insert(&transaction, history.people()).await?;
    let releases = history.releases();
    let keys = know_all(&transaction, &releases).await?;
    let releases: Vec<_> = releases.into_iter().zip(keys).collect();
    insert(&transaction, history.games(&releases)).await?;
    count(&transaction).await?;
    insert(&transaction, history.offers()).await?;
    insert(&transaction, history.offer_games()).await?;
    insert(&transaction, history.transfers()).await?;
    count_on(&transaction).await?;
    transaction.commit().await?;
    settle_down(connection).await?;
    println!("{history}, in {:.1} s", began.elapsed().as_secs_f64());
    database.close().await;
    Ok(())
}

async fn insert<A>(
    transaction: &Transaction,
    mut rows: impl Iterator<Item = A>,
) -> Result<(), DbErr>
where
    A: ActiveModelTrait,
{
    loop {
        let some: Vec<_> = rows.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            return Ok(());
        }
        A::Entity::insert_many(some)
            .exec_without_returning(transaction)
            .await?;
    }
}

/// Counts the listed games, in a row for each group, as after some time in use. The triggers counted them in many.
async fn count(transaction: &Transaction) -> Result<(), DbErr> {
    let empty = match transaction.get_database_backend() {
        // DELETE would leave the space of its rows behind.
        DbBackend::Postgres => "TRUNCATE board_counts",
        _ => "DELETE FROM board_counts",
    };
    for statement in [
        empty,
        "INSERT INTO board_counts (system_key, condition, year_published, games)
         SELECT system_key, condition, year_published, count(*) FROM games WHERE deleted_at IS NULL GROUP BY 1, 2, 3",
    ] {
        transaction.execute_unprepared(statement).await?;
    }
    Ok(())
}

/// Moves the sequences beyond the explicit ids. SQLite does so by itself.
async fn count_on(transaction: &Transaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    for table in COUNTED {
        let statement = format!(
            "SELECT setval(pg_get_serial_sequence('{table}', 'id'), coalesce(max(id), 0) + 1, false) FROM {table}"
        );
        transaction.execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// Vacuums and analyzes at once, as autovacuum would within minutes. SQLite has no autovacuum.
async fn settle_down(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    if connection.get_database_backend() == DbBackend::Postgres {
        connection.execute_unprepared("VACUUM ANALYZE").await?;
    }
    Ok(())
}
