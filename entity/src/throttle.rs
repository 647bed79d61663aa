//! The counters of rate limits. The purpose is part of the key, so that limits of different purposes do not share counters.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "throttles")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub purpose: String,
    /// SHA-256, in hexadecimal, of the canonical e-mail address, or of the id of a user.
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    /// The IP address of the client; empty when all clients share a counter.
    #[sea_orm(primary_key, auto_increment = false)]
    pub client: String,
    /// The start of the window: the time of its first request by the clock of the database, in milliseconds since 1970.
    pub window_started_at: i64,
    pub count: i64,
}

impl ActiveModelBehavior for ActiveModel {}
