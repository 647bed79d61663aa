//! Settles an accepted offer: owners swap, the ledger says so, and every rival closes, in one transaction.

use entity::{ClosedReason, OfferId, OfferStatus, Side, event::Event, game, game_transfer, offer};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, DatabaseTransaction, EntityTrait, IntoActiveModel,
};

use super::{
    super::{
        call::Call,
        lifecycle::{Action, identified, permit},
        locks,
    },
    announce, as_seen, bump, closing, find_in,
    terms::Terms,
};
use crate::{
    app::App,
    error::{Error, Result},
};

/// Accepts a pending offer and settles it.
pub async fn accept(app: &App, call: impl Into<Call>, id: OfferId) -> Result<offer::Model> {
    let call = call.into();
    identified(&call.actor)?;
    let asked = call.clone();
    app.write_once(&call, "accept_offer", id, move |app, transaction| {
        Box::pin(async move { settle(&app, transaction, &asked, id).await })
    })
    .await
}

async fn settle(
    app: &App,
    transaction: &DatabaseTransaction,
    call: &Call,
    id: OfferId,
) -> Result<offer::Model> {
    let seen = find_in(transaction, id).await?;
    permit(Action::Accept, &seen, &call.actor)?;
    let parties = locks::users(transaction, &[seen.offerer_id, seen.receiver_id]).await?;
    let terms = Terms::of(transaction, id).await?;
    let games = locks::games(transaction, &terms.games()).await?;
    let mut rivals = locks::offers_naming(transaction, &terms.games(), Some(id)).await?;
    let position = rivals
        .iter()
        .position(|rival| rival.id == id)
        .ok_or(Error::NoOffer(id))?;
    let offer = rivals.remove(position);
    permit(Action::Accept, &offer, &call.actor)?;
    as_seen(transaction, &offer, call).await?;
    for game in games {
        hand_over(app, transaction, &offer, &terms, game).await?;
    }
    let address = |id| {
        parties
            .iter()
            .find(|user| user.id == id)
            .and_then(|user| user.street_address.clone())
    };
    let (offerer, receiver) = (address(offer.offerer_id), address(offer.receiver_id));
    let mut row = bump(app, offer);
    row.status = Set(OfferStatus::Accepted);
    row.offerer_address = Set(offerer);
    row.receiver_address = Set(receiver);
    let offer = row.update(transaction).await?;
    announce::one(app, transaction, &offer, Event::OfferAccepted).await?;
    closing::close(
        app,
        transaction,
        rivals,
        ClosedReason::GameUnavailable,
        Some(id),
    )
    .await?;
    Ok(offer)
}

/// Moves one game to the other side and writes its row of the ledger.
async fn hand_over(
    app: &App,
    transaction: &DatabaseTransaction,
    offer: &offer::Model,
    terms: &Terms,
    game: game::Model,
) -> Result<()> {
    let (from, to) = match terms.promised_on(game.id) {
        Some(Side::Offered) => (offer.offerer_id, offer.receiver_id),
        _ => (offer.receiver_id, offer.offerer_id),
    };
    if game.owner_id != from || game.deleted_at.is_some() {
        return Err(Error::GameMoved { game: game.id });
    }
    let now = app.clock.now();
    let transfer = game_transfer::ActiveModel {
        game_id: Set(game.id),
        owner_seq: Set(game.owner_seq + 1),
        from_user_id: Set(from),
        to_user_id: Set(to),
        offer_id: Set(offer.id),
        created_at: Set(now),
        ..Default::default()
    };
    game_transfer::Entity::insert(transfer)
        .exec_without_returning(transaction)
        .await?;
    let (owner_seq, previous_owners, version) = (
        game.owner_seq + 1,
        game.previous_owners + 1,
        game.version + 1,
    );
    let mut row = game.into_active_model();
    row.owner_id = Set(to);
    row.owner_seq = Set(owner_seq);
    row.previous_owners = Set(previous_owners);
    row.version = Set(version);
    row.updated_at = Set(now);
    row.update(transaction).await?;
    Ok(())
}
