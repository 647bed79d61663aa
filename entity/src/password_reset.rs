//! Addresses for which a letter to reset a password was asked for, until it is looked up who has them.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "password_resets")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// As it was sent. Nobody here may have it.
    pub email: String,
    /// The trace of the request that asked, where it had one.
    pub traceparent: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
