//! The backlog: events that are not published yet.

use chrono::{DateTime, Utc};
use entity::outbox;
use platform::database::Database;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

/// The events that are not published yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    pub events: i64,
    /// The time of the oldest.
    pub oldest: Option<DateTime<Utc>>,
}

/// Counts the events that are not published yet.
pub async fn backlog(database: &Database) -> Result<Backlog, DbErr> {
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
