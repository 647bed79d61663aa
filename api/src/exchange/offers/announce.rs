//! Tells the outbox what became of an offer.

use std::collections::HashMap;

use entity::{
    UserId,
    event::{Event, GameFacts, OfferFacts, UserFacts},
    game, offer, user,
};
use platform::database::among;
use sea_orm::{DatabaseTransaction, EntityTrait, QueryFilter};

use super::list::sides_in;
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
    let ids: Vec<_> = offers.iter().map(|offer| offer.id).collect();
    let mut sides = sides_in(transaction, &ids).await?;
    for offer in offers {
        let sides = sides.remove(&offer.id).unwrap_or_default();
        let facts = OfferFacts {
            offer_id: offer.id,
            offerer: person(&people, offer.offerer_id)?,
            receiver: person(&people, offer.receiver_id)?,
            status: offer.status,
            closed_reason: offer.closed_reason,
            closed_by_offer_id: offer.closed_by_offer_id,
            offered_games: facts(&sides.offered),
            requested_games: facts(&sides.requested),
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
    let ids: Vec<_> = offers
        .iter()
        .flat_map(|offer| [offer.offerer_id, offer.receiver_id])
        .collect();
    let people = user::Entity::find()
        .filter(among(transaction, user::Column::Id, &ids))
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

fn facts(games: &[game::Model]) -> Vec<GameFacts> {
    games
        .iter()
        .map(|game| GameFacts {
            game_id: game.id,
            name: game.name.clone(),
        })
        .collect()
}
