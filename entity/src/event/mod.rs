//! The contract: the events that leave the exchange, their types and payloads. [`cloud`] defines their transport,
//! [`asyncapi`] describes them for readers in other languages.
//!
//! A payload contains ids and public facts only: no e-mail address, street address, message, password or token. Consumers
//! read private data from the database. To add an event, add a variant to [`Event`], its line in [`Event::type_name`] and
//! [`Event::TYPES`], and a golden file, which the tests of both sides read. Within a version fields are only added; a
//! breaking change increments [`cloud::VERSION`].

pub mod asyncapi;
pub mod cloud;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ClosedReason, GameId, OfferId, OfferStatus, UserId};

/// An event, as it is stored in the outbox and sent to Kafka.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    /// A user registered. The notifier creates the token that confirms the e-mail address; it is not in the event.
    #[serde(rename = "user.registered")]
    UserRegistered(UserFacts),
    /// A user requested a new letter to confirm the e-mail address.
    #[serde(rename = "user.email_confirmation_requested")]
    EmailConfirmationRequested(UserFacts),
    /// A password reset was requested for the e-mail address of this account.
    #[serde(rename = "user.password_reset_requested")]
    PasswordResetRequested(UserFacts),
    #[serde(rename = "user.password_changed")]
    PasswordChanged(UserFacts),
    #[serde(rename = "offer.created")]
    OfferCreated(OfferFacts),
    #[serde(rename = "offer.updated")]
    OfferUpdated(OfferFacts),
    #[serde(rename = "offer.accepted")]
    OfferAccepted(OfferFacts),
    #[serde(rename = "offer.rejected")]
    OfferRejected(OfferFacts),
    /// The offer was withdrawn by its offerer, or closed because a game is no longer available; `closed_reason` says which.
    #[serde(rename = "offer.cancelled")]
    OfferCancelled(OfferFacts),
}

/// The facts in the events of a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserFacts {
    pub user_id: UserId,
    pub name: String,
}

/// The facts in the events of an offer: its public state after the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfferFacts {
    pub offer_id: OfferId,
    /// The user who made the offer.
    pub offerer: UserFacts,
    /// The user who may accept or reject the offer.
    pub receiver: UserFacts,
    pub status: OfferStatus,
    /// The reason why the offer was closed without a trade.
    pub closed_reason: Option<ClosedReason>,
    /// The accepted offer that took one of the games, if one did.
    pub closed_by_offer_id: Option<OfferId>,
    /// The games that the offerer gives.
    pub offered_games: Vec<GameFacts>,
    /// The games that the offerer wants.
    pub requested_games: Vec<GameFacts>,
}

/// A game in an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GameFacts {
    pub game_id: GameId,
    pub name: String,
}

impl OfferFacts {
    /// Returns the party with this id, or else the offerer.
    #[must_use]
    pub fn party(&self, id: UserId) -> &UserFacts {
        if self.receiver.user_id == id {
            &self.receiver
        } else {
            &self.offerer
        }
    }
}

impl Event {
    /// The names of all event types.
    pub const TYPES: [&str; 9] = [
        "user.registered",
        "user.email_confirmation_requested",
        "user.password_reset_requested",
        "user.password_changed",
        "offer.created",
        "offer.updated",
        "offer.accepted",
        "offer.rejected",
        "offer.cancelled",
    ];

    /// Returns the stable name of the type, such as `offer.created`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::UserRegistered(_) => "user.registered",
            Self::EmailConfirmationRequested(_) => "user.email_confirmation_requested",
            Self::PasswordResetRequested(_) => "user.password_reset_requested",
            Self::PasswordChanged(_) => "user.password_changed",
            Self::OfferCreated(_) => "offer.created",
            Self::OfferUpdated(_) => "offer.updated",
            Self::OfferAccepted(_) => "offer.accepted",
            Self::OfferRejected(_) => "offer.rejected",
            Self::OfferCancelled(_) => "offer.cancelled",
        }
    }

    /// Returns the facts of an offer, if the event is about one.
    #[must_use]
    pub fn offer(&self) -> Option<&OfferFacts> {
        match self {
            Self::OfferCreated(facts)
            | Self::OfferUpdated(facts)
            | Self::OfferAccepted(facts)
            | Self::OfferRejected(facts)
            | Self::OfferCancelled(facts) => Some(facts),
            Self::UserRegistered(_)
            | Self::EmailConfirmationRequested(_)
            | Self::PasswordResetRequested(_)
            | Self::PasswordChanged(_) => None,
        }
    }

    /// Returns the aggregate of the event: its type and id.
    #[must_use]
    pub fn aggregate(&self) -> (&'static str, i64) {
        match self {
            Self::UserRegistered(facts) | Self::PasswordChanged(facts) => ("user", facts.user_id.0),
            // Anybody can trigger these, so they must not reveal the version of the user.
            Self::EmailConfirmationRequested(facts) | Self::PasswordResetRequested(facts) => {
                ("mailbox", facts.user_id.0)
            }
            Self::OfferCreated(facts)
            | Self::OfferUpdated(facts)
            | Self::OfferAccepted(facts)
            | Self::OfferRejected(facts)
            | Self::OfferCancelled(facts) => ("offer", facts.offer_id.0),
        }
    }
}
