//! The ledger of transfers. Unique on game and owner sequence, so that no owner can transfer a game twice, whatever else
//! goes wrong.

use sea_orm::entity::prelude::*;

use crate::{GameId, OfferId, UserId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "game_transfers")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub game_id: GameId,
    /// The game's `owner_seq` after the transfer, from 1.
    pub owner_seq: i64,
    pub from_user_id: UserId,
    pub to_user_id: UserId,
    pub offer_id: OfferId,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
