//! People. An account that was deleted keeps its row, without anything that says who it was.

use sea_orm::entity::prelude::*;

use crate::{PasswordHash, UserId, positional::positional_row, revision::impl_revisions};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: UserId,
    pub name: String,
    /// In lower case, unique among all accounts.
    #[sea_orm(unique)]
    pub email: String,
    pub email_confirmed_at: Option<DateTimeUtc>,
    /// Counts the letters that anybody may ask for: the order of the events of a mailbox.
    pub letters_requested: i64,
    pub password_hash: PasswordHash,
    pub password_changed_at: Option<DateTimeUtc>,
    pub street_address: Option<String>,
    /// Counts what ends all sessions; an access token carries the one it was made under.
    pub token_version: i64,
    /// Counts the writes of this row, from 1.
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    /// Counts the writes that everybody sees, from 1.
    pub public_version: i64,
    /// When the last of them was. Null where none was since the account was made.
    pub public_updated_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}

/// What of an account everybody may see, and when its private parts changed, which is for the person alone. Reading it reads
/// none of these.
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
    /// The columns that it is read from.
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
