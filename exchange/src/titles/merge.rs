//! Merges one title into another: an alias that an operator sets. Games and releases follow on the leading instance: see
//! [`crate::games::Keying`].

use std::fmt;

use catalogue::titles;
use entity::title;
use platform::database::{Database, InDoubt, Transaction};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, EntityTrait, Statement};

use crate::select;

/// The advisory lock that serializes merges: "titles" in ASCII.
const LOCK: i64 = i64::from_be_bytes(*b"\0\0titles");

/// The reasons why titles cannot be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    #[error("there is no title {0:?}; write a title that somebody has listed, or its key")]
    Unknown(String),
    #[error("both are the same title, {0:?}")]
    Same(String),
    #[error("{from:?} has been merged into {into:?} before; merge {into:?} instead")]
    MergedBefore { from: String, into: String },
    #[error("{into:?} has been merged into {from:?} before; the other way round is impossible")]
    Cycle { from: String, into: String },
    #[error("the database failed: {0}")]
    Database(#[from] DbErr),
    #[error(transparent)]
    InDoubt(#[from] InDoubt),
}

/// Two titles that were merged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    pub from: title::Model,
    /// The title that `from` means now.
    pub into: title::Model,
}

impl fmt::Display for Merged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [from, into] = [&self.from, &self.into].map(|title| &title.name);
        write!(
            f,
            "{from:?} now means {into:?}. A running server now moves its games."
        )
    }
}

/// Merges the title `from` into the title `into`, and with it those that were merged into it before. Each is a key, or a
/// title as people write it. If `into` was merged into another title, that one is meant.
pub async fn merge(database: &Database, from: &str, into: &str) -> Result<Merged, MergeError> {
    let (from, into) = (from.to_owned(), into.to_owned());
    database
        .write(move |transaction| {
            Box::pin(async move { merge_in(transaction, &from, &into).await })
        })
        .await
}

async fn merge_in(transaction: &Transaction, from: &str, into: &str) -> Result<Merged, MergeError> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        let lock = format!("SELECT pg_advisory_xact_lock({LOCK})");
        transaction.execute_unprepared(&lock).await?;
    }
    let from = find(transaction, from).await?;
    let into = find(transaction, into).await?;
    if from.key == into.key {
        return Err(MergeError::Same(from.name));
    }
    if let Some(other) = meaning(transaction, &from).await? {
        let (from, into) = (from.name, other.name);
        return Err(MergeError::MergedBefore { from, into });
    }
    let into = match meaning(transaction, &into).await? {
        Some(other) if other.key == from.key => {
            let (from, into) = (from.name, into.name);
            return Err(MergeError::Cycle { from, into });
        }
        Some(other) => other,
        None => into,
    };
    let merge = Statement::from_sql_and_values(
        transaction.get_database_backend(),
        "UPDATE titles SET means = $2 WHERE key = $1 OR means = $1",
        [from.key.as_str().into(), into.key.as_str().into()],
    );
    transaction.execute_raw(merge).await?;
    Ok(Merged { from, into })
}

/// Finds a title by its key, or else by the key of what somebody wrote.
async fn find(transaction: &Transaction, text: &str) -> Result<title::Model, MergeError> {
    for key in [text.to_owned(), titles::key(text)] {
        if let Some(title) = by_key(transaction, key).await? {
            return Ok(title);
        }
    }
    Err(MergeError::Unknown(text.to_owned()))
}

/// Finds the title that this one was merged into.
async fn meaning(
    transaction: &Transaction,
    title: &title::Model,
) -> Result<Option<title::Model>, DbErr> {
    match &title.means {
        Some(key) => by_key(transaction, key.clone()).await,
        None => Ok(None),
    }
}

async fn by_key(transaction: &Transaction, key: String) -> Result<Option<title::Model>, DbErr> {
    select::one(transaction, title::Entity::find_by_id(key)).await
}
