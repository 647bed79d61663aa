//! The transactional outbox: events written in the transaction of the change that they tell of.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    /// Insertion order. Rows become visible out of this order: readers ask for unpublished rows, never for `seq > n`.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// The event's id (UUID v7).
    #[sea_orm(unique)]
    pub id: Uuid,
    /// `user`, `mailbox` or `offer`.
    pub aggregate_type: String,
    pub aggregate_id: i64,
    /// The aggregate's `version` after the write; of a mailbox, its `letters_requested`.
    pub aggregate_seq: i64,
    /// See [`crate::event::Event::type_name`].
    #[sea_orm(column_name = "type")]
    pub r#type: String,
    pub payload: Json,
    pub headers: Json,
    pub created_at: DateTimeUtc,
    /// Gap-free order of all events, stamped by the relay: a position that can be seen implies all earlier ones.
    pub position: Option<i64>,
    pub published_at: Option<DateTimeUtc>,
    /// Whether it is for the person or the two parties of the offer alone: nobody else can see what changed.
    pub parties_only: bool,
}

impl ActiveModelBehavior for ActiveModel {}
