//! Offers: creating in [`create()`], changing in [`update()`], cancelling and rejecting in [`closing`], accepting in
//! [`settlement`], reading in [`list()`].

mod announce;
pub(crate) mod closing;
mod create;
mod list;
mod settlement;
mod terms;
mod update;

use entity::{OfferId, UserId, game, offer};
use outbox::Audience;
use sea_orm::{ActiveValue::Set, ConnectionTrait, IntoActiveModel};

pub use self::{
    closing::{cancel, reject},
    create::{MAX_PENDING, NewOffer, create},
    list::{
        OfferFilter, Party, Sides, by_ids, count, count_per_user, find, list, list_per_user, sides,
        sides_and_owners,
    },
    settlement::accept,
    terms::{MAX_GAMES, Terms},
    update::{OfferChange, update},
};
use crate::{
    Exchange,
    error::{Error, Result},
    operation::WriteContext,
    revision::RevisionTag,
    select,
};

/// The maximum length of a message, in characters.
pub const MAX_MESSAGE: usize = 2_000;

/// Checks the preconditions against the offer, which is locked, and its games.
fn check_preconditions<'g>(
    offer: &offer::Model,
    games: impl Iterator<Item = &'g game::Model>,
    context: &WriteContext,
) -> Result<()> {
    if context.preconditions.always_hold() {
        return Ok(());
    }
    RevisionTag::from_offer(offer, games).check(context)
}

/// Checks that a user id in a body is that of the actor: a body never identifies the sender.
fn require_own_id(named: Option<UserId>, actor: UserId) -> Result<()> {
    match named {
        Some(named) if named != actor => Err(Error::NotYourself {
            field: "requester_id",
            named,
            actor,
        }),
        _ => Ok(()),
    }
}

/// Finds the offer inside a transaction.
async fn find_in(connection: &impl ConnectionTrait, id: OfferId) -> Result<offer::Model> {
    select::by_id::<offer::Entity>(connection, id)
        .await?
        .ok_or(Error::NoOffer(id))
}

/// Prepares the row of the offer with its next version, for everybody who can see the change.
fn next_version(
    exchange: &Exchange,
    offer: offer::Model,
    audience: Audience,
) -> offer::ActiveModel {
    let (before, now) = (offer.revisions(), exchange.clock.now());
    let mut row = offer.into_active_model();
    row.version = Set(before.whole.version + 1);
    row.updated_at = Set(now);
    if audience == Audience::Everybody {
        row.public_version = Set(before.public.version + 1);
        row.public_updated_at = Set(Some(now));
    }
    row
}
