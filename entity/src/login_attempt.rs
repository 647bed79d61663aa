//! What is counted for each e-mail address, so that it is not done too often: log-ins that have not succeeded, and letters
//! that were asked for, under a key of their own each.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "login_attempts")]
pub struct Model {
    /// SHA-256, in hexadecimal, of the address in lower case; for letters, of it behind a word.
    #[sea_orm(primary_key, auto_increment = false)]
    pub email_hash: String,
    /// When the first of them was made.
    pub window_started_at: DateTimeUtc,
    pub attempts: i64,
}

impl ActiveModelBehavior for ActiveModel {}
