//! The contract: the events that leave the exchange, each a kind and its facts. [`cloud`] defines their transport,
//! [`asyncapi`] describes them for readers in other languages.
//!
//! The facts are ids and public facts only: no e-mail address, street address, message, password or token. Consumers read
//! private data from the database. To add an event, add its kind and a golden file, which the tests of both sides read.
//! Within a version fields are only added; a breaking change increments [`cloud::VERSION`].

pub mod asyncapi;
pub mod cloud;

use serde::{Deserialize, Serialize, de::Error as _};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::{ClosedReason, GameId, OfferId, OfferStatus, UserId};

/// An event, as it is stored in the outbox and sent to Kafka.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Envelope", try_from = "Envelope")]
pub enum Event {
    User(UserEvent, UserFacts),
    Offer(OfferEvent, OfferFacts),
}

// Defines the kinds of events that have the same facts, each with the stable name of its type.
macro_rules! kinds {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $kind:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$about])* $kind,)+
        }

        impl $name {
            /// Every kind.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// Returns the stable name of the type, such as `offer.created`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $text,)+
                }
            }

            /// Finds the kind with this name.
            fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.as_str() == name)
            }
        }
    };
}

kinds! {
    /// The kind of an event of a user or their mailbox.
    UserEvent {
        /// A user registered. The notifier creates the token that confirms the e-mail address; it is not in the event.
        Registered = "user.registered",
        /// A user requested a new letter to confirm the e-mail address.
        EmailConfirmationRequested = "user.email_confirmation_requested",
        /// A password reset was requested for the e-mail address of this account.
        PasswordResetRequested = "user.password_reset_requested",
        PasswordChanged = "user.password_changed",
    }
}

kinds! {
    /// The kind of an event of an offer.
    OfferEvent {
        Created = "offer.created",
        Updated = "offer.updated",
        Accepted = "offer.accepted",
        Rejected = "offer.rejected",
        /// The offer was withdrawn by its offerer, or closed because a game is no longer available; `closed_reason` says
        /// which.
        Cancelled = "offer.cancelled",
    }
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
    /// Creates an event from the name of its type and the JSON of its facts.
    pub fn new(type_name: &str, data: Value) -> serde_json::Result<Self> {
        if let Some(kind) = UserEvent::from_name(type_name) {
            Ok(Self::User(kind, serde_json::from_value(data)?))
        } else if let Some(kind) = OfferEvent::from_name(type_name) {
            Ok(Self::Offer(kind, serde_json::from_value(data)?))
        } else {
            let problem = format!("there is no event type `{type_name}`");
            Err(serde_json::Error::custom(problem))
        }
    }

    /// Lists the names of all event types.
    pub fn types() -> impl Iterator<Item = &'static str> {
        let of_users = UserEvent::ALL.iter().map(|kind| kind.as_str());
        of_users.chain(OfferEvent::ALL.iter().map(|kind| kind.as_str()))
    }

    /// Returns the stable name of the type, such as `offer.created`.
    #[must_use]
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::User(kind, _) => kind.as_str(),
            Self::Offer(kind, _) => kind.as_str(),
        }
    }

    /// Returns the facts as JSON.
    #[must_use]
    pub fn data(&self) -> Value {
        match self {
            Self::User(_, facts) => json!(facts),
            Self::Offer(_, facts) => json!(facts),
        }
    }

    /// Returns the facts of an offer, if the event is about one.
    #[must_use]
    pub fn offer(&self) -> Option<&OfferFacts> {
        match self {
            Self::User(..) => None,
            Self::Offer(_, facts) => Some(facts),
        }
    }

    /// Returns the aggregate of the event: its type and id.
    #[must_use]
    pub fn aggregate(&self) -> (&'static str, i64) {
        use UserEvent::{
            EmailConfirmationRequested, PasswordChanged, PasswordResetRequested, Registered,
        };
        match self {
            Self::User(Registered | PasswordChanged, facts) => ("user", facts.user_id.0),
            // Anybody can trigger these, so they must not reveal the version of the user.
            Self::User(EmailConfirmationRequested | PasswordResetRequested, facts) => {
                ("mailbox", facts.user_id.0)
            }
            Self::Offer(_, facts) => ("offer", facts.offer_id.0),
        }
    }
}

/// The JSON form of an event.
#[derive(Serialize, Deserialize)]
struct Envelope {
    r#type: String,
    data: Value,
}

impl From<Event> for Envelope {
    fn from(event: Event) -> Self {
        Self {
            r#type: event.type_name().to_owned(),
            data: event.data(),
        }
    }
}

impl TryFrom<Envelope> for Event {
    type Error = serde_json::Error;

    fn try_from(envelope: Envelope) -> serde_json::Result<Self> {
        Self::new(&envelope.r#type, envelope.data)
    }
}
