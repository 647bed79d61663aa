//! Accepts an offer and settles it: swaps the owners, records the transfers in the ledger and closes every rival offer,
//! in one transaction.

use entity::{
    ClosedReason, OfferId, OfferStatus, UserId,
    event::OfferEvent,
    game::{self, Column},
    game_transfer, offer, user,
};
use outbox::Audience;
use platform::database::is_one_of;
use rules::Action;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, EntityTrait, QueryFilter,
    sea_query::{Expr, ExprTrait},
};
use serde_json::{Value, json};

use super::{announce, closing, find_in, list::Sides, next_version, terms::Terms};
use crate::{
    error::{Error, Result},
    operation::Operation,
    revision::RevisionTag,
    write::Write,
};

/// Accepts a pending offer and settles it.
pub struct AcceptOffer {
    pub offer: OfferId,
}

impl Operation for AcceptOffer {
    const NAME: &'static str = "accept_offer";
    type Output = offer::Model;

    fn input(&self) -> Value {
        json!(self.offer)
    }

    async fn run(self, write: Write<'_>) -> Result<offer::Model> {
        let id = self.offer;
        let seen = find_in(write.transaction, id).await?;
        write.permit(Action::Accept, &seen)?;
        let parties = write
            .lock_users(&[seen.offerer_id, seen.receiver_id])
            .await?;
        let terms = Terms::load(write.transaction, id).await?;
        let games = write.lock_games(&terms.games()).await?;
        let (offer, rivals) = lock_with_rivals(write, &terms, id).await?;
        write.permit(Action::Accept, &offer)?;
        let sides = terms.sides(games);
        write.require_match(|| RevisionTag::from_offer(&offer, sides.games()))?;
        transfer_games(write, &offer, &sides).await?;
        let offer = mark_accepted(write, offer, &parties).await?;
        let (kind, audience) = (OfferEvent::Accepted, Audience::Everybody);
        announce::one(write, &offer, &sides, &parties, kind, audience).await?;
        let reason = ClosedReason::GameUnavailable;
        closing::close(write, rivals, reason, Some(id)).await?;
        Ok(offer)
    }
}

/// Locks the offer, and the pending offers that share a game with it.
async fn lock_with_rivals(
    write: Write<'_>,
    terms: &Terms,
    id: OfferId,
) -> Result<(offer::Model, Vec<offer::Model>)> {
    let mut rivals = write.lock_offers_naming(&terms.games(), Some(id)).await?;
    let position = rivals.iter().position(|rival| rival.id == id);
    let offer = rivals.remove(position.ok_or(Error::NoOffer(id))?);
    Ok((offer, rivals))
}

/// Sets the status, and copies the addresses of the parties, which they see from now on.
async fn mark_accepted(
    write: Write<'_>,
    offer: offer::Model,
    parties: &[user::Model],
) -> Result<offer::Model> {
    let (offerer, receiver) = (offer.offerer_id, offer.receiver_id);
    let mut row = next_version(write, offer, Audience::Everybody);
    row.status = Set(OfferStatus::Accepted);
    row.offerer_address = Set(address(parties, offerer));
    row.receiver_address = Set(address(parties, receiver));
    Ok(row.update(write.transaction).await?)
}

fn address(parties: &[user::Model], id: UserId) -> Option<String> {
    let user = parties.iter().find(|user| user.id == id)?;
    user.street_address.clone()
}

/// Moves the games of each side to the other party, and records them in the ledger.
async fn transfer_games(write: Write<'_>, offer: &offer::Model, sides: &Sides) -> Result<()> {
    let now = write.now();
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
        .exec_without_returning(write.transaction)
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
        .filter(is_one_of(write.transaction, Column::Id, &ids))
        .exec(write.transaction)
        .await?;
    if moved.rows_affected != ids.len() as u64 {
        return Err(Error::internal("a locked game was not updated"));
    }
    Ok(())
}
