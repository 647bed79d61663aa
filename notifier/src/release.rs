//! Releases letters about offers, and limits how many one user can cause for another.
//!
//! Updates of one offer are held for a minute ([`UPDATE_HOLD`]) and sent as one letter, that of the newest. A letter that
//! closes the offer is sent at once and covers the updates that are still held. One user causes at most [`HOURLY_LIMIT`]
//! letters to another in an hour: the last one within the limit is a digest of all others, and beyond the limit one digest
//! waits until the hour is over.
//!
//! A merged row names the row that covers it, so nothing is lost. One notifier at a time releases letters.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    NotificationState, OfferId, UserId,
    event::OfferEvent,
    notification::{Column, Entity, Model},
};
use outbox::inbox;
use platform::database::{eq_literal, is_one_of};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, Statement, UpdateMany,
    sea_query::{Alias, Expr, ExprTrait, Func},
};

use crate::letters::DIGEST;

/// The time for which an update is held, from the first one that was not sent.
pub const UPDATE_HOLD: TimeDelta = TimeDelta::seconds(60);
/// The most letters that one user causes to another in an hour.
pub const HOURLY_LIMIT: usize = 20;
const HOUR: TimeDelta = TimeDelta::hours(1);
/// The most rows that are released in one transaction.
const BATCH: u64 = 200;
/// The advisory lock of the notifier that releases: "release" in ASCII.
const LOCK: i64 = i64::from_be_bytes(*b"\0release");

/// Returns the time for which the letters of an event are held.
pub fn hold(kind: OfferEvent) -> TimeDelta {
    match kind {
        OfferEvent::Updated => UPDATE_HOLD,
        OfferEvent::Created
        | OfferEvent::Accepted
        | OfferEvent::Rejected
        | OfferEvent::Cancelled => TimeDelta::zero(),
    }
}

/// Returns the prefix of the templates of updates.
fn update_prefix() -> String {
    format!("{}.", OfferEvent::Updated.as_str())
}

/// Returns the time since when a letter should be on its way: the time of its event, or the end of the hold of an update.
/// `None` for a digest, which is delayed on purpose.
#[must_use]
pub fn expected_since(row: &Model) -> Option<DateTime<Utc>> {
    match row.template.as_str() {
        DIGEST => None,
        template if template.starts_with(&update_prefix()) => {
            Some(inbox::happened_at(row) + UPDATE_HOLD)
        }
        _ => Some(inbox::happened_at(row)),
    }
}

/// A user who causes letters, and their recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pair {
    sender: UserId,
    recipient: UserId,
}

#[derive(FromQueryResult)]
struct Due {
    id: i64,
    offer_id: OfferId,
    sender_id: UserId,
    recipient_id: UserId,
}

/// An offer with several updates held for one recipient.
#[derive(FromQueryResult)]
struct UpdatedOffer {
    offer_id: OfferId,
    recipient_id: UserId,
    newest: i64,
}

/// The letters of a pair that were released within the hour.
#[derive(FromQueryResult)]
struct Sent {
    sender_id: UserId,
    recipient_id: UserId,
    count: i64,
    first: DateTime<Utc>,
}

