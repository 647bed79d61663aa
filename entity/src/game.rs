//! Games, each with one owner. Deletion is soft: closed offers still show the name.

use sea_orm::entity::prelude::*;

use crate::{Condition, GameId, UserId, positional::positional_row};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "games")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: GameId,
    pub owner_id: UserId,
    /// The number of transfers here; equals the highest `owner_seq` in its ledger.
    pub owner_seq: i64,
    pub name: String,
    pub publisher: String,
    pub year_published: i32,
    pub gaming_system: String,
    pub condition: Condition,
    /// The number given at listing, plus the trades settled here.
    pub previous_owners: i32,
    pub deleted_at: Option<DateTimeUtc>,
    /// Counts the writes of this row, from 1.
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    /// The key of its title, or of the title that this one means; empty until [`Self::key_rule`] says otherwise.
    pub title_key: String,
    pub system_key: String,
    /// The key of its release, which sorts as a catalogue does.
    pub sort_key: String,
    /// The number of the rule that made the keys; 0 if they are not up to date.
    pub key_rule: i32,
}

impl ActiveModelBehavior for ActiveModel {}

positional_row! {
    Model {
        id, owner_id, owner_seq, name, publisher, year_published, gaming_system, condition, previous_owners, deleted_at, version, created_at, updated_at, title_key, system_key, sort_key, key_rule,
    }
}
