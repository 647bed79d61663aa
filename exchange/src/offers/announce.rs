//! Records the events of offers in the outbox.

use std::{collections::HashMap, slice};

use entity::{
    UserId,
    event::{Event, GameFacts, OfferEvent, OfferFacts, UserFacts},
    game, offer,
    user::{self, Profile},
};
use outbox::Audience;
use platform::database::Transaction;

use super::list::{Sides, sides_in};
use crate::{
    error::{Error, Result},
    users::list::profiles_in,
    write::Write,
};

/// The number of offers to read in one statement: SQLite allows 32 766 values.
const BATCH: usize = 1000;

/// The names of users.
type Names = HashMap<UserId, String>;

/// Records an event of one offer after its write. `sides` are its games, and `known` are users that the caller has
/// already read.
pub async fn one(
    write: Write<'_>,
    offer: &offer::Model,
    sides: &Sides,
    known: &[user::Model],
    kind: OfferEvent,
    audience: Audience,
) -> Result<()> {
    let names = names(write.transaction, slice::from_ref(offer), known).await?;
    record(write, offer, sides, &names, kind, audience).await
}

/// Records an event of the same kind, for everybody, for each of the offers after their write.
pub async fn all(write: Write<'_>, offers: &[offer::Model], kind: OfferEvent) -> Result<()> {
    let audience = Audience::Everybody;
    for offers in offers.chunks(BATCH) {
        let names = names(write.transaction, offers, &[]).await?;
        let ids: Vec<_> = offers.iter().map(|offer| offer.id).collect();
        let mut sides = sides_in(write.transaction, &ids).await?;
        for offer in offers {
            let sides = sides.remove(&offer.id).unwrap_or_default();
            record(write, offer, &sides, &names, kind, audience).await?;
        }
    }
    Ok(())
}

async fn record(
    write: Write<'_>,
    offer: &offer::Model,
    sides: &Sides,
    names: &Names,
    kind: OfferEvent,
    audience: Audience,
) -> Result<()> {
    let facts = OfferFacts {
        offer_id: offer.id,
        offerer: user_facts(names, offer.offerer_id)?,
        receiver: user_facts(names, offer.receiver_id)?,
        status: offer.status,
        closed_reason: offer.closed_reason,
        closed_by_offer_id: offer.closed_by_offer_id,
        offered_games: games(&sides.offered),
        requested_games: games(&sides.requested),
    };
    let event = Event::Offer(kind, facts);
    write.record(&event, offer.version, audience).await
}

/// Returns the names of the parties of these offers.
async fn names(
    transaction: &Transaction,
    offers: &[offer::Model],
    known: &[user::Model],
) -> Result<Names> {
    let mut names: Names = known
        .iter()
        .map(|user| (user.id, user.name.clone()))
        .collect();
    let parties = offers
        .iter()
        .flat_map(|offer| [offer.offerer_id, offer.receiver_id]);
    let others: Vec<_> = parties.filter(|id| !names.contains_key(id)).collect();
    if !others.is_empty() {
        let profiles = profiles_in(transaction, &others).await?;
        let named = |profile: Profile| (profile.id, profile.name);
        names.extend(profiles.into_values().map(named));
    }
    Ok(names)
}

fn user_facts(names: &Names, id: UserId) -> Result<UserFacts> {
    let name = names
        .get(&id)
        .cloned()
        .ok_or_else(|| Error::internal("the party of an offer has no row"))?;
    Ok(UserFacts { user_id: id, name })
}

fn games(games: &[game::Model]) -> Vec<GameFacts> {
    games
        .iter()
        .map(|game| GameFacts {
            game_id: game.id,
            name: game.name.clone(),
        })
        .collect()
}
