//! What was done under a key that a client chose, for a day.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    /// The person's id; 0 for somebody who did not say who they are.
    #[sea_orm(primary_key, auto_increment = false)]
    pub actor: i64,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The use case, such as `create_offer`.
    pub operation: String,
    /// HMAC-SHA256 of the use case and its input, in hexadecimal, under a key of the server's: the input may be a password.
    pub request_hmac: String,
    /// The id of what the use case gave. Null while it is under way, which nobody else can see, and where it gave nothing.
    pub outcome: Option<i64>,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
