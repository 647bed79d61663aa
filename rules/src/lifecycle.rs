//! The permission for each action.
//!
//! [`permit`] is the only authority on offers. To add an action, add it to [`Action`] and give it its party; the
//! agreement table in the tests of `api` fails until it has its rows.

use entity::{OfferStatus, UserId, game, offer, user};

use crate::Actor;

/// Declares the actions, each with its verb, and lists all of them in [`Action::ALL`].
macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident = $verb:literal,)*) => {
        /// An action on an offer that exists.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[$doc])* $action,)*
        }

        impl Action {
            /// Every action, in the order in which they are advertised.
            pub const ALL: [Self; [$($verb),*].len()] = [$(Self::$action),*];

            /// Returns the verb for the action, as letters name it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$action => $verb,)*
                }
            }
        }
    };
}

actions! {
    /// Change its games or its message.
    Update = "update",
    /// Settle it.
    Accept = "accept",
    /// Decline it.
    Reject = "reject",
    /// Withdraw it.
    Cancel = "cancel",
}

impl Action {
    /// Returns the party that may take it.
    const fn party(self) -> Party {
        match self {
            Self::Update | Self::Cancel => Party::Offerer,
            Self::Accept | Self::Reject => Party::Receiver,
        }
    }
}

/// A party of an offer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Party {
    Offerer,
    Receiver,
}

impl Party {
    /// Names the actions that the party may take, such as "accept or reject".
    fn actions(self) -> String {
        let own = Action::ALL.into_iter().filter(|one| one.party() == self);
        own.map(Action::as_str).collect::<Vec<_>>().join(" or ")
    }
}

/// The part of an offer that decides who may do what to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferState {
    pub offerer_id: UserId,
    pub receiver_id: UserId,
    pub status: OfferStatus,
}

impl From<&offer::Model> for OfferState {
    fn from(offer: &offer::Model) -> Self {
        Self {
            offerer_id: offer.offerer_id,
            receiver_id: offer.receiver_id,
            status: offer.status,
        }
    }
}

/// The reason for which an action is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("You are not authenticated. Log in, or send X-User-ID where it is trusted.")]
    NotIdentified,
    #[error(
        "Only the requester of an offer, who made it, may do this. Its receiver may {} it.",
        Party::Receiver.actions()
    )]
    OnlyOfferer,
    #[error(
        "Only the receiver of an offer may do this. Its requester may {} it.",
        Party::Offerer.actions()
    )]
    OnlyReceiver,
    #[error("Only the owner of a game may do this.")]
    OnlyOwner,
    #[error("Only the user themself may do this.")]
    OnlySelf,
    #[error("This offer was already {}. Make a new offer.", name(*.0))]
    Closed(OfferStatus),
    #[error("Your e-mail address is already confirmed. There is nothing to do.")]
    EmailConfirmed,
}

/// Checks that `actor` may do this to the offer now. Checks the actor before the status, so that outsiders cannot learn
/// the status from the refusal.
pub fn permit(action: Action, offer: impl Into<OfferState>, actor: &Actor) -> Result<(), Denied> {
    let (actor, offer) = (identified(actor)?, offer.into());
    match action.party() {
        Party::Offerer if actor != offer.offerer_id => Err(Denied::OnlyOfferer),
        Party::Receiver if actor != offer.receiver_id => Err(Denied::OnlyReceiver),
        _ if offer.status != OfferStatus::Pending => Err(Denied::Closed(offer.status)),
        _ => Ok(()),
    }
}

/// Lists the actions that `actor` may do to the offer now.
pub fn permitted(offer: impl Into<OfferState>, actor: &Actor) -> impl Iterator<Item = Action> {
    let offer = offer.into();
    Action::ALL
        .into_iter()
        .filter(move |action| permit(*action, offer, actor).is_ok())
}

/// Checks that `actor` may edit or delete the game.
pub fn permit_game(game: &game::Model, actor: &Actor) -> Result<(), Denied> {
    if identified(actor)? == game.owner_id {
        Ok(())
    } else {
        Err(Denied::OnlyOwner)
    }
}

/// Checks that `actor` may edit or delete the account, or change its password.
pub fn permit_user(user: UserId, actor: &Actor) -> Result<(), Denied> {
    if identified(actor)? == user {
        Ok(())
    } else {
        Err(Denied::OnlySelf)
    }
}

/// Checks that `actor` may request a letter that confirms the e-mail address of the account.
pub fn permit_confirmation(user: &user::Model, actor: &Actor) -> Result<(), Denied> {
    permit_user(user.id, actor)?;
    match user.email_confirmed_at {
        Some(_) => Err(Denied::EmailConfirmed),
        None => Ok(()),
    }
}

/// Returns the actor's id, or the refusal of every write by an anonymous sender.
pub fn identified(actor: &Actor) -> Result<UserId, Denied> {
    actor.user_id().ok_or(Denied::NotIdentified)
}

fn name(status: OfferStatus) -> &'static str {
    match status {
        OfferStatus::Pending => "pending",
        OfferStatus::Accepted => "accepted",
        OfferStatus::Rejected => "rejected",
        OfferStatus::Cancelled => "cancelled",
    }
}

#[cfg(test)]
mod tests {
    use entity::OfferStatus::{Accepted, Cancelled, Pending, Rejected};

    use super::*;

    const OFFERER: UserId = UserId(1);
    const RECEIVER: UserId = UserId(2);
    const OUTSIDER: UserId = UserId(3);

    /// Returns the refusal of each action in the order of [`Action::ALL`].
    fn refusals(status: OfferStatus, actor: &Actor) -> [Option<Denied>; 4] {
        let offer = OfferState {
            offerer_id: OFFERER,
            receiver_id: RECEIVER,
            status,
        };
        Action::ALL.map(|action| permit(action, offer, actor).err())
    }

    #[test]
    fn denied_names_the_actions_of_the_other_party() {
        let [offerer, receiver] =
            [Denied::OnlyOfferer, Denied::OnlyReceiver].map(|denied| denied.to_string());
        assert!(offerer.ends_with("Its receiver may accept or reject it."));
        assert!(receiver.contains("Its requester may update or cancel"));
    }

    #[test]
    fn permit_depends_on_the_role_then_on_the_status() {
        let (offerer, receiver) = (Some(Denied::OnlyOfferer), Some(Denied::OnlyReceiver));
        let refused_outsider = [offerer, receiver, receiver, offerer];
        for status in [Pending, Accepted, Rejected, Cancelled] {
            let closed = (status != Pending).then_some(Denied::Closed(status));
            for (user, expected) in [
                (OFFERER, [closed, receiver, receiver, closed]),
                (RECEIVER, [offerer, closed, closed, offerer]),
                (OUTSIDER, refused_outsider),
            ] {
                let refused = refusals(status, &Actor::themself(user));
                assert_eq!(refused, expected, "{status:?} {user}");
            }
            let refused = refusals(status, &Actor::Anonymous);
            assert_eq!(refused, [Some(Denied::NotIdentified); 4], "{status:?}");
        }
    }
}
