//! Closes the pending offers whose games left: were traded away or deleted.

use entity::{ClosedReason, OfferId, OfferStatus, event::Event, offer};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, DatabaseTransaction};

use super::{announce, bump};
use crate::{app::App, error::Result};

/// Cancels offers that the caller has locked, and says which offer took the game where one did.
pub async fn games_left(
    app: &App,
    transaction: &DatabaseTransaction,
    offers: Vec<offer::Model>,
    cause: Option<OfferId>,
) -> Result<()> {
    let mut closed = Vec::with_capacity(offers.len());
    for offer in offers {
        let mut row = bump(app, offer);
        row.status = Set(OfferStatus::Cancelled);
        row.closed_reason = Set(Some(ClosedReason::GameUnavailable));
        row.closed_by_offer_id = Set(cause);
        closed.push(row.update(transaction).await?);
    }
    announce::all(app, transaction, &closed, Event::OfferCancelled).await
}
