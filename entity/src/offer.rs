//! Offers to trade. Their games are in [`crate::offer_game`].

use sea_orm::entity::prelude::*;

use crate::{
    ClosedReason, OfferId, OfferStatus, UserId, positional::positional_row,
    revision::impl_revisions,
};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "offers")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: OfferId,
    pub offerer_id: UserId,
    pub receiver_id: UserId,
    pub status: OfferStatus,
    pub closed_reason: Option<ClosedReason>,
    /// The accepted offer that took one of the games, if one did.
    pub closed_by_offer_id: Option<OfferId>,
    /// Visible to the two parties only.
    pub message: Option<String>,
    /// The address of the offerer when the offer was accepted. Visible to the two parties only.
    pub offerer_address: Option<String>,
    /// The address of the receiver when the offer was accepted. Visible to the two parties only.
    pub receiver_address: Option<String>,
    /// Counts the writes of this row, from 1.
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    /// Counts the writes of public columns, from 1.
    pub public_version: i64,
    /// The time of the last such write. Null when there was none since the offer was made.
    pub public_updated_at: Option<DateTimeUtc>,
}

impl_revisions!(Model);

impl ActiveModelBehavior for ActiveModel {}

positional_row! {
    Model {
        id, offerer_id, receiver_id, status, closed_reason, closed_by_offer_id, message, offerer_address, receiver_address, version, created_at, updated_at, public_version, public_updated_at,
    }
}
