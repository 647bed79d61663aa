//! Makes an offer.

use entity::{GameId, OfferStatus, UserId, event::OfferEvent, offer};
use platform::database::{Transaction, eq_literal};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
};
use serde::Serialize;
use serde_json::json;

use super::{
    MAX_MESSAGE,
    announce::{self, Announcement},
    require_own_id,
    terms::Terms,
};
use crate::{
    Exchange,
    error::{Error, Result},
    idempotency::Write,
    locks,
    operation::WriteContext,
    validation::{Faults, Validate},
};

/// The maximum number of pending offers of one user.
pub const MAX_PENDING: u64 = 100;

/// An offer to create.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewOffer {
    pub offered: Vec<GameId>,
    pub requested: Vec<GameId>,
    /// A private message to the receiver.
    pub message: Option<String>,
    /// The requester, if the request names one: must be the actor.
    pub requester_id: Option<UserId>,
}

impl Validate for NewOffer {
    fn check(&mut self, faults: &mut Faults) {
        if let Some(text) = &mut self.message {
            *text = faults.lines("message", text, MAX_MESSAGE);
        }
        Terms::check([Some(&self.offered), Some(&self.requested)], faults);
    }
}

/// Offers games of the actor for games of one other user.
pub async fn create(
    exchange: &Exchange,
    context: impl Into<WriteContext>,
    new: NewOffer,
) -> Result<offer::Model> {
    let context = context.into();
    let offerer = context.identified()?;
    require_own_id(new.requester_id, offerer)?;
    let input = json!(new);
    let new = new.validate()?;
    let terms = Terms::new(new.offered, new.requested);
    exchange
        .write_once(context, "create_offer", input, move |write| {
            Box::pin(insert(write, offerer, terms, new.message))
        })
        .await
}

async fn insert(
    write: Write<'_>,
    offerer: UserId,
    terms: Terms,
    message: Option<String>,
) -> Result<offer::Model> {
    let Write {
        exchange,
        context,
        transaction,
    } = write;
    let offerer_row = locks::user(transaction, offerer).await?;
    let games = locks::games(transaction, &terms.games()).await?;
    locks::require_listed(&games, &terms.games())?;
    let receiver = terms.receiver(offerer, &games)?;
    enforce_pending_limit(transaction, offerer).await?;
    terms.refuse_duplicate(transaction, offerer, None).await?;
    context.refuse_if_match()?;
    let now = exchange.clock.now();
    let row = offer::ActiveModel {
        offerer_id: Set(offerer),
        receiver_id: Set(receiver),
        status: Set(OfferStatus::Pending),
        message: Set(message),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    let offer = row.insert(transaction).await?;
    terms.store(transaction, offer.id).await?;
    let (sides, read) = (terms.sides(games), [offerer_row]);
    announce::one(
        exchange,
        transaction,
        &offer,
        &sides,
        &read,
        Announcement::public(OfferEvent::Created),
    )
    .await?;
    Ok(offer)
}

/// Refuses the offer if the offerer, who is locked, has too many pending ones.
async fn enforce_pending_limit(transaction: &Transaction, offerer: UserId) -> Result<()> {
    let pending = offer::Entity::find()
        .filter(offer::Column::OffererId.eq(offerer))
        .filter(eq_literal(offer::Column::Status, OfferStatus::Pending))
        .count(transaction)
        .await?;
    if pending < MAX_PENDING {
        Ok(())
    } else {
        Err(Error::TooManyOffers {
            limit: MAX_PENDING,
            offerer,
        })
    }
}
