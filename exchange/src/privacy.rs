//! Private fields of users and offers. Both surfaces read them only through this module.

use chrono::{DateTime, TimeDelta, Utc};
use entity::{OfferStatus, Revision, Revisions, UserId, offer, user};
use rules::{Actor, permit_user};

/// The time after the settlement for which the parties see each other's addresses.
const ADDRESS_VISIBILITY: TimeDelta = TimeDelta::days(90);

/// The fields of a user that only the user themself sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrivateUser {
    pub email: String,
    /// No letters about offers are sent before this.
    pub email_confirmed_at: Option<DateTime<Utc>>,
    pub street_address: Option<String>,
}

/// The fields of an offer that only its two parties see.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PrivateOffer {
    pub message: Option<String>,
    pub offerer_address: Option<String>,
    pub receiver_address: Option<String>,
}

/// Returns true if `viewer` sees the private fields of a user: only the user themself does.
#[must_use]
pub fn sees_user(id: UserId, viewer: &Actor) -> bool {
    permit_user(id, viewer).is_ok()
}

/// Returns true if `viewer` sees the private fields of an offer: only its two parties do.
#[must_use]
pub fn sees_offer(offer: &offer::Model, viewer: &Actor) -> bool {
    viewer
        .user_id()
        .is_some_and(|viewer| [offer.offerer_id, offer.receiver_id].contains(&viewer))
}

/// Returns the revision for a viewer who sees all fields, or only the public ones.
#[must_use]
pub fn revision(revisions: Revisions, sees_all: bool) -> Revision {
    if sees_all {
        revisions.whole
    } else {
        revisions.public
    }
}

/// Returns the private fields of a user, if `viewer` is that user.
#[must_use]
pub fn user(user: &user::Model, viewer: &Actor) -> Option<PrivateUser> {
    let sees = user.deleted_at.is_none() && sees_user(user.id, viewer);
    sees.then(|| PrivateUser {
        email: user.email.clone(),
        email_confirmed_at: user.email_confirmed_at,
        street_address: user.street_address.clone(),
    })
}

/// Returns the viewer of a registration response. The new user sees their own private fields. A replay after the
/// account has changed shows the public ones, because the idempotency key proves nothing about its sender.
#[must_use]
pub fn registration_viewer(user: &user::Model, actor: &Actor) -> Actor {
    if user.version > 1 {
        return *actor;
    }
    Actor::themself(user.id)
}

/// Returns the private fields of an offer that `viewer` may see now.
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
