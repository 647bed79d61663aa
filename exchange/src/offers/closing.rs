//! Closes offers without a trade: withdrawn, declined, or because a game became unavailable.

use entity::{ClosedReason, OfferId, OfferStatus, event::OfferEvent, offer};
use outbox::Audience;
use platform::database::Transaction;
use rules::{Action, permit};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};

use super::{
    announce::{self, Announcement},
    check_preconditions,
    list::sides_in,
    next_version,
};
use crate::{
    Exchange,
    error::{Error, Result},
    locks,
    operation::WriteContext,
    validation::ReadOnlyFaults,
};

/// Withdraws a pending offer.
pub async fn cancel(
    exchange: &Exchange,
    context: impl Into<WriteContext>,
    id: OfferId,
) -> Result<offer::Model> {
    withdraw(exchange, context.into(), id, ReadOnlyFaults::default()).await
}

pub(super) async fn withdraw(
    exchange: &Exchange,
    context: WriteContext,
    id: OfferId,
    fixed: ReadOnlyFaults,
) -> Result<offer::Model> {
    let (action, reason) = (Action::Cancel, ClosedReason::Withdrawn);
    end(
        exchange,
        context,
        "cancel_offer",
        id,
        (action, reason),
        fixed,
    )
    .await
}

/// Declines a pending offer.
pub async fn reject(
    exchange: &Exchange,
    context: impl Into<WriteContext>,
    id: OfferId,
) -> Result<offer::Model> {
    let end_as = (Action::Reject, ClosedReason::Declined);
    end(
        exchange,
        context.into(),
        "reject_offer",
        id,
        end_as,
        ReadOnlyFaults::default(),
    )
    .await
}

/// Closes a pending offer without a trade. Locks only the offer.
async fn end(
    exchange: &Exchange,
    context: WriteContext,
    operation: &'static str,
    id: OfferId,
    (action, reason): (Action, ClosedReason),
    fixed: ReadOnlyFaults,
) -> Result<offer::Model> {
    context.identified()?;
    exchange
        .write_once(context, operation, id, move |write| {
            Box::pin(async move {
                let offer = locks::offer(write.transaction, id).await?;
                permit(action, &offer, &write.context.actor)?;
                if !write.context.preconditions.always_hold() {
                    let sides = sides_in(write.transaction, &[id]).await?.remove(&id);
                    let sides = sides.unwrap_or_default();
                    check_preconditions(&offer, sides.games(), write.context)?;
                }
                fixed.into_result()?;
                let closed =
                    close(write.exchange, write.transaction, vec![offer], reason, None).await?;
                closed.into_iter().next().ok_or(Error::NoOffer(id))
            })
        })
        .await
}

/// Closes offers that are locked. `cause` is the accepted offer that took a game of theirs, if any.
pub async fn close(
    exchange: &Exchange,
    transaction: &Transaction,
    offers: Vec<offer::Model>,
    reason: ClosedReason,
    cause: Option<OfferId>,
) -> Result<Vec<offer::Model>> {
    let (status, event) = match reason {
        ClosedReason::Declined => (OfferStatus::Rejected, OfferEvent::Rejected),
        ClosedReason::Withdrawn | ClosedReason::GameUnavailable => {
            (OfferStatus::Cancelled, OfferEvent::Cancelled)
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
