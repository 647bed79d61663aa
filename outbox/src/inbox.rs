//! The inbox: the letters that events cause, each (event, recipient) once. A duplicate of an event violates the unique key,
//! however late it comes.
//!
//! A letter may be held before it waits to be sent. Then a sender leases it for longer than a send can take, and records
//! the outcome. When a sender dies, the lease expires and another sender takes the letter: at least once.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    NotificationState, UserId,
    event::{Event, cloud::CloudEvent},
    notification::{ActiveModel, Column, Entity, Model},
};
use platform::{
    database::{Transaction, eq_literal, is_one_of},
    system::Clock,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    Select,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType, OnConflict},
};

/// The prefix of the response to a send that the mail server did not answer.
pub const NO_ANSWER: &str = "no answer";
/// The duration of a lease: the timeout of a send, and as much again for the database before and after it.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// The retention of finished rows. Longer than that of Kafka records, or a replay would send letters again.
const RETENTION: TimeDelta = TimeDelta::days(30);
/// The retention of dead letters.
const DEAD_RETENTION: TimeDelta = TimeDelta::days(90);

/// A letter that an event causes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub recipient_id: UserId,
    /// The name of the template.
    pub template: String,
    /// The user who caused the letter, if it may be held back.
    pub sender_id: Option<UserId>,
    /// The time for which the letter is held. `None`: it waits to be sent at once.
    pub hold: Option<TimeDelta>,
}

/// Chooses the letters of an event.
pub type Addressing = fn(&Event) -> Vec<Delivery>;

/// The outcome of an attempt to send a letter. Its texts contain no address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The final state of the letter, and the reason.
    Finished(NotificationState, String),
    /// The delay before the next attempt, and the reason.
    Later(TimeDelta, String),
}

/// Receives events in the caller's transaction. Returns the number of new letters.
pub async fn receive(
    transaction: &Transaction,
    events: &[CloudEvent],
    addressing: Addressing,
) -> Result<u64, DbErr> {
    let now = transaction.now();
    // In a fixed order: transactions with the same events wait for each other, and must not deadlock.
    let mut events: Vec<_> = events.iter().collect();
    events.sort_by_key(|event| event.id);
    let mut rows = Vec::new();
    for event in events {
        let content =
            serde_json::to_value(&event.event).map_err(|cause| DbErr::Custom(cause.to_string()))?;
        let deliveries = addressing(&event.event).into_iter();
        rows.extend(deliveries.map(|delivery| row(event, &content, delivery, now)));
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

fn row(
    event: &CloudEvent,
    content: &serde_json::Value,
    delivery: Delivery,
    now: DateTime<Utc>,
) -> ActiveModel {
    let offer_id = event.event.offer().map(|offer| offer.offer_id);
    let (state, due) = match delivery.hold {
        Some(hold) => (NotificationState::Held, now + hold),
        None => (NotificationState::Waiting, now),
    };
    ActiveModel {
        event_id: Set(event.id),
        recipient_id: Set(delivery.recipient_id),
        template: Set(delivery.template),
        event: Set(content.clone()),
        traceparent: Set(event.traceparent.clone()),
        state: Set(state),
        attempts: Set(0),
        next_attempt_at: Set(Some(due)),
        created_at: Set(now),
        sender_id: Set(delivery.sender_id),
        offer_id: Set(offer_id),
        offer_version: Set(offer_id.map(|_| event.sequence)),
        ..Default::default()
    }
}

/// The recipients whose letters may be leased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recipients {
    Any,
    /// Excludes recipients with a waiting letter whose last attempt got no answer: the next one may hang, too.
    Responsive,
}

/// Leases up to `limit` due letters, oldest first, except those to `excluded`. The lease begins when the rows are locked,
/// since waiting for them may take longer than a lease. It is measured by the clock of the database, on which all senders
/// agree.
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
    let mut rows = due(transaction.now(), recipients, excluded)
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
    // Expressed in the clock of the sender, which may differ from that of the database.
    let lease_until = clock.now() + LEASE;
    for row in &mut rows {
        row.attempts += 1;
        row.lease_until = Some(lease_until);
    }
    Ok(rows)
}

/// Selects the letters that are due and not leased, oldest first.
fn due(now: DateTime<Utc>, recipients: Recipients, excluded: &[UserId]) -> Select<Entity> {
    let unresponsive = Entity::find()
        .select_only()
        .column(Column::RecipientId)
        .filter(eq_literal(Column::State, NotificationState::Waiting))
        .filter(Column::SmtpResponse.starts_with(NO_ANSWER));
    let responsive = (recipients == Recipients::Responsive)
        .then(|| Column::RecipientId.not_in_subquery(unresponsive.into_query()));
    let free = Condition::any()
        .add(Column::LeaseUntil.is_null())
        .add(Column::LeaseUntil.lte(now));
    Entity::find()
        .filter(eq_literal(Column::State, NotificationState::Waiting))
        .filter(Column::NextAttemptAt.lte(now))
        .filter(Column::RecipientId.is_not_in(excluded.iter().copied()))
        .filter(Condition::all().add_option(responsive))
        .filter(free)
        .order_by_asc(Column::NextAttemptAt)
        .order_by_asc(Column::Id)
}

/// Records the outcome of a leased letter, unless the lease expired and another sender took it.
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

/// Deletes finished rows after their retention.
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

/// Returns the time of the event, to the millisecond: its id is a UUID v7. For any other id, the time when it was received.
#[must_use]
pub fn happened_at(row: &Model) -> DateTime<Utc> {
    let stamped = row.event_id.get_timestamp().and_then(|timestamp| {
        let (seconds, nanoseconds) = timestamp.to_unix();
        DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
    });
    stamped.unwrap_or(row.created_at)
}
