//! Makes an offer.

use entity::{GameId, OfferStatus, UserId, event::OfferEvent, limits::Message, offer};
use outbox::Audience;
use platform::database::{Transaction, eq_literal};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{announce, terms::Terms};
use crate::{
    error::{Error, Result},
    locks,
    operation::Operation,
    validation::{Faults, Limited, Validate},
    write::Write,
};

/// The maximum number of pending offers of one user.
pub const MAX_PENDING: u64 = 100;

/// An offer to create.
#[derive(Clone, Debug, Default, Serialize)]
pub struct NewOffer {
    pub offered: Vec<GameId>,
    pub requested: Vec<GameId>,
    /// A private message to the receiver.
    pub message: Option<Message>,
    /// The requester, if the request names one: must be the actor.
    pub requester_id: Option<UserId>,
}

impl Validate for NewOffer {
    fn check(&mut self, faults: &mut Faults) {
        self.message.check("message", faults);
        Terms::check([Some(&self.offered), Some(&self.requested)], faults);
    }
}

/// Offers games of the actor for games of one other user.
pub struct CreateOffer(pub NewOffer);

impl Operation for CreateOffer {
    const NAME: &'static str = "create_offer";
    type Output = offer::Model;

    fn named_sender(&self) -> Option<(&'static str, UserId)> {
        self.0.requester_id.map(|id| ("requester_id", id))
    }

    fn input(&self) -> Value {
        json!(self.0)
    }

    fn check(&mut self, faults: &mut Faults) {
        self.0.check(faults);
    }

    async fn run(self, write: Write<'_>) -> Result<offer::Model> {
        let (Self(new), offerer) = (self, write.sender()?);
        let terms = Terms::new(new.offered, new.requested);
        let offerer_row = write.lock_user(offerer).await?;
        let games = write.lock_games(&terms.games()).await?;
        locks::require_listed(&games, &terms.games())?;
        let receiver = terms.receiver(offerer, &games)?;
        enforce_pending_limit(write.transaction, offerer).await?;
        terms
            .refuse_duplicate(write.transaction, offerer, None)
            .await?;
        write.refuse_if_match()?;
        let offer = insert(write, [offerer, receiver], new.message).await?;
        terms.store(write.transaction, offer.id).await?;
        let (sides, read) = (terms.sides(games), [offerer_row]);
        let (kind, audience) = (OfferEvent::Created, Audience::Everybody);
        announce::one(write, &offer, &sides, &read, kind, audience).await?;
        Ok(offer)
    }
}

async fn insert(
    write: Write<'_>,
    [offerer, receiver]: [UserId; 2],
    message: Option<Message>,
) -> Result<offer::Model> {
    let now = write.now();
    let row = offer::ActiveModel {
        offerer_id: Set(offerer),
        receiver_id: Set(receiver),
        status: Set(OfferStatus::Pending),
        message: Set(message.map(String::from)),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    Ok(row.insert(write.transaction).await?)
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
