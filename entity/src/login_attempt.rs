//! Log-in attempts that have not succeeded, counted for each e-mail address.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "login_attempts")]
pub struct Model {
    /// SHA-256 of the address in lower case, in hexadecimal.
    #[sea_orm(primary_key, auto_increment = false)]
    pub email_hash: String,
    /// When the first of them was made.
    pub window_started_at: DateTimeUtc,
    pub attempts: i64,
}

impl ActiveModelBehavior for ActiveModel {}
