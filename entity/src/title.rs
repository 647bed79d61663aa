//! Titles that games have, or had.

use sea_orm::entity::prelude::*;

use crate::positional::positional_row;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "titles")]
pub struct Model {
    /// The key that all spellings of the title have in common.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The spelling that was listed first.
    pub name: String,
    /// The title that this one was merged into. That one was merged into no other.
    pub means: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}

positional_row! {
    Model {
        key, name, means,
    }
}
