//! Refresh tokens, hashed. A log-in starts a family; each rotation adds a row and marks its predecessor.

use sea_orm::entity::prelude::*;

use crate::{TokenHash, UserId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "refresh_tokens")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub family_id: Uuid,
    pub user_id: UserId,
    /// SHA-256 of the token, in hexadecimal; the token itself is 256 random bits.
    #[sea_orm(unique)]
    pub token_hash: TokenHash,
    /// The token version of the user when the family began.
    pub token_version: i64,
    pub expires_at: DateTimeUtc,
    /// The time when its successor was issued.
    pub replaced_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
