//! Changes or withdraws an offer.

use entity::{GameId, OfferId, OfferStatus, UserId, event::OfferEvent, offer};
use outbox::Audience;
use rules::{Action, Denied, permit};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde::Serialize;
use serde_json::json;

use super::{
    MAX_MESSAGE,
    announce::{self, Announcement},
    check_preconditions,
    closing::withdraw,
    find_in,
    list::find,
    next_version, require_own_id,
    terms::Terms,
};
use crate::{
    Exchange,
    error::{Error, Result},
    idempotency::Write,
    locks,
    operation::WriteContext,
    validation::{Faults, ReadOnlyFaults, Validate},
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
    pub message: Option<Option<String>>,
    /// The status that the requester asks for. `Cancelled` withdraws the offer; `Accepted` changes nothing, since an
    /// offer implies the requester's consent; `Rejected` is for the receiver only.
    pub status: Option<OfferStatus>,
    /// The requester, if the request names one: must be the actor.
    pub requester_id: Option<UserId>,
    #[serde(skip)]
    pub fixed: ReadOnlyFaults,
}

impl Validate for OfferChange {
    fn check(&mut self, faults: &mut Faults) {
        if let Some(Some(text)) = &mut self.message {
            *text = faults.lines("message", text, MAX_MESSAGE);
        }
        let sides = [self.offered.as_deref(), self.requested.as_deref()];
        Terms::check(sides, faults);
    }
}

/// Changes the games or the message of a pending offer, or withdraws it. The two parties stay the same.
pub async fn update(
    exchange: &Exchange,
    context: impl Into<WriteContext>,
    id: OfferId,
    change: OfferChange,
) -> Result<offer::Model> {
    let context = context.into();
    require_own_id(change.requester_id, context.identified()?)?;
    match change.status {
        None | Some(OfferStatus::Pending | OfferStatus::Accepted) => {
            revise(exchange, context, id, change).await
        }
        Some(OfferStatus::Cancelled) if !changes_terms(exchange, id, &change).await? => {
            withdraw(exchange, context, id, change.fixed).await
        }
        Some(status) => {
            context.require_active_sender()?;
            permit(Action::Update, &find(exchange, id).await?, &context.actor)?;
            match status {
                OfferStatus::Rejected => Err(Denied::OnlyReceiver.into()),
                _ => Err(Error::CancelAlone),
            }
        }
    }
}

async fn revise(
    exchange: &Exchange,
    context: WriteContext,
    id: OfferId,
    change: OfferChange,
) -> Result<offer::Model> {
    let input = json!([id, change]);
    let change = change.validate()?;
    exchange
        .write_once(context, "update_offer", input, move |write| {
            Box::pin(rewrite(write, id, change))
        })
        .await
}

async fn rewrite(write: Write<'_>, id: OfferId, change: OfferChange) -> Result<offer::Model> {
    let Write {
        exchange,
        context,
        transaction,
    } = write;
    let seen = find_in(transaction, id).await?;
    permit(Action::Update, &seen, &context.actor)?;
    let offerer_row = locks::user(transaction, seen.offerer_id).await?;
    let old = Terms::load(transaction, id).await?;
    let new = old.with_change(&change)?;
    let games = locks::games(transaction, &old.union(&new)).await?;
    let offer = locks::offer(transaction, id).await?;
    permit(Action::Update, &offer, &context.actor)?;
    let its_games = games.iter().filter(|game| old.includes(game.id));
    check_preconditions(&offer, its_games, context)?;
    change.fixed.into_result()?;
    locks::require_listed(&games, &new.games())?;
    if new.receiver(offer.offerer_id, &games)? != offer.receiver_id {
        return Err(Error::PartiesChanged);
    }
    new.refuse_duplicate(transaction, offer.offerer_id, Some(id))
        .await?;
    let message = change.message.unwrap_or_else(|| offer.message.clone());
    if new == old && message == offer.message {
        return Ok(offer);
    }
    let audience = if new == old {
        Audience::Parties
    } else {
        new.replace(transaction, id).await?;
        Audience::Everybody
    };
    let mut row = next_version(exchange, offer, audience);
    row.message = Set(message);
    let offer = row.update(transaction).await?;
    let (sides, read) = (new.sides(games), [offerer_row]);
    let announcement = Announcement {
        event: OfferEvent::Updated,
        audience,
    };
    announce::one(exchange, transaction, &offer, &sides, &read, announcement).await?;
    Ok(offer)
}

/// Tells whether the change has effects apart from the status. Values sent back as they were read have none.
async fn changes_terms(exchange: &Exchange, id: OfferId, change: &OfferChange) -> Result<bool> {
    if change.is_empty() {
        return Ok(false);
    }
    let offer = find(exchange, id).await?;
    let terms = Terms::load(exchange.database.reader(), id).await?;
    let new_message = change
        .message
        .as_ref()
        .is_some_and(|message| *message != offer.message);
    Ok(new_message || terms.with_change(change)? != terms)
}

impl OfferChange {
    /// Tells whether the change names no field but the status.
    fn is_empty(&self) -> bool {
        self.offered.is_none() && self.requested.is_none() && self.message.is_none()
    }
}
