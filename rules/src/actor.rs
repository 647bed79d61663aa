//! The sender of a request, as the rules see it.

use entity::UserId;

/// The authenticated sender of a request, or nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The request names no sender: everybody may read the board.
    Anonymous,
    /// A person with an account that is not deleted.
    Person { id: UserId, proof: Proof },
}

/// The way in which a person was authenticated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// An access token from log-in.
    Token,
    /// X-User-ID, where it is trusted.
    Header,
    /// Neither: the operation itself established the person, such as a log-in, a registration or a letter to them.
    Implied,
}

impl Actor {
    /// Acts or views as this person, where the operation itself has established who it is.
    #[must_use]
    pub const fn themself(id: UserId) -> Self {
        let proof = Proof::Implied;
        Self::Person { id, proof }
    }

    /// Returns the person's id; `None` for an anonymous sender.
    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        match self {
            Self::Anonymous => None,
            Self::Person { id, .. } => Some(*id),
        }
    }
}
