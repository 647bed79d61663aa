//! How often a row was written and when last, counted twice where it has private parts: as everybody sees it, and as a whole.

use sea_orm::prelude::DateTimeUtc;

/// The last write of a row that a reader knows of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision {
    /// Counts the writes, from 1.
    pub version: i64,
    pub updated_at: DateTimeUtc,
}

/// The revisions of a row that has private parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revisions {
    /// Of what everybody sees.
    pub public: Revision,
    /// Of the whole row.
    pub whole: Revision,
}

/// Gives a row with private parts its revisions.
macro_rules! impl_revisions {
    ($row:ident) => {
        impl $row {
            /// When it changed, as everybody sees it and as a whole.
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
