//! Settles an accepted offer: swaps the owners, records the transfers in the ledger and closes every rival offer, in
//! one transaction.

use entity::{
    ClosedReason, OfferId, OfferStatus, UserId,
    event::OfferEvent,
    game::{self, Column},
    game_transfer, offer, user,
};
use outbox::Audience;
use platform::database::{Transaction, is_one_of};
use rules::{Action, permit};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};

use super::{
    super::{idempotency::Write, locks, operation::WriteContext},
    announce::{self, Announcement},
    check_preconditions, closing, find_in,
    list::Sides,
    next_version,
    terms::Terms,
};
use crate::{
    Exchange,
    error::{Error, Result},
};

/// Accepts a pending offer and settles it.
pub async fn accept(
    exchange: &Exchange,
    context: impl Into<WriteContext>,
    id: OfferId,
) -> Result<offer::Model> {
    let context = context.into();
    context.identified()?;
    exchange
        .write_once(context, "accept_offer", id, move |write| {
            Box::pin(settle(write, id))
        })
        .await
}

async fn settle(write: Write<'_>, id: OfferId) -> Result<offer::Model> {
    let Write {
        exchange,
        context,
        transaction,
    } = write;
    let seen = find_in(transaction, id).await?;
    permit(Action::Accept, &seen, &context.actor)?;
    let parties = locks::users(transaction, &[seen.offerer_id, seen.receiver_id]).await?;
    let terms = Terms::load(transaction, id).await?;
    let games = locks::games(transaction, &terms.games()).await?;
    let (offer, rivals) = lock_with_rivals(transaction, &terms, id).await?;
    permit(Action::Accept, &offer, &context.actor)?;
    let sides = terms.sides(games);
    check_preconditions(&offer, sides.games(), context)?;
    transfer_games(exchange, transaction, &offer, &sides).await?;
    let (offerer, receiver) = (offer.offerer_id, offer.receiver_id);
    let mut row = next_version(exchange, offer, Audience::Everybody);
    row.status = Set(OfferStatus::Accepted);
    row.offerer_address = Set(address(&parties, offerer));
    row.receiver_address = Set(address(&parties, receiver));
    let offer = row.update(transaction).await?;
    let accepted = Announcement::public(OfferEvent::Accepted);
    announce::one(exchange, transaction, &offer, &sides, &parties, accepted).await?;
    let reason = ClosedReason::GameUnavailable;
    closing::close(exchange, transaction, rivals, reason, Some(id)).await?;
    Ok(offer)
}

/// Locks the offer, and the pending offers that share a game with it.
async fn lock_with_rivals(
    transaction: &Transaction,
    terms: &Terms,
    id: OfferId,
) -> Result<(offer::Model, Vec<offer::Model>)> {
    let mut rivals = locks::offers_naming(transaction, &terms.games(), Some(id)).await?;
    let position = rivals.iter().position(|rival| rival.id == id);
    let offer = rivals.remove(position.ok_or(Error::NoOffer(id))?);
    Ok((offer, rivals))
}

fn address(parties: &[user::Model], id: UserId) -> Option<String> {
    let user = parties.iter().find(|user| user.id == id)?;
    user.street_address.clone()
}

/// Moves the games of each side to the other party, and records them in the ledger.
async fn transfer_games(
    exchange: &Exchange,
    transaction: &Transaction,
    offer: &offer::Model,
    sides: &Sides,
) -> Result<()> {
    let now = exchange.clock.now();
    let mut transfers = Vec::new();
    for (games, from, to) in [
        (&sides.offered, offer.offerer_id, offer.receiver_id),
        (&sides.requested, offer.receiver_id, offer.offerer_id),
    ] {
        for game in games {
            if game.owner_id != from || game.deleted_at.is_some() {
                return Err(Error::GameMoved { game: game.id });
            }
            transfers.push(game_transfer::ActiveModel {
                game_id: Set(game.id),
                owner_seq: Set(game.owner_seq + 1),
                from_user_id: Set(from),
                to_user_id: Set(to),
                offer_id: Set(offer.id),
                created_at: Set(now),
                ..Default::default()
            });
        }
    }
    game_transfer::Entity::insert_many(transfers)
        .exec_without_returning(transaction)
        .await?;
    let ids: Vec<_> = sides.games().map(|game| game.id).collect();
    let other_party = Expr::case(Column::OwnerId.eq(offer.offerer_id), offer.receiver_id)
        .finally(offer.offerer_id);
    let one_more = |column: Column| column.into_expr().add(1);
    let moved = game::Entity::update_many()
        .col_expr(Column::OwnerId, other_party.into())
        .col_expr(Column::OwnerSeq, one_more(Column::OwnerSeq))
        .col_expr(Column::PreviousOwners, one_more(Column::PreviousOwners))
        .col_expr(Column::Version, one_more(Column::Version))
        .col_expr(Column::UpdatedAt, Expr::value(now))
        .filter(is_one_of(transaction, Column::Id, &ids))
        .exec(transaction)
        .await?;
    if moved.rows_affected != ids.len() as u64 {
        return Err(Error::internal("a locked game was not updated"));
    }
    Ok(())
}
