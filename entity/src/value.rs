//! The types of column values: statuses, reasons, conditions and hashes.

use sea_orm::{DeriveActiveEnum, DeriveValueType, EnumIter};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The status of an offer. There will never be others; `closed_reason` says why an offer was closed.
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
    /// Waiting for the receiver to answer.
    Pending,
    /// Accepted by the receiver: the games have changed hands.
    Accepted,
    /// Declined by the receiver.
    Rejected,
    /// Withdrawn by the offerer, or closed because one of its games is no longer available.
    Cancelled,
}

/// The reason why an offer was closed without a trade.
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
    /// The offerer withdrew it.
    Withdrawn,
    /// The receiver declined it.
    Declined,
    /// One of its games was traded away or deleted.
    GameUnavailable,
}

/// The condition of a game.
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

/// The side of an offer on which a game is, as the offerer sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum Side {
    /// Given by the offerer.
    Offered,
    /// Requested by the offerer.
    Requested,
}

/// The state of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum NotificationState {
    /// Held back: it may be merged with others, or its sender has reached the hourly limit.
    Held,
    /// To be sent, now or later.
    Waiting,
    /// Accepted by the mail server.
    Sent,
    /// Not sent, since it became obsolete.
    Skipped,
    /// Merged into another letter.
    Merged,
    /// Given up. An operator may send it again.
    Dead,
}

/// The purpose of a token in a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Text", rename_all = "snake_case")]
pub enum LetterPurpose {
    ConfirmEmail,
    ResetPassword,
}

// Defines a hash that is hidden from `Debug` and cannot be serialized.
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
