//! The events that leave the exchange: their types and payloads.
//!
//! A payload carries ids and public facts only: no e-mail address, no street address, no message, no password and no
//! token. Whoever consumes them reads private parts from the database. To add an event, add a variant to [`Event`];
//! the outbox takes its type, aggregate and payload from here.

use serde::{Deserialize, Serialize};

use crate::{ClosedReason, GameId, OfferId, OfferStatus, UserId};

/// Something that happened, as the outbox stores it and Kafka carries it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "data")]
pub enum Event {
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserFacts {
    pub user_id: UserId,
    pub name: String,
}

/// What the events of an offer say: its public facts after the change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferFacts {
    pub offer_id: OfferId,
    pub offerer: UserFacts,
    pub receiver: UserFacts,
    pub status: OfferStatus,
    pub closed_reason: Option<ClosedReason>,
    pub closed_by_offer_id: Option<OfferId>,
    pub offered_games: Vec<GameFacts>,
    pub requested_games: Vec<GameFacts>,
}

/// A game as an event names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GameFacts {
    pub game_id: GameId,
    pub name: String,
}

impl Event {
    /// The stable name of the type, such as `offer.created`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::PasswordChanged(_) => "user.password_changed",
            Self::OfferCreated(_) => "offer.created",
            Self::OfferUpdated(_) => "offer.updated",
            Self::OfferAccepted(_) => "offer.accepted",
            Self::OfferRejected(_) => "offer.rejected",
            Self::OfferCancelled(_) => "offer.cancelled",
        }
    }

    /// The aggregate that the event belongs to: its type and id.
    #[must_use]
    pub fn aggregate(&self) -> (&'static str, i64) {
        match self {
            Self::PasswordChanged(facts) => ("user", facts.user_id.0),
            Self::OfferCreated(facts)
            | Self::OfferUpdated(facts)
            | Self::OfferAccepted(facts)
            | Self::OfferRejected(facts)
            | Self::OfferCancelled(facts) => ("offer", facts.offer_id.0),
        }
    }
}
