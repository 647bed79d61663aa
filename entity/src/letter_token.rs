//! Single-use tokens in letters, hashed. A user may hold several for one purpose, since a letter may be sent twice; using
//! one invalidates the others.

use sea_orm::entity::prelude::*;

use crate::{LetterPurpose, TokenHash, UserId};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "letter_tokens")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// SHA-256 of the token, in hexadecimal; the token itself is 256 random bits.
    #[sea_orm(unique)]
    pub token_hash: TokenHash,
    pub user_id: UserId,
    pub purpose: LetterPurpose,
    pub expires_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
