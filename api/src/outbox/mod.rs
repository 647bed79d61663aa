//! The transactional outbox. This module is its only writer. The [`relay`] publishes its events through a [`publisher`], on the
//! one instance that [`leader`] elects; the [`feed`] reads it for the live clients of this instance.
//!
//! A use case records its events in its own transaction, after it has locked and written the aggregate. So an event exists
//! exactly when its change does, and the events of an aggregate are in the order of its versions.

pub mod backoff;
pub mod feed;
pub mod in_flight;
pub mod leader;
pub mod publisher;
pub mod relay;

use chrono::{DateTime, Utc};
use entity::{event::Event, outbox};
use platform::{
    database::Database,
    system::{Clock, Random},
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect,
};
use serde_json::json;

use crate::{error::Result, trace};

/// The people who may see a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    Everybody,
    /// The user, or the two parties of the offer.
    Parties,
}

/// Records an event. `aggregate_seq` is the version of the aggregate after the write.
pub async fn record(
    transaction: &impl ConnectionTrait,
    clock: &Clock,
    random: &Random,
    event: &Event,
    aggregate_seq: i64,
    audience: Audience,
) -> Result<()> {
    let now = clock.now();
    let (aggregate_type, aggregate_id) = event.aggregate();
    let headers = match trace::current() {
        Some(parent) => json!({"traceparent": parent}),
        None => json!({}),
    };
    let row = outbox::ActiveModel {
        id: Set(random.uuid_v7(now)),
        aggregate_type: Set(aggregate_type.to_owned()),
        aggregate_id: Set(aggregate_id),
        aggregate_seq: Set(aggregate_seq),
        r#type: Set(event.type_name().to_owned()),
        payload: Set(json!(event)["data"].take()),
        headers: Set(headers),
        created_at: Set(now),
        parties_only: Set(audience == Audience::Parties),
        ..Default::default()
    };
    outbox::Entity::insert(row)
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// The events that are not published yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    pub events: i64,
    /// The time of the oldest.
    pub oldest: Option<DateTime<Utc>>,
}

/// Counts the events that are not published yet.
pub async fn backlog(database: &Database) -> std::result::Result<Backlog, DbErr> {
    let unpublished = outbox::Entity::find()
        .select_only()
        .column_as(outbox::Column::Seq.count(), "events")
        .column_as(outbox::Column::CreatedAt.min(), "oldest")
        .filter(outbox::Column::PublishedAt.is_null())
        .into_tuple::<(i64, Option<DateTime<Utc>>)>();
    let (events, oldest) = unpublished
        .one(database.reader())
        .await?
        .unwrap_or_default();
    Ok(Backlog { events, oldest })
}
