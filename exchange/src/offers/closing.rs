//! Closes offers without a trade: withdrawn, declined, or because a game became unavailable.

use entity::{ClosedReason, OfferId, OfferStatus, event::OfferEvent, offer};
use outbox::Audience;
use rules::Action;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

use super::{announce, list::sides_in, next_version};
use crate::{
    error::{Error, Result},
    revision::RevisionTag,
    validation::ReadOnlyFaults,
    write::Write,
};

/// Closes a pending offer on behalf of a party. Locks only the offer.
pub(super) async fn close_by_party(
    write: Write<'_>,
    id: OfferId,
    (action, reason): (Action, ClosedReason),
    read_only_faults: ReadOnlyFaults,
) -> Result<offer::Model> {
    let offer = write.lock_offer(id).await?;
    write.permit(action, &offer)?;
    if !write.context.preconditions.always_hold() {
        let sides = sides_in(write.transaction, &[id]).await?.remove(&id);
        let sides = sides.unwrap_or_default();
        write.require_match(|| RevisionTag::from_offer(&offer, sides.games()))?;
    }
    read_only_faults.into_result()?;
    let closed = close(write, vec![offer], reason, None).await?;
    closed.into_iter().next().ok_or(Error::NoOffer(id))
}

/// Closes offers that are locked. `cause` is the accepted offer that took a game of theirs, if any.
pub async fn close(
    write: Write<'_>,
    offers: Vec<offer::Model>,
    reason: ClosedReason,
    cause: Option<OfferId>,
) -> Result<Vec<offer::Model>> {
    let (status, kind) = match reason {
        ClosedReason::Declined => (OfferStatus::Rejected, OfferEvent::Rejected),
        ClosedReason::Withdrawn | ClosedReason::GameUnavailable => {
            (OfferStatus::Cancelled, OfferEvent::Cancelled)
        }
    };
    let mut closed = Vec::with_capacity(offers.len());
    for offer in offers {
        let mut row = next_version(write, offer, Audience::Everybody);
        row.status = Set(status);
        row.closed_reason = Set(Some(reason));
        row.closed_by_offer_id = Set(cause);
        closed.push(row.update(write.transaction).await?);
    }
    announce::all(write, &closed, kind).await?;
    Ok(closed)
}
