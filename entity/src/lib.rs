//! The tables of the exchange as SeaORM entities, the types of their columns, and [`event`]: the contract of the events
//! that leave the exchange.
//!
//! Contains no HTTP, no GraphQL and no rules. A new table gets a file here and a migration; a type that a column shares
//! with both surfaces (an id, a status) goes into [`id`] or [`value`], a limit of what clients send into [`limits`].

pub mod event;
pub mod game;
pub mod game_transfer;
pub mod id;
pub mod idempotency_key;
pub mod letter_token;
pub mod limits;
pub mod notification;
pub mod offer;
pub mod offer_game;
pub mod outbox;
pub mod password_reset;
pub mod positional;
pub mod refresh_token;
pub mod revision;
pub mod throttle;
pub mod title;
pub mod user;
pub mod value;

pub use id::{GameId, OfferId, UserId};
pub use revision::{Revision, Revisions};
pub use value::{
    ClosedReason, Condition, LetterPurpose, NotificationState, OfferStatus, PasswordHash, Side,
    TokenHash,
};
