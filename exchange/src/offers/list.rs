//! Reads offers, and the games and users that they name.

use std::collections::HashMap;

use entity::{
    GameId, OfferId, OfferStatus, Side, UserId, game, offer, offer_game,
    positional::{Columns, PositionalRow},
    user::{self, Profile},
};
use platform::database::is_one_of;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, Iterable, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, sea_query::Expr,
};

use super::{
    super::{
        pagination::{self, Order, Page, Window},
        select,
    },
    find_in,
};
use crate::{Exchange, error::Result};

/// A filter of offers; `None` does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct OfferFilter {
    pub status: Option<OfferStatus>,
    pub offerer_id: Option<UserId>,
    pub receiver_id: Option<UserId>,
    /// Only offers that name this game.
    pub game_id: Option<GameId>,
    /// Only offers that were closed because this one took a game of theirs.
    pub closed_by_offer_id: Option<OfferId>,
}

/// The role of a user in an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Party {
    Offerer,
    Receiver,
}

impl Party {
    /// Returns the columns of the user and of the id in per-user lists.
    fn columns(self) -> [offer::Column; 2] {
        let user = match self {
            Self::Offerer => offer::Column::OffererId,
            Self::Receiver => offer::Column::ReceiverId,
        };
        [user, offer::Column::Id]
    }
}

/// The games on the two sides of an offer, each side in id order, including delisted games.
#[derive(Clone, Debug, Default)]
pub struct Sides {
    pub offered: Vec<game::Model>,
    pub requested: Vec<game::Model>,
}

impl Sides {
    /// Iterates over the games of both sides.
    pub fn games(&self) -> impl Iterator<Item = &game::Model> {
        self.offered.iter().chain(&self.requested)
    }
}

/// Finds an offer.
pub async fn find(exchange: &Exchange, id: OfferId) -> Result<offer::Model> {
    find_in(exchange.database.reader(), id).await
}

/// Returns one page of offers, the oldest first.
pub async fn list(
    exchange: &Exchange,
    filter: &OfferFilter,
    window: &Window,
) -> Result<Page<offer::Model>> {
    pagination::read(
        exchange.database.reader(),
        matching(filter),
        Order::by_id(),
        offer::Column::Id,
        window,
    )
    .await
}

/// Counts the offers that match the filter.
pub async fn count(exchange: &Exchange, filter: &OfferFilter) -> Result<u64> {
    Ok(matching(filter).count(exchange.database.reader()).await?)
}

/// Selects the offers that match the filter.
fn matching(filter: &OfferFilter) -> Select<offer::Entity> {
    // Such an offer shares a game with the cause, which an index can answer.
    let closed_by = |cause: OfferId| {
        let its_games = offer_game::Entity::find()
            .select_only()
            .column(offer_game::Column::GameId)
            .filter(offer_game::Column::OfferId.eq(cause));
        Condition::all()
            .add(offer::Column::ClosedByOfferId.eq(cause))
            .add(names_game(
                offer_game::Column::GameId.in_subquery(its_games.into_query()),
            ))
    };
    let conditions = Condition::all()
        .add_option(filter.status.map(|status| offer::Column::Status.eq(status)))
        .add_option(filter.offerer_id.map(|id| offer::Column::OffererId.eq(id)))
        .add_option(
            filter
                .receiver_id
                .map(|id| offer::Column::ReceiverId.eq(id)),
        )
        .add_option(
            filter
                .game_id
                .map(|id| names_game(offer_game::Column::GameId.eq(id))),
        )
        .add_option(filter.closed_by_offer_id.map(closed_by));
    offer::Entity::find().filter(conditions)
}

/// Matches the offers that name a game with this condition.
fn names_game(game: Expr) -> Expr {
    let rows = offer_game::Entity::find()
        .select_only()
        .column(offer_game::Column::OfferId);
    offer::Column::Id.in_subquery(rows.filter(game).into_query())
}

