//! The contract: the events that leave the exchange, their types and payloads. [`cloud`] says how one travels,
//! [`asyncapi`] describes it all for readers in other languages.
//!
//! A payload carries ids and public facts only: no e-mail address, no street address, no message, no password and no
//! token. Whoever consumes them reads private parts from the database. To add an event, add a variant to [`Event`], its
//! line in [`Event::type_name`] and [`Event::TYPES`], and a golden file: the tests of both sides read it. Within a
//! version fields are only added; what would break a reader raises [`cloud::VERSION`].

pub mod asyncapi;
pub mod cloud;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{ClosedReason, GameId, OfferId, OfferStatus, UserId};

/// Something that happened, as the outbox stores it and Kafka carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
    /// Somebody made an account. What confirms their e-mail address is not in here: the notifier makes it.
    #[serde(rename = "user.registered")]
    UserRegistered(UserFacts),
    /// Somebody wants the letter again that confirms their e-mail address.
    #[serde(rename = "user.email_confirmation_requested")]
    EmailConfirmationRequested(UserFacts),
    /// Somebody who knows the e-mail address of an account wants to set a new password.
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
    /// Withdrawn by its offerer, or closed because a game left; `closed_reason` says which.
    #[serde(rename = "offer.cancelled")]
    OfferCancelled(OfferFacts),
}

/// What the events of a person say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UserFacts {
    pub user_id: UserId,
    pub name: String,
}

/// What the events of an offer say: its public facts after the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OfferFacts {
    pub offer_id: OfferId,
    /// Who made the offer.
    pub offerer: UserFacts,
    /// Who answers it.
    pub receiver: UserFacts,
    pub status: OfferStatus,
    /// Why it was closed without a trade.
    pub closed_reason: Option<ClosedReason>,
    /// The accepted offer that took one of the games, where one did.
    pub closed_by_offer_id: Option<OfferId>,
    /// What the offerer gives.
    pub offered_games: Vec<GameFacts>,
    /// What the offerer wants.
    pub requested_games: Vec<GameFacts>,
}

/// A game as an event names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GameFacts {
    pub game_id: GameId,
    pub name: String,
}

impl OfferFacts {
    /// The party of this id, or else the offerer.
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
    /// The names of all types.
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

    /// The stable name of the type, such as `offer.created`.
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

    /// The facts of an offer, where it is about one.
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

    /// The aggregate that the event belongs to: its type and id.
    #[must_use]
    pub fn aggregate(&self) -> (&'static str, i64) {
        match self {
            Self::UserRegistered(facts) | Self::PasswordChanged(facts) => ("user", facts.user_id.0),
            // Anybody may cause these, and the person's own version is none of their business.
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
