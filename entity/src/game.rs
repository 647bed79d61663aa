//! Games, each with its one owner. Deleting is soft: closed offers still show the name.

use sea_orm::entity::prelude::*;

use crate::{Condition, GameId, UserId, positional::positional_row};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "games")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: GameId,
    pub owner_id: UserId,
    /// How often the game changed hands here; equals the `owner_seq` at the end of its ledger.
    pub owner_seq: i64,
    pub name: String,
    pub publisher: String,
    pub year_published: i32,
    pub gaming_system: String,
    pub condition: Condition,
    /// The number that was listed plus the trades settled here.
    pub previous_owners: i32,
    pub deleted_at: Option<DateTimeUtc>,
    /// Counts the writes of this row, from 1.
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    /// What a search looks through and relevance sorts by: the words of the name and, on a line below, of the publisher,
    /// in lower case, each with two blanks before it. Made by the database.
    pub words: String,
}

impl ActiveModelBehavior for ActiveModel {}

positional_row! {
    Model {
        id, owner_id, owner_seq, name, publisher, year_published, gaming_system, condition, previous_owners, deleted_at, version, created_at, updated_at, words,
    }
}