/// Returns the same page of the offers in which each of these users has this role, the oldest first.
pub async fn list_per_user(
    exchange: &Exchange,
    party: Party,
    users: &[UserId],
    window: &Window,
) -> Result<HashMap<UserId, Page<offer::Model>>> {
    let columns = party.columns();
    pagination::pages_per_user(
        exchange.database.reader(),
        offer::Entity::find(),
        columns,
        users,
        window,
    )
    .await
}

/// Counts the offers in which each of these users has this role.
pub async fn count_per_user(
    exchange: &Exchange,
    party: Party,
    users: &[UserId],
) -> Result<HashMap<UserId, u64>> {
    let (reader, offers) = (exchange.database.reader(), offer::Entity::find());
    pagination::counts_per_user(reader, offers, party.columns(), users).await
}

/// Fetches the offers with these ids.
pub async fn by_ids(
    exchange: &Exchange,
    ids: &[OfferId],
) -> Result<HashMap<OfferId, offer::Model>> {
    let (reader, rows) = (exchange.database.reader(), offer::Entity::find());
    let id = |offer: &offer::Model| offer.id;
    Ok(select::by_ids(reader, rows, offer::Column::Id, ids, id).await?)
}

/// Fetches the games of each of these offers in one statement.
pub async fn sides(exchange: &Exchange, ids: &[OfferId]) -> Result<HashMap<OfferId, Sides>> {
    sides_in(exchange.database.reader(), ids).await
}

/// Fetches the games of each of these offers inside a transaction.
pub(super) async fn sides_in(
    connection: &impl ConnectionTrait,
    ids: &[OfferId],
) -> Result<HashMap<OfferId, Sides>> {
    let rows = named_games(connection, ids);
    let mut sides = HashMap::new();
    for row in connection.query_all(rows.as_query()).await? {
        add_game(&mut sides, &mut Columns::new(&row))?;
    }
    Ok(sides)
}

/// Fetches the games of each of these offers, and the games' owners including deleted accounts, in one statement.
pub async fn sides_and_owners(
    exchange: &Exchange,
    ids: &[OfferId],
) -> Result<(HashMap<OfferId, Sides>, HashMap<UserId, Profile>)> {
    let reader = exchange.database.reader();
    let its_owner = game::Entity::belongs_to(user::Entity)
        .from(game::Column::OwnerId)
        .to(user::Column::Id)
        .into();
    let rows = named_games(reader, ids)
        .join(JoinType::InnerJoin, its_owner)
        .columns(Profile::SELECTED);
    let (mut sides, mut owners) = (HashMap::new(), HashMap::new());
    for row in reader.query_all(rows.as_query()).await? {
        let mut columns = Columns::new(&row);
        add_game(&mut sides, &mut columns)?;
        let owner = Profile::read(&mut columns)?;
        owners.insert(owner.id, owner);
    }
    Ok((sides, owners))
}

/// Selects the games of these offers in id order, each with its offer and side.
fn named_games(connection: &impl ConnectionTrait, ids: &[OfferId]) -> Select<offer_game::Entity> {
    let its_game = offer_game::Entity::belongs_to(game::Entity)
        .from(offer_game::Column::GameId)
        .to(game::Column::Id)
        .into();
    offer_game::Entity::find()
        .join(JoinType::InnerJoin, its_game)
        .select_only()
        .columns([offer_game::Column::OfferId, offer_game::Column::Side])
        .columns(game::Column::iter())
        .filter(is_one_of(connection, offer_game::Column::OfferId, ids))
        .order_by_asc(game::Column::Id)
}

/// Adds a game that [`named_games`] selected to its side.
fn add_game(sides: &mut HashMap<OfferId, Sides>, columns: &mut Columns<'_>) -> Result<(), DbErr> {
    let sides = sides.entry(columns.take()?).or_default();
    let side = match columns.take()? {
        Side::Offered => &mut sides.offered,
        Side::Requested => &mut sides.requested,
    };
    side.push(game::Model::read(columns)?);
    Ok(())
}
