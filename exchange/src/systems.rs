//! Gaming systems: those of the table in [`catalogue::systems`], and whatever else people wrote.

use std::collections::BTreeMap;

use catalogue::systems;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement};

use crate::{Exchange, error::Result};

/// The maximum number of systems in a list. Those with the fewest games are left out.
pub const MAX_SYSTEMS: usize = 500;

/// A system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemListing {
    pub key: String,
    /// The name to show.
    pub name: String,
    /// The number of its games on the board.
    pub games: u64,
}

/// Returns the systems that are known or that games on the board are for, those with the most games first: at most
/// [`MAX_SYSTEMS`].
pub async fn list(exchange: &Exchange) -> Result<Vec<SystemListing>> {
    let mut games: BTreeMap<String, u64> = systems::ALL
        .iter()
        .map(|system| (system.key.to_owned(), 0))
        .collect();
    games.extend(listed(exchange.database.reader()).await?);
    let mut systems: Vec<_> = games
        .into_iter()
        .map(|(key, games)| SystemListing {
            name: systems::name(&key).to_owned(),
            key,
            games,
        })
        .collect();
    systems.sort_by(|one, other| {
        other
            .games
            .cmp(&one.games)
            .then_with(|| one.name.cmp(&other.name))
    });
    systems.truncate(MAX_SYSTEMS);
    Ok(systems)
}

/// Counts the games on the board by their systems. Those without keys so far have none.
async fn listed(connection: &impl ConnectionTrait) -> Result<Vec<(String, u64)>, DbErr> {
    let sql =
        "SELECT system_key, CAST(sum(games) AS BIGINT) FROM board_counts WHERE system_key <> ''
        GROUP BY system_key HAVING sum(games) > 0";
    let counts = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(counts).await?;
    let read = |row: &QueryResult| {
        let games: i64 = row.try_get_by_index(1)?;
        Ok((row.try_get_by_index(0)?, games.unsigned_abs()))
    };
    rows.iter().map(read).collect()
}
