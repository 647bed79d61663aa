//! Offers: create, update, cancel, reject. Reading them is in [`list()`], accepting in [`settlement`].

mod announce;
pub(super) mod closing;
mod list;
mod settlement;
mod terms;

use entity::{ClosedReason, GameId, OfferId, OfferStatus, UserId, event::Event, game, offer};
use outbox::Audience;
use platform::database::{Transaction, eq_literal};
use rules::{Action, Denied, permit};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter,
};
use serde::Serialize;
use serde_json::json;

use self::{announce::Announcement, list::sides_in};
pub use self::{
    list::{
        OfferFilter, Party, Sides, by_ids, count, count_per_user, find, list, list_per_user, sides,
        sides_and_owners,
    },
    settlement::accept,
    terms::{MAX_GAMES, Terms},
};
use super::{
    locks,
    operation::WriteContext,
    revision::RevisionTag,
    select,
    validation::{Faults, ReadOnlyFaults, Validate},
};
use crate::{
    Exchange,
    error::{Error, Result},
};

/// The maximum number of pending offers of one user.
pub const MAX_PENDING: u64 = 100;
/// The maximum length of a message, in characters.
pub const MAX_MESSAGE: usize = 2_000;

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
    /// The status that the requester asks for. `Cancelled` withdraws the offer; `Accepted` changes nothing, since an offer
    /// implies the requester's consent; `Rejected` is for the receiver only.
    pub status: Option<OfferStatus>,
    /// The requester, if the request names one: must be the actor.
    pub requester_id: Option<UserId>,
    #[serde(skip)]
    pub fixed: ReadOnlyFaults,
}

impl Validate for NewOffer {
    fn check(&mut self, faults: &mut Faults) {
        if let Some(text) = &mut self.message {
            *text = faults.lines("message", text, MAX_MESSAGE);
        }
        Terms::check([Some(&self.offered), Some(&self.requested)], faults);
    }
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
        .write_once(
            context,
            "create_offer",
            input,
            move |exchange, context, transaction| {
                Box::pin(async move {
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
                        message: Set(new.message),
                        version: Set(1),
                        created_at: Set(now),
                        updated_at: Set(now),
                        ..Default::default()
                    };
                    let offer = row.insert(transaction).await?;
                    terms.store(transaction, offer.id).await?;
                    let (sides, read) = (terms.sides(games), [offerer_row]);
                    announce::one(
                        &exchange,
                        transaction,
                        &offer,
                        &sides,
                        &read,
                        Announcement::public(Event::OfferCreated),
                    )
                    .await?;
                    Ok(offer)
                })
            },
        )
        .await
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
        .write_once(
            context,
            "update_offer",
            input,
            move |exchange, context, transaction| {
                Box::pin(async move { rewrite(&exchange, transaction, &context, id, change).await })
            },
        )
        .await
}

async fn rewrite(
    exchange: &Exchange,
    transaction: &Transaction,
    context: &WriteContext,
    id: OfferId,
    change: OfferChange,
) -> Result<offer::Model> {
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
        event: Event::OfferUpdated,
        audience,
    };
    announce::one(exchange, transaction, &offer, &sides, &read, announcement).await?;
    Ok(offer)
}

/// Withdraws a pending offer.
pub async fn cancel(
    exchange: &Exchange,
    context: impl Into<WriteContext>,
    id: OfferId,
) -> Result<offer::Model> {
    withdraw(exchange, context.into(), id, ReadOnlyFaults::default()).await
}

async fn withdraw(
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
        .write_once(
            context,
            operation,
            id,
            move |exchange, context, transaction| {
                Box::pin(async move {
                    let offer = locks::offer(transaction, id).await?;
                    permit(action, &offer, &context.actor)?;
                    if !context.preconditions.always_hold() {
                        let sides = sides_in(transaction, &[id]).await?.remove(&id);
                        let sides = sides.unwrap_or_default();
                        check_preconditions(&offer, sides.games(), &context)?;
                    }
                    fixed.into_result()?;
                    let closed =
                        closing::close(&exchange, transaction, vec![offer], reason, None).await?;
                    closed.into_iter().next().ok_or(Error::NoOffer(id))
                })
            },
        )
        .await
}

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
