//! Every failure of a use case, with a stable code. Knows neither HTTP nor GraphQL: `rest` and `graphql` each map it
//! once.
//!
//! To add a failure, add a variant, its [`Error::code`] and [`Error::kind`], and its entry in
//! `api/src/http/problem/catalogue.rs`. The message (`Display`) says what happened, why, and what to do next; clients
//! receive it unchanged. Causes inside a variant are logged and never sent.

use std::time::Duration;

use entity::{GameId, OfferId, UserId};
use platform::database::{Fault, InDoubt, fault};
use rules::Denied;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::revision::Change;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure of a use case.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The input is not valid: {}", summary(.0))]
    Invalid(Vec<FieldError>),
    #[error("The request cannot be read: {0}.")]
    Malformed(String),
    /// A malformed request, with the fields at fault.
    #[error("The request cannot be read: {}.", summary(.0))]
    Unreadable(Vec<FieldError>),
    #[error("The access token is invalid: {0}. Log in again.")]
    BadToken(&'static str),
    #[error("The credentials are malformed: {0}.")]
    BadIdentity(&'static str),
    #[error("The request names two different users as its sender. Send the credentials of one.")]
    TwoIdentities,
    #[error("X-User-ID is not trusted here. Log in and send the access token instead.")]
    HeaderNotTrusted,
    /// Fits into the reason of a WebSocket's close frame (123 bytes).
    #[error(
        "X-User-ID is not trusted in a payload. Send it as a header, or send Authorization in the payload."
    )]
    PayloadNotTrusted,
    #[error("User {0} has no account. Register, or log in as another user.")]
    UnknownActor(UserId),
    #[error("The e-mail address or the password is wrong.")]
    BadCredentials,
    #[error("The refresh token is unknown, already used or expired. Log in again.")]
    BadRefreshToken,
    #[error("Too many log-ins from your address. Wait {} seconds, then try again.", .retry_after.as_secs())]
    TooManyLogIns { retry_after: Duration },
    #[error("Too many wrong passwords for this account. Wait {} seconds, then try again, or reset the password by letter.", .retry_after.as_secs())]
    TooManyFailures { retry_after: Duration },
    #[error("Too many letters were requested. Use the latest one, or wait {} seconds and try again.", .retry_after.as_secs())]
    TooManyLetters { retry_after: Duration },
    #[error("The link of the letter is unknown, already used or expired. Request another letter.")]
    BadLetterToken,
    #[error("The server is busy checking other passwords. Nothing was changed; try again.")]
    PasswordsBusy,
    #[error("Changing the password requires the current one. Send it as `current_password`.")]
    CurrentPasswordRequired,
    #[error("`current_password` is not your current password.")]
    WrongPassword,
    #[error("{0}")]
    Denied(Denied),
    #[error(
        "`{field}` names user {named}, but you are user {actor}. Leave it out, or act as that user."
    )]
    NotYourself {
        field: &'static str,
        named: UserId,
        actor: UserId,
    },
    #[error("Game {game} belongs to another user. Offer games that you own.")]
    NotYourGame { game: GameId },
    #[error("There is no user {0}.")]
    NoUser(UserId),
    #[error("There is no game {0}.")]
    NoGame(GameId),
    #[error("There is no offer {0}.")]
    NoOffer(OfferId),
    #[error(
        "An account with this e-mail address already exists. Log in, or register with another address."
    )]
    EmailTaken,
    #[error("An e-mail address cannot be changed. Send the one on record, or leave it out.")]
    EmailFixed,
    #[error("Game {game} is your own. Request games of another user.")]
    OwnGame { game: GameId },
    #[error("Games {first} and {other} have different owners. Make one offer for each owner.")]
    SeveralOwners { first: GameId, other: GameId },
    #[error("Game {game} is no longer owned by the party that would give it. Make a new offer.")]
    GameMoved { game: GameId },
    #[error("You already have the same offer pending: offer {0}. Update or cancel that one.")]
    DuplicateOffer(OfferId),
    #[error("You have {limit} pending offers, the maximum for one user. Cancel one first.")]
    TooManyOffers { limit: u64, offerer: UserId },
    #[error(
        "An update cannot change the parties, and these games belong to another user. Make a new offer."
    )]
    PartiesChanged,
    #[error(
        "An update that cancels cannot change anything else. Send `status` alone, or leave it out."
    )]
    CancelAlone,
    #[error("It has changed since you read it: {}. Read it again, then decide.", changes(.0))]
    Stale(Vec<Change>),
    #[error(
        "If-Match names a revision, but this request creates something new. Leave the header out."
    )]
    NothingToMatch,
    #[error(
        "If-None-Match matches the current revision, so nothing was written. Leave the header out, or name the revision that you read in If-Match."
    )]
    StillMatches,
    #[error(
        "The first request with this Idempotency-Key is still in progress. Wait a moment, then send the same request again."
    )]
    KeyInUse,
    #[error(
        "This Idempotency-Key was used for a different request. Use a new key for each request, and the same key only to repeat it."
    )]
    KeyReused,
    #[error(
        "This request was already executed under its Idempotency-Key, and {what} {id} has been deleted since. Nothing was done now. To execute it again, use a new key."
    )]
    SinceDeleted { what: &'static str, id: i64 },
    #[error(
        "Event {0} has expired and cannot be resumed from. Reload your data and subscribe again without it."
    )]
    ResumeExpired(Uuid),
    #[error("Too many clients are subscribed to this instance. Nothing was changed; try again.")]
    TooManyListeners,
    #[error(
        "You have {limit} WebSockets open, the maximum for one client. Close one first, or send several operations over one."
    )]
    TooManySockets { limit: usize },
    #[error(
        "The response would exceed 4 MiB, so it was not sent. If the request was a write, it was executed. Request less: fewer fields, shorter lists."
    )]
    AnswerTooLarge,
    #[error("The database is unavailable. Nothing was changed; try again.")]
    DatabaseAway(#[source] DbErr),
    #[error(
        "The connection to the database failed during the write, so it is unknown whether it was done. With an Idempotency-Key, send the same request again: it is never done twice. Without one, check first."
    )]
    OutcomeUnknown(#[source] InDoubt),
    #[error(
        "The database has no space left. Nothing was changed; reading still works. Try again later."
    )]
    StorageFull(#[source] DbErr),
    #[error("The storage of the database is failing. Nothing was changed; try again later.")]
    StorageFailing(#[source] DbErr),
    #[error(
        "Another request is changing the same data and did not finish in time. Nothing was changed; try again."
    )]
    Contended(#[source] DbErr),
    #[error("Something went wrong on our side. Nothing was changed; try again later.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The family of a failure, which a surface maps to its own status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Cannot be parsed.
    Malformed,
    /// Well-formed but invalid.
    Invalid,
    /// No valid credentials.
    Unauthenticated,
    /// The sender is known and may not do this.
    Forbidden,
    NotFound,
    /// The current state of the data forbids it.
    Conflict,
    /// The same request is in progress.
    InProgress {
        retry_after: Duration,
    },
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed,
    RateLimited {
        retry_after: Duration,
    },
    /// A temporary failure.
    Unavailable {
        retry_after: Duration,
    },
    Internal,
}

