//! Tells the outbox what became of an offer.

use std::collections::HashMap;

use entity::{
    GameId, OfferId, Side, UserId,
    event::{Event, GameFacts, OfferFacts, UserFacts},
    game, offer, offer_game, user,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder};

use crate::{
    app::App,
    error::{Error, Result},
    outbox,
};

/// Records one event of one offer that was just written.
pub async fn one(
    app: &App,
    transaction: &DatabaseTransaction,
    offer: &offer::Model,
    event: fn(OfferFacts) -> Event,
) -> Result<()> {
    all(app, transaction, std::slice::from_ref(offer), event).await
}

/// Records the same kind of event for each of the offers, which were just written.
pub async fn all(
    app: &App,
    transaction: &DatabaseTransaction,
    offers: &[offer::Model],
    event: fn(OfferFacts) -> Event,
) -> Result<()> {
    let people = people(transaction, offers).await?;
    let rows = named(transaction, offers).await?;
    let names = game_names(transaction, &rows).await?;
    for offer in offers {
        let side = |side| games_on(side, offer.id, &rows, &names);
        let facts = OfferFacts {
            offer_id: offer.id,
            offerer: person(&people, offer.offerer_id)?,
            receiver: person(&people, offer.receiver_id)?,
            status: offer.status,
            closed_reason: offer.closed_reason,
            closed_by_offer_id: offer.closed_by_offer_id,
            offered_games: side(Side::Offered),
            requested_games: side(Side::Requested),
        };
        outbox::record(
            transaction,
            &app.clock,
            &app.random,
            &event(facts),
            offer.version,
        )
        .await?;
    }
    Ok(())
}

async fn people(
    transaction: &DatabaseTransaction,
    offers: &[offer::Model],
) -> Result<HashMap<UserId, String>> {
    let ids = offers
        .iter()
        .flat_map(|offer| [offer.offerer_id, offer.receiver_id]);
    let people = user::Entity::find()
        .filter(user::Column::Id.is_in(ids))
        .all(transaction)
        .await?;
    Ok(people
        .into_iter()
        .map(|user| (user.id, user.name))
        .collect())
}

fn person(people: &HashMap<UserId, String>, id: UserId) -> Result<UserFacts> {
    let name = people
        .get(&id)
        .cloned()
        .ok_or_else(|| Error::internal("an offer of a person who has no row"))?;
    Ok(UserFacts { user_id: id, name })
}

async fn named(
    transaction: &DatabaseTransaction,
    offers: &[offer::Model],
) -> Result<Vec<offer_game::Model>> {
    Ok(offer_game::Entity::find()
        .filter(offer_game::Column::OfferId.is_in(offers.iter().map(|offer| offer.id)))
        .order_by_asc(offer_game::Column::GameId)
        .all(transaction)
        .await?)
}

async fn game_names(
    transaction: &DatabaseTransaction,
    rows: &[offer_game::Model],
) -> Result<HashMap<GameId, String>> {
    let ids = rows.iter().map(|row| row.game_id);
    let games = game::Entity::find()
        .filter(game::Column::Id.is_in(ids))
        .all(transaction)
        .await?;
    Ok(games.into_iter().map(|game| (game.id, game.name)).collect())
}

fn games_on(
    side: Side,
    offer: OfferId,
    rows: &[offer_game::Model],
    names: &HashMap<GameId, String>,
) -> Vec<GameFacts> {
    rows.iter()
        .filter(|row| row.offer_id == offer && row.side == side)
        .filter_map(|row| {
            Some(GameFacts {
                game_id: row.game_id,
                name: names.get(&row.game_id)?.clone(),
            })
        })
        .collect()
}
