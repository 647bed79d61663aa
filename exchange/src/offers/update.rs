//! Changes or withdraws an offer.

use entity::{
    GameId, OfferId, OfferStatus, UserId, event::OfferEvent, game, limits::Message, offer,
};
use outbox::Audience;
use rules::{Action, Denied, permit};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde::Serialize;
use serde_json::{Value, json};

use super::{announce, cancel::CancelOffer, find_in, list::find, next_version, terms::Terms};
use crate::{
    Exchange,
    context::WriteContext,
    error::{Error, Result},
    locks,
    operation::{Operation, require_sender},
    revision::RevisionTag,
    validation::{Faults, Limited, ReadOnlyFaults, Validate},
    write::Write,
};

/// A change to a pending offer; `None` keeps the value.
#[derive(Clone, Debug, Default, Serialize)]
pub struct OfferChange {
    pub offered: Option<Vec<GameId>>,
    pub requested: Option<Vec<GameId>>,
    /// The first game of the side, sent beside a list of the side that does not contain it.
    pub first_offered: Option<GameId>,
    pub first_requested: Option<GameId>,
    /// `Some(None)` removes the message.
    pub message: Option<Option<Message>>,
    /// The status that the requester asks for. `Cancelled` withdraws the offer; `Accepted` changes nothing, since an
    /// offer implies the requester's consent; `Rejected` is for the receiver only.
    pub status: Option<OfferStatus>,
    /// The requester, if the request names one: must be the actor.
    pub requester_id: Option<UserId>,
    #[serde(skip)]
    pub read_only_faults: ReadOnlyFaults,
}

impl Validate for OfferChange {
    fn check(&mut self, faults: &mut Faults) {
        self.message.check("message", faults);
        let sides = [self.offered.as_deref(), self.requested.as_deref()];
        Terms::check(sides, faults);
    }
}

/// Does what a change asks for: [`UpdateOffer`], or [`CancelOffer`] if the change sets the status `Cancelled` and
/// nothing else.
pub async fn update(
    exchange: &Exchange,
    context: impl Into<WriteContext>,
    offer: OfferId,
    change: OfferChange,
) -> Result<offer::Model> {
    let context = context.into();
    require_sender(&context, change.named_requester())?;
    match change.status {
        None | Some(OfferStatus::Pending | OfferStatus::Accepted) => {
            let update = UpdateOffer { offer, change };
            exchange.execute(context, update).await
        }
        Some(OfferStatus::Cancelled) if !changes_terms(exchange, offer, &change).await? => {
            let read_only_faults = change.read_only_faults;
            let cancel = CancelOffer {
                offer,
                read_only_faults,
            };
            exchange.execute(context, cancel).await
        }
        Some(status) => {
            context.require_active_sender()?;
            let offer = find(exchange, offer).await?;
            permit(Action::Update, &offer, &context.actor)?;
            match status {
                OfferStatus::Rejected => Err(Denied::OnlyReceiver.into()),
                _ => Err(Error::CancelAlone),
            }
        }
    }
}

/// Changes the games or the message of a pending offer. The two parties stay the same.
pub struct UpdateOffer {
    pub offer: OfferId,
    pub change: OfferChange,
}

impl Operation for UpdateOffer {
    const NAME: &'static str = "update_offer";
    type Output = offer::Model;

    fn named_sender(&self) -> Option<(&'static str, UserId)> {
        self.change.named_requester()
    }

    fn input(&self) -> Value {
        json!([self.offer, self.change])
    }

    fn check(&mut self, faults: &mut Faults) {
        self.change.check(faults);
    }

    async fn run(self, write: Write<'_>) -> Result<offer::Model> {
        let Self { offer: id, change } = self;
        let seen = find_in(write.transaction, id).await?;
        write.permit(Action::Update, &seen)?;
        let offerer_row = write.lock_user(seen.offerer_id).await?;
        let old = Terms::load(write.transaction, id).await?;
        let new = old.with_change(&change)?;
        let games = write.lock_games(&old.union(&new)).await?;
        let offer = write.lock_offer(id).await?;
        write.permit(Action::Update, &offer)?;
        let its_games = games.iter().filter(|game| old.includes(game.id));
        write.require_match(|| RevisionTag::from_offer(&offer, its_games))?;
        change.read_only_faults.into_result()?;
        check_terms(write, &offer, &new, &games).await?;
        let message = match change.message {
            Some(message) => message.map(String::from),
            None => offer.message.clone(),
        };
        if new == old && message == offer.message {
            return Ok(offer);
        }
        let audience = if new == old {
            Audience::Parties
        } else {
            new.replace(write.transaction, id).await?;
            Audience::Everybody
        };
        let mut row = next_version(write, offer, audience);
        row.message = Set(message);
        let offer = row.update(write.transaction).await?;
        let (sides, read) = (new.sides(games), [offerer_row]);
        let kind = OfferEvent::Updated;
        announce::one(write, &offer, &sides, &read, kind, audience).await?;
        Ok(offer)
    }
}

/// Checks the new terms of an offer. Their games are locked.
async fn check_terms(
    write: Write<'_>,
    offer: &offer::Model,
    new: &Terms,
    games: &[game::Model],
) -> Result<()> {
    locks::require_listed(games, &new.games())?;
    if new.receiver(offer.offerer_id, games)? != offer.receiver_id {
        return Err(Error::PartiesChanged);
    }
    new.refuse_duplicate(write.transaction, offer.offerer_id, Some(offer.id))
        .await
}

/// Returns true if the change has effects apart from the status. Values sent back as they were read have none.
async fn changes_terms(exchange: &Exchange, id: OfferId, change: &OfferChange) -> Result<bool> {
    if change.is_empty() {
        return Ok(false);
    }
    let offer = find(exchange, id).await?;
    let terms = Terms::load(exchange.database.reader(), id).await?;
    let new_message = change
        .message
        .as_ref()
        .is_some_and(|message| message.as_deref() != offer.message.as_deref());
    Ok(new_message || terms.with_change(change)? != terms)
}

impl OfferChange {
    fn named_requester(&self) -> Option<(&'static str, UserId)> {
        self.requester_id.map(|id| ("requester_id", id))
    }

    /// Returns true if the change names no field but the status.
    fn is_empty(&self) -> bool {
        self.offered.is_none() && self.requested.is_none() && self.message.is_none()
    }
}
