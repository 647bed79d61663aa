//! The games of an offer, each with its side.

use sea_orm::entity::prelude::*;

use crate::{GameId, OfferId, Side};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "offer_games")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub offer_id: OfferId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub game_id: GameId,
    pub side: Side,
}

impl ActiveModelBehavior for ActiveModel {}
