//! The transactional outbox: events, written in the transaction of the change that they describe.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    /// The insertion order. Rows become visible out of order: readers select unpublished rows, never `seq > n`.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// The event's id (UUID v7).
    #[sea_orm(unique)]
    pub id: Uuid,
    /// `user`, `mailbox` or `offer`.
    pub aggregate_type: String,
    pub aggregate_id: i64,
    /// The `version` of the aggregate after the write; for a mailbox, its `letters_requested`.
    pub aggregate_seq: i64,
    /// See [`crate::event::Event::type_name`].
    #[sea_orm(column_name = "type")]
    pub r#type: String,
    pub payload: Json,
    pub headers: Json,
    pub created_at: DateTimeUtc,
    /// The gap-free order of all events, assigned by the relay: a visible position implies all earlier ones.
    pub position: Option<i64>,
    pub published_at: Option<DateTimeUtc>,
    /// True when only the user, or the two parties of the offer, may see the change.
    pub parties_only: bool,
}

impl ActiveModelBehavior for ActiveModel {}
