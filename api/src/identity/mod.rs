//! Who is asking: by an access token from log-in, or by X-User-ID where it is trusted.
//!
//! [`credentials`] finds the one sender that a request names, for both surfaces. [`passwords`] hashes and checks,
//! [`throttle`] counts failures, [`log_in_rate`] limits how often a client may try, [`tokens`] makes and reads access tokens, [`sessions`] logs in, refreshes and logs out.

mod credentials;
pub mod log_in_rate;
pub mod passwords;
pub mod request_digest;
pub mod sessions;
pub mod throttle;
pub mod tokens;
mod worker_queue;

use axum::http::HeaderName;
use entity::UserId;
use rules::Actor;

pub use self::credentials::{Credentials, identify, sender};
use self::{passwords::Passwords, request_digest::RequestDigest, tokens::Tokens};
use crate::{config::Trust, error::Error};

/// The header that names a user without proof. Trusted in development, or behind a proxy that sets it.
pub const X_USER_ID: HeaderName = HeaderName::from_static("x-user-id");

/// The sender of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sender {
    Known(Actor),
    /// Was known, and is no more.
    Ended(Ended),
}

/// A person whose standing has ended, perhaps by the very write that is sent again because its answer was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The account is deleted, or never was.
    Account(UserId),
    /// The session of a token that is good otherwise.
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

/// The parts of identity: keys, the password workers, and whether X-User-ID is to be believed.
#[derive(Clone)]
pub struct Identity {
    pub tokens: Tokens,
    pub passwords: Passwords,
    pub request_digest: RequestDigest,
    pub user_id_header: Trust,
    /// Development: whoever names an e-mail address at registration has it.
    pub trust_email: bool,
}
