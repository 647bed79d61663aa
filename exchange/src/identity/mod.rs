//! Authentication: by an access token from log-in, or by X-User-ID where it is trusted.
//!
//! [`credentials`] identifies the sender of a request for both surfaces. [`passwords`] hashes and verifies passwords,
//! [`throttle`] counts failures, [`log_in_rate`] limits the log-ins of a client, [`tokens`] issues and verifies access
//! tokens, [`sessions`] logs in, refreshes and logs out.

pub mod credentials;
pub mod log_in_rate;
pub mod passwords;
pub mod request_digest;
pub mod throttle;
pub mod tokens;
mod worker_queue;

use entity::{TokenHash, UserId};
use platform::system::sha256;
use rules::Actor;
use secrecy::{ExposeSecret, SecretString};

use self::{passwords::Passwords, request_digest::RequestDigest, tokens::Tokens};
use crate::error::Error;

/// The sender of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    Known(Actor),
    /// The account or session of the sender has ended.
    Ended(Ended),
}

/// A sender whose account or session has ended, perhaps by the very write that is repeated because its response was
/// lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The account is deleted, or never existed.
    Account(UserId),
    /// The session of an otherwise valid token has ended.
    Session(UserId),
}

impl Ended {
    #[must_use]
    pub fn user_id(self) -> UserId {
        match self {
            Self::Account(id) | Self::Session(id) => id,
        }
    }
}

impl From<Ended> for Error {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Account(id) => Self::UnknownActor(id),
            Ended::Session(_) => Self::BadToken("its session has ended"),
        }
    }
}

/// The state of authentication: keys, password workers and settings.
#[derive(Clone)]
pub struct Identity {
    pub tokens: Tokens,
    pub passwords: Passwords,
    pub request_digest: RequestDigest,
    pub user_id_header: Trust,
    /// Development: an e-mail address counts as confirmed at registration.
    pub trust_email: bool,
}

/// The trust in X-User-ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    Never,
    /// By `TRUST_X_USER_ID=true`.
    ByDecision,
    /// Because no other machine can reach this instance, and no secret was set.
    InDevelopment,
}

/// Returns the hash under which a token is stored.
pub(crate) fn hash_token(token: &SecretString) -> TokenHash {
    TokenHash(sha256(token.expose_secret()))
}
