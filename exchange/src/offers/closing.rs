//! Closes offers without a trade: withdrawn, declined, or because a game became unavailable.

use entity::{ClosedReason, OfferId, OfferStatus, event::Event, offer};
use outbox::Audience;
use platform::database::Transaction;
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

use super::{
    announce::{self, Announcement},
    next_version,
};
use crate::{Exchange, error::Result};

/// Closes offers that are locked. `cause` is the accepted offer that took a game of theirs, if any.
pub async fn close(
    exchange: &Exchange,
    transaction: &Transaction,
    offers: Vec<offer::Model>,
    reason: ClosedReason,
    cause: Option<OfferId>,
) -> Result<Vec<offer::Model>> {
    let (status, event) = match reason {
        ClosedReason::Declined => (OfferStatus::Rejected, Event::OfferRejected as fn(_) -> _),
        ClosedReason::Withdrawn | ClosedReason::GameUnavailable => {
            (OfferStatus::Cancelled, Event::OfferCancelled as fn(_) -> _)
        }
    };
    let mut closed = Vec::with_capacity(offers.len());
    for offer in offers {
        let mut row = next_version(exchange, offer, Audience::Everybody);
        row.status = Set(status);
        row.closed_reason = Set(Some(reason));
        row.closed_by_offer_id = Set(cause);
        closed.push(row.update(transaction).await?);
    }
    announce::all(exchange, transaction, &closed, Announcement::public(event)).await?;
    Ok(closed)
}
