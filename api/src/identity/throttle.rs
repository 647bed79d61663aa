//! Counts failed passwords for an e-mail address: ten within a quarter of an hour, on all instances together.
//!
//! An attempt is counted before the password is checked and forgotten when it was right, so that attempts made at once
//! cannot slip past the limit together. Addresses are kept hashed: most that fail belong to nobody here.

use chrono::{DateTime, TimeDelta, Utc};
use entity::login_attempt::{ActiveModel, Column, Entity};
use platform::system::sha256;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait, OnConflict},
};

use crate::{
    app::App,
    error::{Error, Result},
};

/// How many wrong passwords one e-mail address may have in a [`WINDOW`].
const MAX_FAILURES: i64 = 10;
/// The window opens with its first failure.
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// Counts an attempt, or refuses it.
pub async fn attempt(app: &App, email: &str) -> Result<()> {
    let (key, now) = (sha256(email), app.clock.now());
    let left = app
        .write(move |_, transaction| Box::pin(count(transaction, key, now)))
        .await?;
    match left {
        None => Ok(()),
        Some(retry_after) => Err(Error::TooManyFailures { retry_after }),
    }
}

/// Forgets the attempts: the password was right.
pub async fn succeeded(app: &App, email: &str) -> Result<()> {
    let key = sha256(email);
    app.write(move |_, transaction| {
        Box::pin(async move {
            Entity::delete_by_id(key).exec(transaction).await?;
            Ok(())
        })
    })
    .await
}

/// Counts one more; gives the time until the window closes if that is one too many.
async fn count(
    transaction: &DatabaseTransaction,
    key: String,
    now: DateTime<Utc>,
) -> Result<Option<std::time::Duration>> {
    Entity::delete_many()
        .filter(Column::WindowStartedAt.lte(now - WINDOW))
        .exec(transaction)
        .await?;
    let row = ActiveModel {
        email_hash: Set(key),
        window_started_at: Set(now),
        attempts: Set(1),
    };
    let one_more = OnConflict::column(Column::EmailHash)
        .value(
            Column::Attempts,
            Expr::col((Entity, Column::Attempts)).add(1),
        )
        .to_owned();
    let row = Entity::insert(row)
        .on_conflict(one_more)
        .exec_with_returning(transaction)
        .await?;
    let left = (row.window_started_at + WINDOW - now)
        .to_std()
        .unwrap_or_default();
    Ok((row.attempts > MAX_FAILURES).then_some(left))
}
