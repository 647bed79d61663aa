//! Users. The row of a deleted account stays, without personal data.

use sea_orm::entity::prelude::*;

use crate::{PasswordHash, UserId, positional::positional_row, revision::impl_revisions};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: UserId,
    pub name: String,
    /// Unique, in lower case.
    #[sea_orm(unique)]
    pub email: String,
    pub email_confirmed_at: Option<DateTimeUtc>,
    /// Counts the letters that were requested for this mailbox: the sequence of its events.
    pub letters_requested: i64,
    pub password_hash: PasswordHash,
    pub password_changed_at: Option<DateTimeUtc>,
    pub street_address: Option<String>,
    /// Incremented to end all sessions; an access token carries the version under which it was issued.
    pub token_version: i64,
    /// Counts the writes of this row, from 1.
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    /// Counts the writes of public columns, from 1.
    pub public_version: i64,
    /// The time of the last such write. Null when there was none since registration.
    pub public_updated_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// The public part of an account, and the revision of the whole row, which only the user may see. Reading it does not read
/// private columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    pub id: UserId,
    pub name: String,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    pub public_version: i64,
    pub public_updated_at: Option<DateTimeUtc>,
}

impl Profile {
    /// The columns to select.
    pub const SELECTED: [Column; 8] = [
        Column::Id,
        Column::Name,
        Column::Version,
        Column::CreatedAt,
        Column::UpdatedAt,
        Column::DeletedAt,
        Column::PublicVersion,
        Column::PublicUpdatedAt,
    ];
}

impl From<&Model> for Profile {
    fn from(user: &Model) -> Self {
        Self {
            id: user.id,
            name: user.name.clone(),
            version: user.version,
            created_at: user.created_at,
            updated_at: user.updated_at,
            deleted_at: user.deleted_at,
            public_version: user.public_version,
            public_updated_at: user.public_updated_at,
        }
    }
}

impl_revisions!(Model);
impl_revisions!(Profile);

positional_row! {
    Model {
        id, name, email, email_confirmed_at, letters_requested, password_hash, password_changed_at, street_address, token_version, version, created_at, updated_at, deleted_at, public_version, public_updated_at,
    }
}

positional_row! {
    Profile { id, name, version, created_at, updated_at, deleted_at, public_version, public_updated_at }
}
