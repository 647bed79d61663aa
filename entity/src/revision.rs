//! Revisions: the number of writes of a row and the time of the last. A row with private columns has two, one for the
//! public columns and one for all.

use sea_orm::prelude::DateTimeUtc;

/// The last write of a row that a reader knows of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The number of writes, from 1.
    pub version: i64,
    pub updated_at: DateTimeUtc,
}

/// The revisions of a row with private columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revisions {
    /// The revision of the public columns.
    pub public: Revision,
    /// The revision of all columns.
    pub whole: Revision,
}

/// Implements `revisions()` for a row with private columns.
macro_rules! impl_revisions {
    ($row:ident) => {
        impl $row {
            /// Returns the revisions of the public columns and of all columns.
            #[must_use]
            pub fn revisions(&self) -> $crate::revision::Revisions {
                use $crate::revision::{Revision, Revisions};
                Revisions {
                    public: Revision {
                        version: self.public_version,
                        updated_at: self.public_updated_at.unwrap_or(self.created_at),
                    },
                    whole: Revision {
                        version: self.version,
                        updated_at: self.updated_at,
                    },
                }
            }
        }
    };
}
pub(crate) use impl_revisions;
