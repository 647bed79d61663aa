//! Who is asking.

use entity::UserId;

/// Who is asking, and how that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody said who they are: the board is public to read.
    Anonymous,
    /// A person with a live account.
    Person { id: UserId, proof: Proof },
}

/// How a person showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// An access token from log-in.
    Token,
    /// The X-User-ID header, where it is trusted.
    Header,
}

impl Actor {
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        match self {
            Self::Anonymous => None,
            Self::Person { id, .. } => Some(*id),
        }
    }
}
