//! The inbox: each (event, recipient) once. A duplicate of an event falls on the unique key, however late it comes.
//!
//! A row waits until it is due, is leased to a sender for longer than a send can take, and ends as what became of it. A
//! row whose sender died is leased again when the lease has run out: at least once.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    NotificationState, UserId,
    event::cloud::CloudEvent,
    notification::{ActiveModel, Column, Entity, Model},
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict},
};

use crate::letters;

/// For how long a row is taken: a send's time-out, and as much again for the database before and after it.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// For how long a finished row is kept; it must be longer than Kafka keeps records, or a replay would send again.
const KEEP: TimeDelta = TimeDelta::days(30);

/// What became of an attempt to send a letter. The texts hold no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The state that the letter ends in, and why.
    Finished(NotificationState, String),
    /// When it is to be tried again, and why.
    Later(DateTime<Utc>, String),
}

/// Takes events in, in the caller's transaction. Gives how many letters are new.
pub async fn receive(
    transaction: &DatabaseTransaction,
    events: &[CloudEvent],
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    // In one order everywhere: two transactions with the same events wait for one another, and must not do so crosswise.
    let mut events: Vec<_> = events.iter().collect();
    events.sort_by_key(|event| event.id);
    let mut rows = Vec::new();
    for event in events {
        let content =
            serde_json::to_value(&event.event).map_err(|cause| DbErr::Custom(cause.to_string()))?;
        for (recipient_id, template) in letters::recipients(&event.event) {
            rows.push(ActiveModel {
                event_id: Set(event.id),
                recipient_id: Set(recipient_id),
                template: Set(template),
                event: Set(content.clone()),
                state: Set(NotificationState::Waiting),
                attempts: Set(0),
                next_attempt_at: Set(Some(now)),
                created_at: Set(now),
                ..Default::default()
            });
        }
    }
    if rows.is_empty() {
        return Ok(0);
    }
    let once = OnConflict::columns([Column::EventId, Column::RecipientId])
        .do_nothing()
        .to_owned();
    Entity::insert_many(rows)
        .on_conflict(once)
        .exec_without_returning(transaction)
        .await
}

/// Leases up to `limit` letters that are due, the longest waiting first; none to `passed_over`.
pub async fn lease(
    transaction: &DatabaseTransaction,
    limit: u64,
    passed_over: Vec<UserId>,
    now: DateTime<Utc>,
) -> Result<Vec<Model>, DbErr> {
    let free = Condition::any()
        .add(Column::LeaseUntil.is_null())
        .add(Column::LeaseUntil.lte(now));
    let mut rows = Entity::find()
        .filter(Column::State.eq(NotificationState::Waiting))
        .filter(Column::NextAttemptAt.lte(now))
        .filter(Column::RecipientId.is_not_in(passed_over))
        .filter(free)
        .order_by_asc(Column::NextAttemptAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(transaction)
        .await?;
    if rows.is_empty() {
        return Ok(rows);
    }
    Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(now + LEASE))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Id.is_in(rows.iter().map(|row| row.id)))
        .exec(transaction)
        .await?;
    for row in &mut rows {
        row.attempts += 1;
    }
    Ok(rows)
}

/// Writes down what became of a leased letter, unless its lease ran out and another sender has it, or had it.
pub async fn record(
    transaction: &DatabaseTransaction,
    row: &Model,
    verdict: Verdict,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let (state, said, next, finished) = match verdict {
        Verdict::Finished(state, said) => (state, said, None, Some(now)),
        Verdict::Later(next, said) => (NotificationState::Waiting, said, Some(next), None),
    };
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::SmtpResponse, Expr::value(said))
        .col_expr(Column::NextAttemptAt, Expr::value(next))
        .col_expr(Column::FinishedAt, Expr::value(finished))
        .col_expr(Column::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Attempts.eq(row.attempts))
        .filter(Column::State.eq(NotificationState::Waiting))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Deletes rows that were finished long ago.
pub async fn sweep(transaction: &DatabaseTransaction, now: DateTime<Utc>) -> Result<(), DbErr> {
    Entity::delete_many()
        .filter(Column::FinishedAt.lt(now - KEEP))
        .exec(transaction)
        .await?;
    Ok(())
}
