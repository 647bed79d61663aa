//! Counts what must not be done to an e-mail address too often, on all instances together: ten wrong passwords, and five
//! letters that anybody may ask for, within a quarter of an hour.
//!
//! An attempt is counted before the password is checked and forgotten when it was right, so that attempts made at once
//! cannot slip past the limit together. Addresses are kept hashed: most that fail belong to nobody here.

use std::time::Duration;

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
/// How many letters may be asked for in a [`WINDOW`].
const MAX_LETTERS: i64 = 5;
/// The window opens with the first that is counted.
const WINDOW: TimeDelta = TimeDelta::minutes(15);

/// Counts an attempt, or refuses it.
pub async fn attempt(app: &App, email: &str) -> Result<()> {
    let (key, now) = (sha256(email), app.clock.now());
    let counted = app
        .write(move |_, transaction| Box::pin(count(transaction, key, now)))
        .await?;
    if counted.attempts > MAX_FAILURES {
        let retry_after = counted.window_left;
        return Err(Error::TooManyFailures { retry_after });
    }
    Ok(())
}

/// Counts a letter to the address, or refuses it. Whoever calls this has not locked the person's row yet.
pub async fn letter(
    transaction: &DatabaseTransaction,
    email: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    let counted = count(transaction, sha256(format!("letter {email}")), now).await?;
    if counted.attempts > MAX_LETTERS {
        let retry_after = counted.window_left;
        return Err(Error::TooManyLetters { retry_after });
    }
    Ok(())
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

struct Counted {
    /// In this window, with the one just counted.
    attempts: i64,
    /// How long the window is still open.
    window_left: Duration,
}

/// Counts one more.
async fn count(
    transaction: &DatabaseTransaction,
    key: String,
    now: DateTime<Utc>,
) -> Result<Counted> {
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
    let window_left = row.window_started_at + WINDOW - now;
    Ok(Counted {
        attempts: row.attempts,
        window_left: window_left.to_std().unwrap_or_default(),
    })
}
