//! Counters of what must not be done too often within a while. The purpose is part of the key, so that counters of different
//! purposes never meet.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "throttles")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub purpose: String,
    /// SHA-256, in hexadecimal, of the e-mail address in the spelling of its mailbox, or of the id of a user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    /// The address of a client; empty where all clients count together.
    #[sea_orm(primary_key, auto_increment = false)]
    pub client: String,
    /// The time of the first that was counted, by the database's clock, in milliseconds since 1970.
    pub window_started_at: i64,
    pub count: i64,
}

impl ActiveModelBehavior for ActiveModel {}
