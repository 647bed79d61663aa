//! The outcomes of idempotent writes, kept for a day under the key that the client chose.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// The id of the user; 0 for an anonymous client.
    #[sea_orm(primary_key, auto_increment = false)]
    pub actor: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The use case, such as `create_offer`.
    pub operation: String,
    /// HMAC-SHA256 of the use case and its input, in hexadecimal. Keyed by the server, since the input may contain a
    /// password.
    pub request_hmac: String,
    /// The id that the use case returned. Null while it runs, which no other transaction sees, and when it returns none.
    pub outcome: Option<i64>,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