/// Releases the letters that are due, unless another notifier does so now.
pub async fn release(connection: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<(), DbErr> {
    if due(connection, now).await?.is_empty() || !try_lock(connection).await? {
        return Ok(());
    }
    // Read again: another notifier may have released them in between.
    merge_updates(connection, &due(connection, now).await?, now).await?;
    let due = by_pair(due(connection, now).await?);
    let left = sent_within_hour(connection, due.keys(), now).await?;
    let (leaving, crowded) = allot(due, &left, now);
    let these = Condition::all().add(is_one_of(connection, Column::Id, &leaving));
    release_rows(held().filter(these), now)
        .exec(connection)
        .await?;
    for (pair, at) in crowded {
        merge_pair(connection, pair, at, now).await?;
    }
    Ok(())
}

fn by_pair(due: Vec<Due>) -> BTreeMap<Pair, Vec<i64>> {
    let mut by_pair = BTreeMap::<_, Vec<_>>::new();
    for row in due {
        let pair = Pair {
            sender: row.sender_id,
            recipient: row.recipient_id,
        };
        by_pair.entry(pair).or_default().push(row.id);
    }
    by_pair
}

/// Returns the rows that are released as letters of their own, and the pairs that exceed the limit: the remaining rows of
/// such a pair become one digest, released at the given time.
fn allot(
    due: BTreeMap<Pair, Vec<i64>>,
    left: &BTreeMap<Pair, (usize, DateTime<Utc>)>,
    now: DateTime<Utc>,
) -> (Vec<i64>, Vec<(Pair, DateTime<Utc>)>) {
    let (mut leaving, mut crowded) = (Vec::new(), Vec::new());
    for (pair, mut ids) in due {
        let (count, first) = left.get(&pair).copied().unwrap_or((0, now));
        let room = HOURLY_LIMIT.saturating_sub(count);
        if ids.len() > room {
            ids.truncate(room.saturating_sub(1));
            crowded.push((pair, if room > 0 { now } else { first + HOUR }));
        }
        leaving.append(&mut ids);
    }
    (leaving, crowded)
}

/// Takes the advisory lock. SQLite has a single writer and needs none.
async fn try_lock(connection: &impl ConnectionTrait) -> Result<bool, DbErr> {
    let backend = connection.get_database_backend();
    if backend != DbBackend::Postgres {
        return Ok(true);
    }
    let sql = "SELECT pg_try_advisory_xact_lock($1)";
    let statement = Statement::from_sql_and_values(backend, sql, [LOCK.into()]);
    let row = connection.query_one_raw(statement).await?;
    row.map_or(Ok(false), |row| row.try_get_by_index(0))
}

async fn due(connection: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Vec<Due>, DbErr> {
    let columns = [
        Column::Id,
        Column::OfferId,
        Column::SenderId,
        Column::RecipientId,
    ];
    Entity::find()
        .select_only()
        .columns(columns)
        .filter(is_held())
        .filter(Column::NextAttemptAt.lte(now))
        .order_by_asc(Column::NextAttemptAt)
        .order_by_asc(Column::Id)
        .limit(BATCH)
        .into_model::<Due>()
        .all(connection)
        .await
}

/// Merges the updates of each offer into the newest one that is held.
async fn merge_updates(
    connection: &impl ConnectionTrait,
    due: &[Due],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let offers: BTreeSet<_> = due.iter().map(|row| row.offer_id).collect();
    let offers: Vec<_> = offers.into_iter().collect();
    let offers_with_updates = Entity::find()
        .select_only()
        .columns([Column::OfferId, Column::RecipientId])
        .column_as(Column::OfferVersion.max(), "newest")
        .filter(is_held())
        .filter(is_one_of(connection, Column::OfferId, &offers))
        .filter(Column::Template.ne(DIGEST))
        .group_by(Column::OfferId)
        .group_by(Column::RecipientId)
        .having(Column::Id.count().gt(1))
        .into_model::<UpdatedOffer>()
        .all(connection)
        .await?;
    for offer in offers_with_updates {
        merge_offer(connection, offer, now).await?;
    }
    Ok(())
}

async fn merge_offer(
    connection: &impl ConnectionTrait,
    offer: UpdatedOffer,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let about = Condition::all()
        .add(is_held())
        .add(Column::OfferId.eq(offer.offer_id))
        .add(Column::RecipientId.eq(offer.recipient_id));
    let newest = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(about.clone())
        .filter(Column::OfferVersion.eq(offer.newest))
        .filter(Column::Template.ne(DIGEST));
    let Some(newest) = newest.into_tuple::<i64>().one(connection).await? else {
        return Ok(());
    };
    let updates = about.add(Column::Template.starts_with(update_prefix()));
    let earliest = Entity::find()
        .select_only()
        .column_as(Column::NextAttemptAt.min(), "earliest")
        .filter(updates.clone())
        .into_tuple::<Option<DateTime<Utc>>>()
        .one(connection)
        .await?
        .flatten();
    if merge(connection, updates, newest, now).await? > 0 {
        let letter = || held().filter(Column::Id.eq(newest));
        letter()
            .col_expr(Column::Changes, covered_changes(newest))
            .exec(connection)
            .await?;
        // The hold began with the first update. A letter that is not an update keeps its own time, which is earlier.
        letter()
            .col_expr(Column::NextAttemptAt, Expr::value(earliest))
            .filter(Column::NextAttemptAt.gt(earliest))
            .exec(connection)
            .await?;
    }
    Ok(())
}

/// Merges all held letters of a pair into the newest one, which is released at `at`.
async fn merge_pair(
    connection: &impl ConnectionTrait,
    pair: Pair,
    at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    let of_pair = Condition::all()
        .add(is_held())
        .add(Column::SenderId.eq(pair.sender))
        .add(Column::RecipientId.eq(pair.recipient));
    let newest = Entity::find()
        .select_only()
        .column_as(Column::Id.max(), "newest")
        .filter(of_pair.clone())
        .into_tuple::<Option<i64>>();
    let Some(newest) = newest.one(connection).await?.flatten() else {
        return Ok(());
    };
    let merged = merge(connection, of_pair, newest, now).await?;
    let mut letter = if at <= now {
        release_rows(held(), now)
    } else {
        held().col_expr(Column::NextAttemptAt, Expr::value(at))
    };
    if merged > 0 {
        letter = letter
            .col_expr(Column::Template, Expr::value(DIGEST))
            .col_expr(Column::Changes, covered_changes(newest));
    }
    letter
        .filter(Column::Id.eq(newest))
        .exec(connection)
        .await?;
    Ok(())
}

/// Merges these rows into `newest`. Returns how many.
async fn merge(
    connection: &impl ConnectionTrait,
    rows: Condition,
    newest: i64,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    let merged = Entity::update_many()
        .col_expr(Column::State, Expr::value(NotificationState::Merged))
        .col_expr(Column::CoveredBy, Expr::value(newest))
        .col_expr(Column::FinishedAt, Expr::value(now))
        .col_expr(Column::NextAttemptAt, Expr::value(None::<DateTime<Utc>>))
        .filter(rows)
        .filter(Column::Id.ne(newest))
        .exec(connection)
        .await?;
    Ok(merged.rows_affected)
}

/// Counts the events that the letter of this row covers: its own, and those of merged rows. Computed after the merge, since
/// another notifier may insert rows until then.
fn covered_changes(row: i64) -> Expr {
    let covered = Func::coalesce([Column::Changes.sum(), Expr::value(0)]);
    let covered = Entity::find()
        .select_only()
        .expr(Func::cast_as(covered, Alias::new("bigint")))
        .filter(Column::CoveredBy.eq(row))
        .into_query();
    Expr::from(covered).add(1)
}

/// Returns the number of letters of each pair that were released within the hour, and the time of the first.
async fn sent_within_hour(
    connection: &impl ConnectionTrait,
    pairs: impl Iterator<Item = &Pair>,
    now: DateTime<Utc>,
) -> Result<BTreeMap<Pair, (usize, DateTime<Utc>)>, DbErr> {
    let recipients: Vec<_> = pairs.map(|pair| pair.recipient).collect();
    let left = Entity::find()
        .select_only()
        .columns([Column::SenderId, Column::RecipientId])
        .column_as(Column::Id.count(), "count")
        .column_as(Column::ReleasedAt.min(), "first")
        .filter(is_one_of(connection, Column::RecipientId, &recipients))
        .filter(Column::ReleasedAt.gt(now - HOUR))
        .filter(Column::State.ne(NotificationState::Skipped))
        .group_by(Column::SenderId)
        .group_by(Column::RecipientId)
        .into_model::<Sent>()
        .all(connection)
        .await?;
    let by_pair = left.into_iter().map(|left| {
        let pair = Pair {
            sender: left.sender_id,
            recipient: left.recipient_id,
        };
        let count = usize::try_from(left.count).unwrap_or(usize::MAX);
        (pair, (count, left.first))
    });
    Ok(by_pair.collect())
}

fn is_held() -> Expr {
    eq_literal(Column::State, NotificationState::Held)
}

fn held() -> UpdateMany<Entity> {
    Entity::update_many().filter(is_held())
}

/// Releases letters to the senders.
fn release_rows(letters: UpdateMany<Entity>, now: DateTime<Utc>) -> UpdateMany<Entity> {
    letters
        .col_expr(Column::State, Expr::value(NotificationState::Waiting))
        .col_expr(Column::NextAttemptAt, Expr::value(now))
        .col_expr(Column::ReleasedAt, Expr::value(now))
}
