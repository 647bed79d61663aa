//! Offers: one file an operation, reading in [`list()`]. [`closing`] closes offers without a trade, [`announce`] records
//! their events.

mod accept;
mod announce;
mod cancel;
pub(crate) mod closing;
mod create;
mod list;
mod reject;
mod terms;
mod update;

use entity::{OfferId, offer};
use outbox::Audience;
use sea_orm::{ActiveValue::Set, ConnectionTrait, IntoActiveModel};

pub use self::{
    accept::AcceptOffer,
    cancel::CancelOffer,
    create::{CreateOffer, MAX_PENDING, NewOffer},
    list::{
        OfferFilter, Party, Sides, by_ids, count, count_per_user, find, list, list_per_user, sides,
        sides_and_owners,
    },
    reject::RejectOffer,
    terms::{MAX_GAMES, Terms},
    update::{OfferChange, UpdateOffer, update},
};
use crate::{
    error::{Error, Result},
    select,
    write::Write,
};

/// Finds the offer inside a transaction.
async fn find_in(connection: &impl ConnectionTrait, id: OfferId) -> Result<offer::Model> {
    select::by_id::<offer::Entity>(connection, id)
        .await?
        .ok_or(Error::NoOffer(id))
}

/// Prepares the row of the offer with its next version, for everybody who can see the change.
fn next_version(write: Write<'_>, offer: offer::Model, audience: Audience) -> offer::ActiveModel {
    let (before, now) = (offer.revisions(), write.now());
    let mut row = offer.into_active_model();
    row.version = Set(before.whole.version + 1);
    row.updated_at = Set(now);
    if audience == Audience::Everybody {
        row.public_version = Set(before.public.version + 1);
        row.public_updated_at = Set(Some(now));
    }
    row
}
