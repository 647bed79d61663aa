//! Every failure of a use case, one row each, with a stable code. Knows neither HTTP nor GraphQL: `rest` and `graphql`
//! each map it once.
//!
//! To add an error, add its row below and its page, `docs/problems/<code>.md`; everything else follows from the kind. The
//! message says what happened, why, and what to do next; clients receive it unchanged. Causes inside a variant are
//! logged and never sent.

use std::{fmt, time::Duration};

use entity::{GameId, OfferId, UserId};
use platform::database::{Fault, InDoubt, fault};
use rules::Denied;
use sea_orm::DbErr;
use uuid::Uuid;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Declares [`Error`] by rows. A row is a variant as `thiserror` reads it, with `= "code", Kind` after it, and with
/// `, field "name"` if it is about that field of the input. A variant that wraps an enum has a row for each case of it,
/// as `=> Enum { Case = "code", Kind; … }`.
macro_rules! errors {
    (
        $(#[$derive:meta])*
        pub enum Error {$(
            $(#[$attribute:meta])*
            $variant:ident $(($($unnamed:tt)*))? $({ $($named:tt)* })?
                $(= $code:literal, $kind:ident $(, field $field:literal)?)?
                $(=> $wrapped:ident { $($case:ident = $case_code:literal, $case_kind:ident;)* })?
        ;)*}
    ) => {
        $(#[$derive])*
        pub enum Error {
            $($(#[$attribute])* $variant $(($($unnamed)*))? $({ $($named)* })?,)*
        }

        impl Error {
            /// The types of all errors, in the order of the rows.
            pub const TYPES: &'static [ErrorType] = &[$(
                $(error_type!($code, $kind),)?
                $($(error_type!($case_code, $case_kind),)*)?
            )*];

            /// Returns the type of the error.
            #[must_use]
            pub fn error_type(&self) -> &'static ErrorType {
                match self {$(
                    $(Self::$variant { .. } => &error_type!($code, $kind),)?
                    $($(Self::$variant($wrapped::$case { .. }) => &error_type!($case_code, $case_kind),)*)?
                )*}
            }

            /// Returns the field of the input that the error is about, if it is about one.
            #[must_use]
            pub fn field(&self) -> Option<&'static str> {
                match self {
                    Self::NotYourself { field, .. } => Some(field),
                    $($($(Self::$variant { .. } => Some($field),)?)?)*
                    _ => None,
                }
            }
        }
    };
}

macro_rules! error_type {
    ($code:literal, $kind:ident) => {
        ErrorType {
            code: $code,
            kind: Kind::$kind,
            page: include_str!(concat!("../../docs/problems/", $code, ".md")),
        }
    };
}

errors! {
    /// A failure of a use case.
    #[derive(Debug, thiserror::Error)]
    pub enum Error {
        #[error("The request cannot be read: {0}.")]
        Malformed(String) = "malformed", Malformed;
        /// A malformed request, with the fields at fault.
        #[error("The request cannot be read: {}.", summary(.0))]
        Unreadable(Vec<FieldError>) = "malformed", Malformed;
        #[error("The input is not valid: {}", summary(.0))]
        Invalid(Vec<FieldError>) = "invalid", Invalid;

        #[error(transparent)]
        Denied(#[from] Denied) => Denied {
            NotIdentified = "not_identified", Unauthenticated;
            OnlyOfferer = "only_offerer", Forbidden;
            OnlyReceiver = "only_receiver", Forbidden;
            OnlyOwner = "only_owner", Forbidden;
            OnlySelf = "only_self", Forbidden;
            Closed = "offer_closed", Conflict;
            EmailConfirmed = "email_confirmed", Conflict;
        };

        #[error("The access token is invalid: {0}. Log in again.")]
        BadToken(&'static str) = "bad_token", Unauthenticated;
        #[error("The credentials are malformed: {0}.")]
        BadIdentity(&'static str) = "bad_identity", Unauthenticated;
        #[error("The request names two different users as its sender. Send the credentials of one.")]
        TwoIdentities = "two_identities", Unauthenticated;
        #[error("X-User-ID is not trusted here. Log in and send the access token instead.")]
        HeaderNotTrusted = "header_not_trusted", Unauthenticated;
        /// Fits into the reason of a WebSocket's close frame (123 bytes).
        #[error("X-User-ID is not trusted in a payload. Send it as a header, or send Authorization in the payload.")]
        PayloadNotTrusted = "header_not_trusted", Unauthenticated;
        #[error("User {0} has no account. Register, or log in as another user.")]
        UnknownActor(UserId) = "unknown_actor", Unauthenticated;
        #[error("The e-mail address or the password is wrong.")]
        BadCredentials = "bad_credentials", Unauthenticated;
        #[error("The refresh token is unknown, already used or expired. Log in again.")]
        BadRefreshToken = "bad_refresh_token", Unauthenticated;
        #[error("The link of the letter is unknown, already used or expired. Request another letter.")]
        BadLetterToken = "bad_letter_token", Unauthenticated;

        #[error("`{field}` names user {named}, but you are user {actor}. Leave it out, or act as that user.")]
        NotYourself { field: &'static str, named: UserId, actor: UserId } = "not_yourself", Forbidden;
        #[error("Game {game} belongs to another user. Offer games that you own.")]
        NotYourGame { game: GameId } = "not_your_game", Forbidden;
        #[error("Changing the password requires the current one. Send it as `current_password`.")]
        CurrentPasswordRequired = "current_password_required", Forbidden, field "current_password";
        #[error("`current_password` is not your current password.")]
        WrongPassword = "wrong_password", Forbidden, field "current_password";

        #[error("There is no user {0}.")]
        NoUser(UserId) = "user_not_found", NotFound;
        #[error("There is no game {0}.")]
        NoGame(GameId) = "game_not_found", NotFound;
        #[error("There is no offer {0}.")]
        NoOffer(OfferId) = "offer_not_found", NotFound;
        #[error("There is no title with the key {0:?}.")]
        NoTitle(String) = "title_not_found", NotFound;

        #[error("An account with this e-mail address already exists. Log in, or register with another address.")]
        EmailTaken = "email_taken", Conflict, field "email";
        #[error("An e-mail address cannot be changed. Send the one on record, or leave it out.")]
        EmailFixed = "email_fixed", Conflict, field "email";
        #[error("Game {game} is your own. Request games of another user.")]
        OwnGame { game: GameId } = "own_game", Conflict;
        #[error("Games {first} and {other} have different owners. Make one offer for each owner.")]
        SeveralOwners { first: GameId, other: GameId } = "several_owners", Conflict;
        #[error("Game {game} is no longer owned by the party that would give it. Make a new offer.")]
        GameMoved { game: GameId } = "game_moved", Conflict;
        #[error("You already have the same offer pending: offer {0}. Update or cancel that one.")]
        DuplicateOffer(OfferId) = "duplicate_offer", Conflict;
        #[error("You have {limit} pending offers, the maximum for one user. Cancel one first.")]
        TooManyOffers { limit: u64, offerer: UserId } = "too_many_offers", Conflict;
        #[error("An update cannot change the parties, and these games belong to another user. Make a new offer.")]
        PartiesChanged = "parties_changed", Conflict;
        #[error("An update that cancels cannot change anything else. Send `status` alone, or leave it out.")]
        CancelAlone = "cancel_alone", Conflict;
        #[error("The first request with this Idempotency-Key is still in progress. Wait a moment, then send the same \
                 request again.")]
        KeyInUse = "idempotency_key_in_use", InProgress;
        #[error("This request was already executed under its Idempotency-Key, and {what} {id} has been deleted since. Nothing was done \
                 now. To execute it again, use a new key.")]
        SinceDeleted { what: &'static str, id: i64 } = "since_deleted", Conflict;
        #[error("The response would exceed 4 MiB, so it was not sent. If the request was a write, it was executed. Request less: fewer \
                 fields, shorter lists.")]
        AnswerTooLarge = "answer_too_large", Conflict;
        #[error("Event {0} has expired and cannot be resumed from. Reload your data and subscribe again without it.")]
        ResumeExpired(Uuid) = "resume_expired", Conflict;

        #[error("It has changed since you read it: {}. Read it again, then decide.", changes(.0))]
        Stale(Vec<Change>) = "stale", PreconditionFailed, field "if_match";
        #[error("If-Match names a revision, but this request creates something new. Leave the header out.")]
        NothingToMatch = "nothing_to_match", PreconditionFailed;
        #[error("If-None-Match matches the current revision, so nothing was written. Leave the header out, or name the revision that you \
                 read in If-Match.")]
        StillMatches = "still_matches", PreconditionFailed;
        #[error("This Idempotency-Key was used for a different request. Use a new key for each request, and the same key only \
                 to repeat it.")]
        KeyReused = "idempotency_key_reused", Invalid;

        #[error("Too many log-ins from your address. Wait {} seconds, then try again.", .retry_after.as_secs())]
        TooManyLogIns { retry_after: Duration } = "too_many_log_ins", RateLimited;
        #[error("Too many wrong passwords for this account. Wait {} seconds, then try again, or reset the password by \
                 letter.", .retry_after.as_secs())]
        TooManyFailures { retry_after: Duration } = "too_many_failures", RateLimited;
        #[error("Too many letters were requested. Use the latest one, or wait {} seconds and try again.", .retry_after.as_secs())]
        TooManyLetters { retry_after: Duration } = "too_many_letters", RateLimited;
        #[error("You have {limit} WebSockets open, the maximum for one client. Close one first, or send several \
                 operations over one.")]
        TooManySockets { limit: usize } = "too_many_sockets", RateLimited;

        #[error("Something went wrong on our side. Nothing was changed; try again later.")]
        Internal(#[source] Box<dyn std::error::Error + Send + Sync>) = "internal", Internal;

        #[error("The server is busy checking other passwords. Nothing was changed; try again.")]
        PasswordsBusy = "passwords_busy", Unavailable;
        #[error("The database is unavailable. Nothing was changed; try again.")]
        DatabaseAway(#[source] DbErr) = "database_away", Unavailable;
        #[error("The connection to the database failed during the write, so it is unknown whether it was done. With an Idempotency-Key, \
                 send the same request again: it is never done twice. Without one, check first.")]
        OutcomeUnknown(#[from] InDoubt) = "outcome_unknown", Unavailable;
        #[error("The database has no space left. Nothing was changed; reading still works. Try again later.")]
        StorageFull(#[source] DbErr) = "storage_full", Unavailable;
        #[error("The storage of the database is failing. Nothing was changed; try again later.")]
        StorageFailing(#[source] DbErr) = "storage_failing", Unavailable;
        #[error("Another request is changing the same data and did not finish in time. Nothing was changed; try again.")]
        Contended(#[source] DbErr) = "contended", Unavailable;
        #[error("Too many clients are subscribed to this instance. Nothing was changed; try again.")]
        TooManyListeners = "too_many_listeners", Unavailable;
    }
}

/// A type of error: what its occurrences have in common.
#[derive(Clone, Copy, Debug)]
pub struct ErrorType {
    /// The stable code for programs to compare; never changes once released.
    pub code: &'static str,
    pub kind: Kind,
    /// The page that explains it, as Markdown.
    pub page: &'static str,
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
    InProgress,
    /// If-Match or If-None-Match does not hold.
    PreconditionFailed,
    RateLimited,
    /// A temporary failure.
    Unavailable,
    Internal,
}

impl Kind {
    /// Returns true if the same request may succeed later.
    #[must_use]
    pub fn is_temporary(self) -> bool {
        matches!(
            self,
            Self::InProgress | Self::RateLimited | Self::Unavailable
        )
    }
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
        self.error_type().code
    }

    /// Returns the family of the failure.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.error_type().kind
    }

    /// Returns the time after which the same request is worth another try, if the failure is temporary.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyLogIns { retry_after }
            | Self::TooManyFailures { retry_after }
            | Self::TooManyLetters { retry_after } => Some(*retry_after),
            Self::TooManySockets { .. } | Self::StorageFull(_) | Self::StorageFailing(_) => {
                Some(Duration::from_secs(5))
            }
            // A limit of its own says when it is over.
            _ if self.kind() == Kind::RateLimited => None,
            _ => self.kind().is_temporary().then_some(Duration::from_secs(1)),
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

/// A change since a revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The resource itself was edited.
    Itself,
    /// A game of the offer was edited.
    Game { id: GameId, name: String },
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

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Itself => f.write_str("the resource itself was edited"),
            Self::Game { id, name } => write!(f, "game {id} ({name}) was edited"),
        }
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