/// An error of one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The name of the field in the request.
    pub field: String,
    /// A stable code, such as `too_long`.
    pub code: &'static str,
    /// The reason, and what to send instead.
    pub message: String,
}

impl Error {
    /// Returns the stable code for programs to compare; never changes once released.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::Malformed(_) | Self::Unreadable(_) => "malformed",
            Self::BadToken(_) => "bad_token",
            Self::BadIdentity(_) => "bad_identity",
            Self::TwoIdentities => "two_identities",
            Self::HeaderNotTrusted | Self::PayloadNotTrusted => "header_not_trusted",
            Self::UnknownActor(_) => "unknown_actor",
            Self::BadCredentials => "bad_credentials",
            Self::BadRefreshToken => "bad_refresh_token",
            Self::TooManyLogIns { .. } => "too_many_log_ins",
            Self::TooManyFailures { .. } => "too_many_failures",
            Self::TooManyLetters { .. } => "too_many_letters",
            Self::BadLetterToken => "bad_letter_token",
            Self::PasswordsBusy => "passwords_busy",
            Self::CurrentPasswordRequired => "current_password_required",
            Self::WrongPassword => "wrong_password",
            Self::Denied(denied) => denied.code(),
            Self::NotYourself { .. } => "not_yourself",
            Self::NotYourGame { .. } => "not_your_game",
            Self::NoUser(_) => "user_not_found",
            Self::NoGame(_) => "game_not_found",
            Self::NoOffer(_) => "offer_not_found",
            Self::EmailTaken => "email_taken",
            Self::EmailFixed => "email_fixed",
            Self::OwnGame { .. } => "own_game",
            Self::SeveralOwners { .. } => "several_owners",
            Self::GameMoved { .. } => "game_moved",
            Self::DuplicateOffer(_) => "duplicate_offer",
            Self::TooManyOffers { .. } => "too_many_offers",
            Self::PartiesChanged => "parties_changed",
            Self::CancelAlone => "cancel_alone",
            Self::Stale(_) => "stale",
            Self::NothingToMatch => "nothing_to_match",
            Self::StillMatches => "still_matches",
            Self::KeyInUse => "idempotency_key_in_use",
            Self::KeyReused => "idempotency_key_reused",
            Self::SinceDeleted { .. } => "since_deleted",
            Self::ResumeExpired(_) => "resume_expired",
            Self::TooManyListeners => "too_many_listeners",
            Self::TooManySockets { .. } => "too_many_sockets",
            Self::AnswerTooLarge => "answer_too_large",
            Self::DatabaseAway(_) => "database_away",
            Self::OutcomeUnknown(_) => "outcome_unknown",
            Self::StorageFull(_) => "storage_full",
            Self::StorageFailing(_) => "storage_failing",
            Self::Contended(_) => "contended",
            Self::Internal(_) => "internal",
        }
    }

    /// Returns the family of the failure.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Invalid(_) => Kind::Invalid,
            Self::Malformed(_) | Self::Unreadable(_) => Kind::Malformed,
            Self::BadToken(_)
            | Self::BadIdentity(_)
            | Self::TwoIdentities
            | Self::HeaderNotTrusted
            | Self::PayloadNotTrusted
            | Self::UnknownActor(_)
            | Self::BadCredentials
            | Self::BadRefreshToken
            | Self::BadLetterToken => Kind::Unauthenticated,
            Self::TooManyLogIns { retry_after }
            | Self::TooManyFailures { retry_after }
            | Self::TooManyLetters { retry_after } => Kind::RateLimited {
                retry_after: *retry_after,
            },
            Self::Denied(denied) => match denied {
                Denied::NotIdentified => Kind::Unauthenticated,
                Denied::OnlyOfferer
                | Denied::OnlyReceiver
                | Denied::OnlyOwner
                | Denied::OnlySelf => Kind::Forbidden,
                Denied::Closed(_) | Denied::EmailConfirmed => Kind::Conflict,
            },
            Self::NotYourself { .. }
            | Self::NotYourGame { .. }
            | Self::CurrentPasswordRequired
            | Self::WrongPassword => Kind::Forbidden,
            Self::NoUser(_) | Self::NoGame(_) | Self::NoOffer(_) => Kind::NotFound,
            Self::EmailTaken
            | Self::EmailFixed
            | Self::OwnGame { .. }
            | Self::SeveralOwners { .. }
            | Self::GameMoved { .. }
            | Self::DuplicateOffer(_)
            | Self::TooManyOffers { .. }
            | Self::PartiesChanged
            | Self::CancelAlone
            | Self::SinceDeleted { .. }
            | Self::ResumeExpired(_)
            | Self::AnswerTooLarge => Kind::Conflict,
            Self::TooManySockets { .. } => Kind::RateLimited {
                retry_after: Duration::from_secs(5),
            },
            Self::KeyInUse => Kind::InProgress {
                retry_after: Duration::from_secs(1),
            },
            Self::Stale(_) | Self::NothingToMatch | Self::StillMatches => Kind::PreconditionFailed,
            Self::KeyReused => Kind::Invalid,
            Self::PasswordsBusy
            | Self::TooManyListeners
            | Self::DatabaseAway(_)
            | Self::OutcomeUnknown(_)
            | Self::Contended(_) => Kind::Unavailable {
                retry_after: Duration::from_secs(1),
            },
            Self::StorageFull(_) | Self::StorageFailing(_) => Kind::Unavailable {
                retry_after: Duration::from_secs(5),
            },
            Self::Internal(_) => Kind::Internal,
        }
    }

    /// Logs the cause of a failure on our side. A surface calls it once, when it responds.
    pub fn log(&self) {
        match self {
            Self::Internal(cause) => tracing::error!(%cause, "internal error"),
            Self::DatabaseAway(cause) => tracing::error!(%cause, "no connection to the database"),
            Self::OutcomeUnknown(cause) => {
                tracing::error!(%cause, "the outcome of a write is unknown");
            }
            Self::StorageFull(cause) => tracing::error!(%cause, "the database has no space left"),
            Self::StorageFailing(cause) => {
                tracing::error!(%cause, "the storage of the database is failing");
            }
            Self::Contended(cause) => {
                tracing::warn!(%cause, "a write was aborted in favour of another");
            }
            _ => {}
        }
    }

    /// Makes an unexpected failure on our side.
    pub fn internal(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(cause.into())
    }
}

impl From<DbErr> for Error {
    fn from(cause: DbErr) -> Self {
        match fault(&cause) {
            Some(Fault::Unreachable) => Self::DatabaseAway(cause),
            Some(Fault::Full) => Self::StorageFull(cause),
            Some(Fault::Failing) => Self::StorageFailing(cause),
            Some(Fault::Contended) => Self::Contended(cause),
            None => Self::internal(cause),
        }
    }
}

impl From<InDoubt> for Error {
    fn from(doubt: InDoubt) -> Self {
        Self::OutcomeUnknown(doubt)
    }
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

/// Joins the errors of the fields into one line.
fn summary(fields: &[FieldError]) -> String {
    let lines: Vec<_> = fields
        .iter()
        .map(|f| format!("{}: {}", f.field, f.message))
        .collect();
    lines.join("; ")
}

fn changes(changed: &[Change]) -> String {
    let lines: Vec<_> = changed.iter().map(ToString::to_string).collect();
    lines.join("; ")
}
