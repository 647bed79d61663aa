//! The terms of an offer: the games on its two sides.

use std::collections::BTreeSet;

use entity::{GameId, OfferId, OfferStatus, Side, UserId, game, offer, offer_game};
use platform::database::{Transaction, eq_literal};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{super::validation::Faults, OfferChange, list::Sides};
use crate::error::{Error, Result};

/// The maximum number of games on one side of an offer.
pub const MAX_GAMES: usize = entity::limit!(games);

/// The games that change hands when the offer is accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    offered: BTreeSet<GameId>,
    requested: BTreeSet<GameId>,
}

/// Returns the new games of a side. Where both a list and a first game are sent, an unchanged one is ignored: a client
/// that changes one of them sends the other back as it was read.
fn side(
    old: &BTreeSet<GameId>,
    list: Option<&Vec<GameId>>,
    first: Option<GameId>,
) -> BTreeSet<GameId> {
    let Some(list) = list else { return old.clone() };
    let list: BTreeSet<_> = list.iter().copied().collect();
    match first.filter(|first| old.first() != Some(first)) {
        Some(first) if list == *old => BTreeSet::from([first]),
        first => list.into_iter().chain(first).collect(),
    }
}

impl Terms {
    /// Validates the number of games on each side; `None` is not checked.
    pub fn check(sides: [Option<&[GameId]>; 2], faults: &mut Faults) {
        for (field, side) in ["offered_game_ids", "requested_game_ids"]
            .into_iter()
            .zip(sides)
        {
            if let Some(side) = side.filter(|side| side.is_empty() || side.len() > MAX_GAMES) {
                faults.add(
                    field,
                    "out_of_range",
                    format!("names {} games; name 1 to {MAX_GAMES}", side.len()),
                );
            }
        }
    }

    /// Makes terms of validated sides. [`Self::receiver`] refuses a game on both sides, since the offerer cannot both
    /// own it and request it.
    pub fn new(offered: Vec<GameId>, requested: Vec<GameId>) -> Self {
        Self {
            offered: offered.into_iter().collect(),
            requested: requested.into_iter().collect(),
        }
    }

    /// Reads the terms of an offer.
    pub async fn load(connection: &impl ConnectionTrait, offer: OfferId) -> Result<Self> {
        let rows = offer_game::Entity::find()
            .filter(offer_game::Column::OfferId.eq(offer))
            .all(connection)
            .await?;
        let side = |side| {
            rows.iter()
                .filter(|row| row.side == side)
                .map(|row| row.game_id)
                .collect()
        };
        Ok(Self {
            offered: side(Side::Offered),
            requested: side(Side::Requested),
        })
    }

    /// Applies a change. A side that it does not name stays.
    pub fn with_change(&self, change: &OfferChange) -> Result<Self> {
        let new = Self {
            offered: side(&self.offered, change.offered.as_ref(), change.first_offered),
            requested: side(
                &self.requested,
                change.requested.as_ref(),
                change.first_requested,
            ),
        };
        let [offered, requested] =
            [&new.offered, &new.requested].map(|side| side.iter().copied().collect::<Vec<_>>());
        let mut faults = Faults::default();
        Self::check([Some(&offered), Some(&requested)], &mut faults);
        faults.into_result().map(|()| new)
    }

    /// Lists the games of both sides in id order.
    pub fn games(&self) -> Vec<GameId> {
        self.union(self)
    }

    /// Lists the games of both terms in id order.
    pub fn union(&self, other: &Self) -> Vec<GameId> {
        let all: BTreeSet<_> = [
            &self.offered,
            &self.requested,
            &other.offered,
            &other.requested,
        ]
        .into_iter()
        .flatten()
        .collect();
        all.into_iter().copied().collect()
    }

    /// Sorts games onto their sides; leaves out those on neither.
    pub fn sides(&self, games: Vec<game::Model>) -> Sides {
        let named = games.into_iter().filter(|game| self.includes(game.id));
        let (offered, requested) = named.partition(|game| self.offered.contains(&game.id));
        Sides { offered, requested }
    }

    /// Returns true if the game is on one of the sides.
    pub fn includes(&self, game: GameId) -> bool {
        self.offered.contains(&game) || self.requested.contains(&game)
    }

    /// Checks the owners of all games, which are locked, and returns the one owner of the requested ones.
    pub fn receiver(&self, offerer: UserId, games: &[game::Model]) -> Result<UserId> {
        let mut wanted: Option<&game::Model> = None;
        for game in games {
            let own = game.owner_id == offerer;
            if self.offered.contains(&game.id) && !own {
                return Err(Error::NotYourGame { game: game.id });
            }
            if !self.requested.contains(&game.id) {
                continue;
            }
            if own {
                return Err(Error::OwnGame { game: game.id });
            }
            match wanted {
                Some(first) if first.owner_id != game.owner_id => {
                    return Err(Error::SeveralOwners {
                        first: first.id,
                        other: game.id,
                    });
                }
                _ => wanted = Some(game),
            }
        }
        wanted
            .map(|game| game.owner_id)
            .ok_or_else(|| Error::internal("an offer without requested games"))
    }

    /// Refuses the terms if the offerer, who is locked, has them pending in an offer other than `except`.
    pub async fn refuse_duplicate(
        &self,
        transaction: &Transaction,
        offerer: UserId,
        except: Option<OfferId>,
    ) -> Result<()> {
        let Some(first) = self.offered.first() else {
            return Ok(());
        };
        let rivals = offer::Entity::find()
            .join_rev(
                JoinType::InnerJoin,
                offer_game::Entity::belongs_to(offer::Entity)
                    .from(offer_game::Column::OfferId)
                    .to(offer::Column::Id)
                    .into(),
            )
            .filter(offer::Column::OffererId.eq(offerer))
            .filter(eq_literal(offer::Column::Status, OfferStatus::Pending))
            .filter(offer_game::Column::GameId.eq(*first))
            .order_by_asc(offer::Column::Id)
            .all(transaction)
            .await?;
        for rival in rivals.into_iter().filter(|rival| Some(rival.id) != except) {
            if Self::load(transaction, rival.id).await? == *self {
                return Err(Error::DuplicateOffer(rival.id));
            }
        }
        Ok(())
    }

    /// Replaces the terms of an offer.
    pub async fn replace(&self, transaction: &Transaction, offer: OfferId) -> Result<()> {
        offer_game::Entity::delete_many()
            .filter(offer_game::Column::OfferId.eq(offer))
            .exec(transaction)
            .await?;
        self.store(transaction, offer).await
    }

    /// Stores the terms of a new offer.
    pub async fn store(&self, transaction: &Transaction, offer: OfferId) -> Result<()> {
        let row = |(side, game): (Side, &GameId)| offer_game::ActiveModel {
            offer_id: Set(offer),
            game_id: Set(*game),
            side: Set(side),
        };
        let offered = self.offered.iter().map(|game| (Side::Offered, game));
        let requested = self.requested.iter().map(|game| (Side::Requested, game));
        let rows: Vec<_> = offered.chain(requested).map(row).collect();
        offer_game::Entity::insert_many(rows)
            .exec_without_returning(transaction)
            .await?;
        Ok(())
    }
}
