//! The values that a column may hold: states, reasons, conditions and the password hash.

use sea_orm::{DeriveActiveEnum, DeriveValueType, EnumIter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where an offer stands. These four, for ever; the why of an ending is in `closed_reason`.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum OfferStatus {
    /// Waits for the receiver.
    Pending,
    /// Settled: the games have changed hands.
    Accepted,
    /// Declined by the receiver.
    Rejected,
    /// Withdrawn by the offerer, or closed because one of its games left.
    Cancelled,
}

/// Why an offer was closed without a trade.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum ClosedReason {
    /// The offerer took it back.
    Withdrawn,
    /// The receiver said no.
    Declined,
    /// One of its games was traded away or deleted.
    GameUnavailable,
}

/// How well kept a game is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    Mint,
    Good,
    Fair,
    Poor,
}

/// On which side of an offer a game stands, seen from the offerer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Side {
    /// The offerer gives it.
    Offered,
    /// The offerer wants it.
    Requested,
}

/// What became of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum NotificationState {
    /// Not to be sent yet: others may be merged with it, or its sender caused too many.
    Held,
    /// To be sent, now or later.
    Waiting,
    /// The mail server took it.
    Sent,
    /// Not to be sent after all.
    Skipped,
    /// Another letter tells of it.
    Merged,
    /// Cannot be sent. An operator may send it again.
    Dead,
}

/// What a token in a letter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum LetterPurpose {
    ConfirmEmail,
    ResetPassword,
}

// A hash that prints as nothing: `Debug` hides it and it cannot be serialised.
macro_rules! hash {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, DeriveValueType)]
        pub struct $name(pub String);

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "([redacted])"))
            }
        }
    };
}

hash! {
    /// The hash of a password, a PHC string.
    PasswordHash
}
hash! {
    /// The hash of a token, SHA-256 in hexadecimal.
    TokenHash
}
