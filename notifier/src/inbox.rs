//! The inbox: each (event, recipient) once. A duplicate of an event falls on the unique key, however late it comes.
//!
//! A row about an offer is held until [`release`] lets it go. Then it waits until it is due, is leased to a sender for longer than a send can take, and ends as what became of it. A
//! row whose sender died is leased again when the lease has run out: at least once.

mod release;

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    NotificationState, UserId,
    event::cloud::CloudEvent,
    notification::{ActiveModel, Column, Entity, Model},
};
use platform::{
    database::{Transaction, eq_literal, is_one_of},
    system::Clock,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict},
};

pub use self::release::{HOURLY_LIMIT, UPDATE_HOLD, release};
use crate::{
    letters::{self, DIGEST},
    mailer,
};

/// For how long a row is taken: a send's time-out, and as much again for the database before and after it.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// For how long a finished row is kept; it must be longer than Kafka keeps records, or a replay would send again.
const RETENTION: TimeDelta = TimeDelta::days(30);
/// For how long a dead letter waits for an operator.
const DEAD_RETENTION: TimeDelta = TimeDelta::days(90);

/// What became of an attempt to send a letter. The texts hold no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The state that the letter ends in, and why.
    Finished(NotificationState, String),
    /// After how long it is to be tried again, and why.
    Later(TimeDelta, String),
}

/// Takes events in, in the caller's transaction. Gives how many letters are new.
pub async fn receive(transaction: &Transaction, events: &[CloudEvent]) -> Result<u64, DbErr> {
    let now = transaction.now();
    // In one order everywhere: two transactions with the same events wait for one another, and must not do so crosswise.
    let mut events: Vec<_> = events.iter().collect();
    events.sort_by_key(|event| event.id);
    let mut rows = Vec::new();
    for event in events {
        let content =
            serde_json::to_value(&event.event).map_err(|cause| DbErr::Custom(cause.to_string()))?;
        let offer_id = event.event.offer().map(|offer| offer.offer_id);
        let (state, due) = match offer_id {
            Some(_) => (NotificationState::Held, release::due_at(&event.event, now)),
            None => (NotificationState::Waiting, now),
        };
        for (recipient_id, template) in letters::recipients(&event.event) {
            rows.push(ActiveModel {
                event_id: Set(event.id),
                recipient_id: Set(recipient_id),
                template: Set(template),
                event: Set(content.clone()),
                traceparent: Set(event.traceparent.clone()),
                state: Set(state),
                attempts: Set(0),
                next_attempt_at: Set(Some(due)),
                created_at: Set(now),
                sender_id: Set(letters::sender(&event.event, recipient_id)),
                offer_id: Set(offer_id),
                offer_version: Set(offer_id.map(|_| event.sequence)),
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

/// Whose letters are to be leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipients {
    Any,
    /// Not to those to whom a letter waits that nobody answered at its last attempt: the next one may well hang, too.
    Responsive,
}

/// Leases up to `limit` letters that are due, the longest waiting first; none to `excluded`. The time is taken here,
/// and again when the rows are there: whoever waits to be let to them may wait for longer than a lease lasts. It is that of
/// the database, so that all senders agree when a lease ends.
pub async fn lease(
    transaction: &Transaction,
    limit: u64,
    recipients: Recipients,
    excluded: &[UserId],
    clock: &Clock,
) -> Result<Vec<Model>, DbErr> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let now = transaction.now();
    let unanswered = Entity::find()
        .select_only()
        .column(Column::RecipientId)
        .filter(eq_literal(Column::State, NotificationState::Waiting))
        .filter(Column::SmtpResponse.starts_with(mailer::NO_ANSWER));
    let answered = (recipients == Recipients::Responsive)
        .then(|| Column::RecipientId.not_in_subquery(unanswered.into_query()));
    let free = Condition::any()
        .add(Column::LeaseUntil.is_null())
        .add(Column::LeaseUntil.lte(now));
    let mut rows = Entity::find()
        .filter(eq_literal(Column::State, NotificationState::Waiting))
        .filter(Column::NextAttemptAt.lte(now))
        .filter(Column::RecipientId.is_not_in(excluded.iter().copied()))
        .filter(Condition::all().add_option(answered))
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
    let taken: Vec<_> = rows.iter().map(|row| row.id).collect();
    Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(transaction.now() + LEASE))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(is_one_of(transaction, Column::Id, &taken))
        .exec(transaction)
        .await?;
    // To the sender the lease is told by its own clock, which may differ from that of the database.
    let lease_until = clock.now() + LEASE;
    for row in &mut rows {
        row.attempts += 1;
        row.lease_until = Some(lease_until);
    }
    Ok(rows)
}

/// Writes down what became of a leased letter, unless its lease ran out and another sender has it, or had it.
pub async fn record(transaction: &Transaction, row: &Model, verdict: Verdict) -> Result<(), DbErr> {
    let now = transaction.now();
    let (state, said, next, finished) = match verdict {
        Verdict::Finished(state, said) => (state, said, None, Some(now)),
        Verdict::Later(wait, said) => (NotificationState::Waiting, said, Some(now + wait), None),
    };
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state))
        .col_expr(Column::SmtpResponse, Expr::value(said))
        .col_expr(Column::NextAttemptAt, Expr::value(next))
        .col_expr(Column::FinishedAt, Expr::value(finished))
        .col_expr(Column::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
        .filter(Column::Id.eq(row.id))
        .filter(Column::Attempts.eq(row.attempts))
        .filter(eq_literal(Column::State, NotificationState::Waiting))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Deletes rows that were finished long ago.
pub async fn delete_expired(transaction: &Transaction) -> Result<(), DbErr> {
    let now = transaction.now();
    let done = Column::State.ne(NotificationState::Dead);
    Entity::delete_many()
        .filter(Column::FinishedAt.lt(now - RETENTION))
        .filter(done.or(Column::FinishedAt.lt(now - DEAD_RETENTION)))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Since when a letter should be on its way: since its event, or the minute after it for which an update is held. `None` of one
/// that stands for many, which waits on purpose.
#[must_use]
pub fn expected_since(row: &Model) -> Option<DateTime<Utc>> {
    match row.template.as_str() {
        DIGEST => None,
        template if release::is_update(template) => Some(happened_at(row) + UPDATE_HOLD),
        _ => Some(happened_at(row)),
    }
}

/// When the event of a letter happened, to the millisecond: its id is a UUID v7 of that moment. Of an id that is none,
/// when it came in.
#[must_use]
pub fn happened_at(row: &Model) -> DateTime<Utc> {
    let stamped = row.event_id.get_timestamp().and_then(|timestamp| {
        let (seconds, nanoseconds) = timestamp.to_unix();
        DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
    });
    stamped.unwrap_or(row.created_at)
}
