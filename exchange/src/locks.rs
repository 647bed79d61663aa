//! Row locks, always in the same order: users, then games, then offers, each in id order (docs/adr/0005). Each method
//! locks all of its rows in one statement; call the methods in the order in which they are listed here.
//!
//! On SQLite the transaction is the only writer, and the same statements only read.

use entity::{GameId, OfferId, OfferStatus, UserId, game, offer, offer_game, user};
use platform::database::{Row, is_one_of};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, LockType, Query, UnionType},
};

use crate::{
    error::{Error, Result},
    select,
    write::Write,
};

impl Write<'_> {
    /// Locks users, including deleted ones, and returns them in id order. Only the holder of a user's lock may change
    /// which games the user owns and which games their pending offers name.
    pub async fn lock_users(&self, ids: &[UserId]) -> Result<Vec<user::Model>> {
        let rows = user::Entity::find()
            .filter(is_one_of(self.transaction, user::Column::Id, ids))
            .order_by_asc(user::Column::Id)
            .lock(LockType::NoKeyUpdate);
        let wanted: Vec<Row> = ids.iter().map(|id| ("users", id.0)).collect();
        let locking = select::all(self.transaction, rows.as_query());
        Ok(self.transaction.lock(&wanted, locking).await?)
    }

    /// Locks one user, if the account is not deleted.
    pub async fn lock_user(&self, id: UserId) -> Result<user::Model> {
        self.lock_users(&[id])
            .await?
            .pop()
            .filter(|user| user.deleted_at.is_none())
            .ok_or(Error::NoUser(id))
    }

    /// Locks games, including delisted ones, and returns them in id order.
    pub async fn lock_games(&self, ids: &[GameId]) -> Result<Vec<game::Model>> {
        let rows = game::Entity::find()
            .filter(is_one_of(self.transaction, game::Column::Id, ids))
            .order_by_asc(game::Column::Id)
            .lock(LockType::NoKeyUpdate);
        let wanted: Vec<Row> = ids.iter().map(|id| ("games", id.0)).collect();
        let locking = select::all(self.transaction, rows.as_query());
        Ok(self.transaction.lock(&wanted, locking).await?)
    }

    /// Locks the games that a user, who is locked, has on the board.
    pub async fn lock_games_of(&self, owner: UserId) -> Result<()> {
        let rows = game::Entity::find()
            .filter(game::Column::OwnerId.eq(owner))
            .filter(game::Column::DeletedAt.is_null())
            .order_by_asc(game::Column::Id)
            .lock(LockType::NoKeyUpdate);
        let _: Vec<game::Model> = select::all(self.transaction, rows.as_query()).await?;
        Ok(())
    }

    /// Locks one offer.
    pub async fn lock_offer(&self, id: OfferId) -> Result<offer::Model> {
        let rows = offer::Entity::find_by_id(id).lock(LockType::NoKeyUpdate);
        let locking = select::one(self.transaction, rows);
        let offer = self.transaction.lock(&[("offers", id.0)], locking).await?;
        offer.ok_or(Error::NoOffer(id))
    }

    /// Locks every offer that names one of the games, which are locked, and `with` if given. Returns the pending ones,
    /// and `with` in any status, in id order.
    ///
    /// Filters out closed offers in memory: with `status = 'pending'` in the query the planner may scan every pending
    /// offer.
    pub async fn lock_offers_naming(
        &self,
        games: &[GameId],
        with: Option<OfferId>,
    ) -> Result<Vec<offer::Model>> {
        let mut named = offer_game::Entity::find()
            .select_only()
            .column(offer_game::Column::OfferId)
            .filter(is_one_of(
                self.transaction,
                offer_game::Column::GameId,
                games,
            ))
            .into_query();
        if let Some(id) = with {
            let its_id = Query::select().expr(Expr::val(id.0)).to_owned();
            named.union(UnionType::Distinct, its_id);
        }
        let rows = offer::Entity::find()
            .filter(offer::Column::Id.in_subquery(named))
            .order_by_asc(offer::Column::Id)
            .lock(LockType::NoKeyUpdate);
        let mut offers: Vec<offer::Model> = select::all(self.transaction, rows.as_query()).await?;
        offers.retain(|offer| offer.status == OfferStatus::Pending || Some(offer.id) == with);
        Ok(offers)
    }

    /// Locks every offer that the user made or received, in any status, and returns them in id order.
    pub async fn lock_offers_of(&self, person: UserId) -> Result<Vec<offer::Model>> {
        let party = Condition::any()
            .add(offer::Column::OffererId.eq(person))
            .add(offer::Column::ReceiverId.eq(person));
        let rows = offer::Entity::find()
            .filter(party)
            .order_by_asc(offer::Column::Id)
            .lock(LockType::NoKeyUpdate);
        Ok(select::all(self.transaction, rows.as_query()).await?)
    }
}

/// Checks that all of `ids` are among the locked games and on the board.
pub fn require_listed(games: &[game::Model], ids: &[GameId]) -> Result<()> {
    let listed = |id: &GameId| {
        games
            .iter()
            .any(|game| game.id == *id && game.deleted_at.is_none())
    };
    match ids.iter().find(|id| !listed(id)) {
        Some(missing) => Err(Error::NoGame(*missing)),
        None => Ok(()),
    }
}
