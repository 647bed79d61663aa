//! The one list of what can go wrong, each with a stable code. No HTTP and no GraphQL in it: `rest` and `graphql` each
//! map it once.
//!
//! To add a failure, add a variant, then its [`Error::code`] and [`Error::kind`], and its entry in
//! `rest/problem/catalogue.rs`; the message (`Display`) says what
//! happened, why, and what to do next, and goes to the client as it stands. Causes inside a variant are logged, never sent.

use std::time::Duration;

use entity::{GameId, OfferId, UserId};
use platform::database::{Fault, InDoubt, fault};
use rules::Denied;
use sea_orm::DbErr;
use uuid::Uuid;

use crate::{clients, exchange::revision::Change};

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("The input is not valid: {}", summary(.0))]
    Invalid(Vec<FieldError>),
    #[error("This needs to know who you are. Log in, or send X-User-ID where it is trusted.")]
    NotIdentified,
    #[error("The request cannot be read: {0}.")]
    Malformed(String),
    /// The same, where fields are to blame.
    #[error("The request cannot be read: {}.", summary(.0))]
    Unreadable(Vec<FieldError>),
    #[error("The access token is not good: {0}. Log in again.")]
    BadToken(&'static str),
    #[error("The request does not say properly who sends it: {0}.")]
    BadIdentity(&'static str),
    #[error(
        "The request names two people as its sender. Send the access token or X-User-ID of one of them."
    )]
    TwoIdentities,
    #[error("X-User-ID is not trusted here. Log in, and send the access token.")]
    HeaderNotTrusted,
    /// Short enough for the reason of a close.
    #[error(
        "X-User-ID is not trusted in a payload, which no proxy sees. Send the header, or Authorization in the payload."
    )]
    PayloadNotTrusted,
    #[error("The sender, user {0}, has no account here. Register, or log in as somebody who has.")]
    UnknownActor(UserId),
    #[error("The e-mail address or the password is wrong.")]
    BadCredentials,
    #[error("The refresh token is not good: it is unknown, used up or too old. Log in again.")]
    BadRefreshToken,
    #[error("Too many log-ins came from your address. Wait {} seconds, then try again.", .retry_after.as_secs())]
    TooManyLogIns { retry_after: Duration },
    #[error("Too many wrong passwords for this account. Wait {} seconds, then try again, or set a new password by a letter.", .retry_after.as_secs())]
    TooManyFailures { retry_after: Duration },
    #[error("Too many letters were asked for. Look for the last one, or wait {} seconds and try again.", .retry_after.as_secs())]
    TooManyLetters { retry_after: Duration },
    #[error(
        "The link of the letter is not good: it is unknown, used up or too old. Ask for another letter."
    )]
    BadLetterToken,
    #[error("Too many passwords are being checked. Nothing was changed; try again.")]
    PasswordsBusy,
    #[error("Changing the password asks for the present one, as `current_password`.")]
    CurrentPasswordRequired,
    #[error("`current_password` is not your present password.")]
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
    #[error("Game {game} belongs to somebody else. Offer games that you own.")]
    NotYourGame { game: GameId },
    #[error("There is no user {0}.")]
    NoUser(UserId),
    #[error("There is no game {0}.")]
    NoGame(GameId),
    #[error("There is no offer {0}.")]
    NoOffer(OfferId),
    #[error(
        "An account with this e-mail address exists. Log in, or register with another address."
    )]
    EmailTaken,
    #[error("An e-mail address cannot be changed. Send the one on record, or leave it out.")]
    EmailFixed,
    #[error("Game {game} is your own. Ask for games of somebody else.")]
    OwnGame { game: GameId },
    #[error("Games {first} and {other} have different owners. Make one offer for each owner.")]
    SeveralOwners { first: GameId, other: GameId },
    #[error("Game {game} no longer belongs to the side that promised it. Make a new offer.")]
    GameMoved { game: GameId },
    #[error("You have the same offer pending already: offer {0}. Update or cancel that one.")]
    DuplicateOffer(OfferId),
    #[error("You have {limit} offers pending, the most one person may have. Cancel one first.")]
    TooManyOffers { limit: u64, offerer: UserId },
    #[error(
        "An update keeps the two parties, and these games belong to somebody else. Make a new offer."
    )]
    PartiesChanged,
    #[error("An update that cancels changes nothing else. Send `status` alone, or leave it out.")]
    CancelAlone,
    #[error("It is not as you saw it: {}. Look at it again, then decide.", changes(.0))]
    Stale(Vec<Change>),
    #[error(
        "If-Match names what you saw, and this makes something that nobody has seen yet. Leave it out."
    )]
    NothingToMatch,
    #[error(
        "If-None-Match asks to write only where nothing is there, or something else than what it names, and that is what is there. Leave the header out, or name what you saw in If-Match."
    )]
    StillMatches,
    #[error(
        "The first request with this Idempotency-Key is still under way. Wait a moment, then send the same again."
    )]
    KeyInUse,
    #[error(
        "This Idempotency-Key was used for another request. Take a new key for each request, and the same only to send the same again."
    )]
    KeyReused,
    #[error(
        "This was done before under its Idempotency-Key, and {what} {id} was deleted since. Nothing was done now. Take a new key to do it anew."
    )]
    SinceDeleted { what: &'static str, id: i64 },
    #[error(
        "There is no event {0} to go on from any more. Read what you show anew, and listen without it."
    )]
    ResumeExpired(Uuid),
    #[error("Too many clients listen to this instance. Nothing was changed; try again.")]
    TooManyListeners,
    #[error("You have {sockets} WebSockets open, the most that one client may have. Close one first, and send several operations over the same.", sockets = clients::SOCKETS)]
    TooManySockets,
    #[error(
        "The answer would have more than 4 MB, so it is not sent; a write that was asked for is done all the same. Ask for less: fewer fields, shorter lists."
    )]
    AnswerTooLarge,
    #[error("The database is away. Nothing was changed; try again.")]
    DatabaseAway(#[source] DbErr),
    #[error(
        "The database went away while this was being saved, so nobody knows yet whether it was done. If it had an Idempotency-Key, send it again with the same: it is not done twice. Else look first whether it was done."
    )]
    OutcomeUnknown(#[source] InDoubt),
    #[error(
        "The database has no room left to write. Nothing was changed; reading still works. Try again later."
    )]
    StorageFull(#[source] DbErr),
    #[error("The storage of the database fails. Nothing was changed; try again later.")]
    StorageFailing(#[source] DbErr),
    #[error(
        "Another request is changing the same things and did not finish in time. Nothing was changed; try again."
    )]
    Contended(#[source] DbErr),
    #[error("Something went wrong on our side. Nothing was changed; try again later.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The families that a surface maps to its own statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Cannot be read at all.
    Malformed,
    /// Well-formed but invalid.
    Invalid,
    /// Nobody known is asking.
    Unauthenticated,
    /// Somebody is asking who may not.
    Forbidden,
    NotFound,
    /// The state of things forbids it.
    Conflict,
    /// The same is being done for somebody else, and soon is not.
    InProgress {
        retry_after: Duration,
    },
    /// It is not as the caller saw it.
    PreconditionFailed,
    /// Too often, too soon.
    RateLimited {
        retry_after: Duration,
    },
    /// It would work later.
    Unavailable {
        retry_after: Duration,
    },
    Internal,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// The field's name as it was sent.
    pub field: String,
    /// A stable code, such as `too_long`.
    pub code: &'static str,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Error {
    /// A stable name for programs to compare; never changes once released.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "invalid",
            Self::NotIdentified => "not_identified",
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
            Self::TooManySockets => "too_many_sockets",
            Self::AnswerTooLarge => "answer_too_large",
            Self::DatabaseAway(_) => "database_away",
            Self::OutcomeUnknown(_) => "outcome_unknown",
            Self::StorageFull(_) => "storage_full",
            Self::StorageFailing(_) => "storage_failing",
            Self::Contended(_) => "contended",
            Self::Internal(_) => "internal",
        }
    }

    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Invalid(_) => Kind::Invalid,
            Self::Malformed(_) | Self::Unreadable(_) => Kind::Malformed,
            Self::NotIdentified
            | Self::BadToken(_)
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
            Self::TooManySockets => Kind::RateLimited {
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

    /// Writes the cause of a failure of ours to the log. A surface calls it once, when it answers.
    pub fn log(&self) {
        match self {
            Self::Internal(cause) => tracing::error!(%cause, "internal failure"),
            Self::DatabaseAway(cause) => tracing::error!(%cause, "no connection to the database"),
            Self::OutcomeUnknown(cause) => tracing::error!(%cause, "a write is in doubt"),
            Self::StorageFull(cause) => tracing::error!(%cause, "the database has no room"),
            Self::StorageFailing(cause) => tracing::error!(%cause, "the storage fails"),
            Self::Contended(cause) => tracing::warn!(%cause, "a write gave way to another"),
            _ => {}
        }
    }

    /// A failure that is nobody's fault but ours.
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
