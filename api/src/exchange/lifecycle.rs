//! Who may do what, and when. Pure: no I/O, no clock, no database.
//!
//! [`permit`] is the only authority on offers. The use case enforces it; REST links and GraphQL `viewerActions` list
//! the actions for which it says yes, through [`permitted`]. To add an action, add it to [`Action::ALL`] and give it its
//! line in [`permit`]; the agreement table in the tests fails until it has its rows.

use entity::{OfferStatus, UserId, game, offer, user};

use crate::identity::Actor;

/// What can be done to an offer that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Change its games or its message.
    Update,
    /// Settle it.
    Accept,
    /// Decline it.
    Reject,
    /// Take it back.
    Cancel,
}

impl Action {
    /// Every action, in the order in which they are advertised.
    pub const ALL: [Self; 4] = [Self::Update, Self::Accept, Self::Reject, Self::Cancel];
}

/// Why not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("This needs to know who you are. Log in, or send X-User-ID where it is trusted.")]
    NotIdentified,
    #[error(
        "Only the requester of an offer, who made it, may do this. Its receiver may accept or reject it."
    )]
    OnlyOfferer,
    #[error("Only the receiver of an offer may do this. Its requester may update or cancel it.")]
    OnlyReceiver,
    #[error("Only the owner of a game may do this.")]
    OnlyOwner,
    #[error("Only the person themself may do this.")]
    OnlySelf,
    #[error("This offer was {} and stays so. Make a new offer.", word(*.0))]
    Closed(OfferStatus),
    #[error("Your e-mail address is confirmed already. There is nothing to do.")]
    EmailConfirmed,
}

impl Denied {
    /// A stable name for programs to compare.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotIdentified => "not_identified",
            Self::OnlyOfferer => "only_offerer",
            Self::OnlyReceiver => "only_receiver",
            Self::OnlyOwner => "only_owner",
            Self::OnlySelf => "only_self",
            Self::Closed(_) => "offer_closed",
            Self::EmailConfirmed => "email_confirmed",
        }
    }
}

/// May `actor` do this to the offer now? Who is asking is settled before the state is, so that a stranger hears the
/// same answer whatever became of the offer.
pub fn permit(action: Action, offer: &offer::Model, actor: &Actor) -> Result<(), Denied> {
    let actor = identified(actor)?;
    match action {
        Action::Update | Action::Cancel if actor != offer.offerer_id => Err(Denied::OnlyOfferer),
        Action::Accept | Action::Reject if actor != offer.receiver_id => Err(Denied::OnlyReceiver),
        _ if offer.status != OfferStatus::Pending => Err(Denied::Closed(offer.status)),
        _ => Ok(()),
    }
}

/// The actions that `actor` may do to the offer now.
pub fn permitted(offer: &offer::Model, actor: &Actor) -> impl Iterator<Item = Action> {
    Action::ALL
        .into_iter()
        .filter(move |action| permit(*action, offer, actor).is_ok())
}

/// May `actor` edit or delete the game?
pub fn permit_game(game: &game::Model, actor: &Actor) -> Result<(), Denied> {
    if identified(actor)? == game.owner_id {
        Ok(())
    } else {
        Err(Denied::OnlyOwner)
    }
}

/// May `actor` edit or delete the account, or change its password?
pub fn permit_user(user: UserId, actor: &Actor) -> Result<(), Denied> {
    if identified(actor)? == user {
        Ok(())
    } else {
        Err(Denied::OnlySelf)
    }
}

/// May `actor` have a letter sent that confirms the e-mail address of the account?
pub fn permit_confirmation(user: &user::Model, actor: &Actor) -> Result<(), Denied> {
    permit_user(user.id, actor)?;
    match user.email_confirmed_at {
        Some(_) => Err(Denied::EmailConfirmed),
        None => Ok(()),
    }
}

/// Who is asking, or the refusal that every write gives to nobody.
pub fn identified(actor: &Actor) -> Result<UserId, Denied> {
    actor.user_id().ok_or(Denied::NotIdentified)
}

fn word(status: OfferStatus) -> &'static str {
    match status {
        OfferStatus::Pending => "pending",
        OfferStatus::Accepted => "accepted",
        OfferStatus::Rejected => "rejected",
        OfferStatus::Cancelled => "cancelled",
    }
}
