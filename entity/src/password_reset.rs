//! Requested password resets, until an instance looks up the account of the address.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "password_resets")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The address as it was sent. There may be no account with it.
    pub email: String,
    /// The trace of the request, if it had one.
    pub traceparent: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
