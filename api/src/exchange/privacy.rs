//! What of a person and of an offer is not for everybody. Both surfaces take private parts from here and nowhere else.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{OfferStatus, Revision, Revisions, UserId, offer, user};
use rules::{Actor, permit_user};

/// For how long after the settlement its parties see each other's addresses.
const ADDRESS_VISIBILITY: TimeDelta = TimeDelta::days(90);

/// What a person alone sees of themself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateUser {
    pub email: String,
    /// Until then no letter about offers is sent there.
    pub email_confirmed_at: Option<DateTime<Utc>>,
    pub street_address: Option<String>,
}

/// What the two parties alone see of their offer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrivateOffer {
    pub message: Option<String>,
    pub offerer_address: Option<String>,
    pub receiver_address: Option<String>,
}

/// Whether `viewer` sees the private parts of a person: whether it is that person.
#[must_use]
pub fn sees_user(id: UserId, viewer: &Actor) -> bool {
    permit_user(id, viewer).is_ok()
}

/// Whether `viewer` sees the private parts of an offer: whether it is one of its two parties.
#[must_use]
pub fn sees_offer(offer: &offer::Model, viewer: &Actor) -> bool {
    viewer
        .user_id()
        .is_some_and(|viewer| [offer.offerer_id, offer.receiver_id].contains(&viewer))
}

/// The revision that a viewer knows of, who sees the private parts or does not.
#[must_use]
pub fn revision(revisions: Revisions, sees_all: bool) -> Revision {
    if sees_all {
        revisions.whole
    } else {
        revisions.public
    }
}

/// The private parts of a person, if `viewer` is that person.
#[must_use]
pub fn user(user: &user::Model, viewer: &Actor) -> Option<PrivateUser> {
    let sees = user.deleted_at.is_none() && sees_user(user.id, viewer);
    sees.then(|| PrivateUser {
        email: user.email.clone(),
        email_confirmed_at: user.email_confirmed_at,
        street_address: user.street_address.clone(),
    })
}

/// Whom the answer to a registration is for: the person themself, though the request does not say so. Only while the account
/// is as it was made: what comes again under its key later shows what everybody may see, since it knows no more than what
/// was sent then.
#[must_use]
pub fn registration_viewer(user: &user::Model, actor: &Actor) -> Actor {
    if user.version > 1 {
        return *actor;
    }
    Actor::themself(user.id)
}

/// The private parts of an offer, as far as `viewer` may see them now.
#[must_use]
pub fn offer(offer: &offer::Model, viewer: &Actor, now: DateTime<Utc>) -> PrivateOffer {
    if !sees_offer(offer, viewer) {
        return PrivateOffer::default();
    }
    // The last change of an accepted offer is its settlement.
    let shown =
        offer.status == OfferStatus::Accepted && now - offer.updated_at < ADDRESS_VISIBILITY;
    PrivateOffer {
        message: offer.message.clone(),
        offerer_address: offer.offerer_address.clone().filter(|_| shown),
        receiver_address: offer.receiver_address.clone().filter(|_| shown),
    }
}
