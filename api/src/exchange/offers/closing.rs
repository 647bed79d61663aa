//! Cancels offers: taken back by their offerer, or closed because a game of theirs left.

use entity::{ClosedReason, OfferId, OfferStatus, event::Event, offer};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseTransaction};

use super::{announce, bump};
use crate::{app::App, error::Result};

/// Cancels offers that the caller has locked, and says which offer took the game where one did.
pub async fn cancel(
    app: &App,
    transaction: &DatabaseTransaction,
    offers: Vec<offer::Model>,
    reason: ClosedReason,
    cause: Option<OfferId>,
) -> Result<()> {
    let mut closed = Vec::with_capacity(offers.len());
    for offer in offers {
        let mut row = bump(app, offer);
        row.status = Set(OfferStatus::Cancelled);
        row.closed_reason = Set(Some(reason));
        row.closed_by_offer_id = Set(cause);
        closed.push(row.update(transaction).await?);
    }
    announce::all(app, transaction, &closed, Event::OfferCancelled).await
}
