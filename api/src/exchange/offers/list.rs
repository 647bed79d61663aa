//! Looks at offers: one, a page of them, and the games and people that they name.

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
use crate::{app::App, error::Result};

/// Which offers to show; what is `None` does not restrict.
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

/// Who somebody is to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Party {
    Offerer,
    Receiver,
}

impl Party {
    /// What lists of people's offers are about: who is this party, and their ids.
    fn columns(self) -> [offer::Column; 2] {
        let person = match self {
            Self::Offerer => offer::Column::OffererId,
            Self::Receiver => offer::Column::ReceiverId,
        };
        [person, offer::Column::Id]
    }
}

/// The games on the two sides of an offer, each side in id order; those that left the board among them.
#[derive(Clone, Debug, Default)]
pub struct Sides {
    pub offered: Vec<game::Model>,
    pub requested: Vec<game::Model>,
}

impl Sides {
    /// All of them.
    pub fn games(&self) -> impl Iterator<Item = &game::Model> {
        self.offered.iter().chain(&self.requested)
    }
}

/// The offer.
pub async fn find(app: &App, id: OfferId) -> Result<offer::Model> {
    find_in(app.database.reader(), id).await
}

/// One page of offers, the oldest first.
pub async fn list(app: &App, filter: &OfferFilter, window: &Window) -> Result<Page<offer::Model>> {
    pagination::read(
        app.database.reader(),
        matching(filter),
        Order::by_id(),
        offer::Column::Id,
        window,
    )
    .await
}

/// How many offers fit the filter.
pub async fn count(app: &App, filter: &OfferFilter) -> Result<u64> {
    Ok(matching(filter).count(app.database.reader()).await?)
}

/// The offers that fit the filter.
fn matching(filter: &OfferFilter) -> Select<offer::Entity> {
    // They name a game of it, which an index knows.
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

/// An offer names a game of which this is so.
fn names_game(game: Expr) -> Expr {
    let rows = offer_game::Entity::find()
        .select_only()
        .column(offer_game::Column::OfferId);
    offer::Column::Id.in_subquery(rows.filter(game).into_query())
}

/// The same page of the offers that each of these people is this party of, the oldest first.
pub async fn list_per_user(
    app: &App,
    party: Party,
    people: &[UserId],
    window: &Window,
) -> Result<HashMap<UserId, Page<offer::Model>>> {
    let columns = party.columns();
    pagination::pages_per_user(
        app.database.reader(),
        offer::Entity::find(),
        columns,
        people,
        window,
    )
    .await
}

/// Of how many offers each of these people is this party.
pub async fn count_per_user(
    app: &App,
    party: Party,
    people: &[UserId],
) -> Result<HashMap<UserId, u64>> {
    let (reader, offers) = (app.database.reader(), offer::Entity::find());
    pagination::counts_per_user(reader, offers, party.columns(), people).await
}

/// The offers with these ids.
pub async fn by_ids(app: &App, ids: &[OfferId]) -> Result<HashMap<OfferId, offer::Model>> {
    let (reader, rows) = (app.database.reader(), offer::Entity::find());
    let id = |offer: &offer::Model| offer.id;
    Ok(select::by_ids(reader, rows, offer::Column::Id, ids, id).await?)
}

/// The games of each of these offers, in one statement.
pub async fn sides(app: &App, ids: &[OfferId]) -> Result<HashMap<OfferId, Sides>> {
    sides_in(app.database.reader(), ids).await
}

/// [`sides`], as a transaction sees them.
pub(super) async fn sides_in(
    connection: &impl ConnectionTrait,
    ids: &[OfferId],
) -> Result<HashMap<OfferId, Sides>> {
    let rows = named_games(connection, ids);
    let mut sides = HashMap::new();
    for row in connection.query_all(rows.as_query()).await? {
        add_game(&mut sides, &mut Columns::of(&row))?;
    }
    Ok(sides)
}

/// The games of each of these offers and everybody who owns one of them, those who left among them, in one statement.
pub async fn sides_and_owners(
    app: &App,
    ids: &[OfferId],
) -> Result<(HashMap<OfferId, Sides>, HashMap<UserId, Profile>)> {
    let reader = app.database.reader();
    let its_owner = game::Entity::belongs_to(user::Entity)
        .from(game::Column::OwnerId)
        .to(user::Column::Id)
        .into();
    let rows = named_games(reader, ids)
        .join(JoinType::InnerJoin, its_owner)
        .columns(Profile::SELECTED);
    let (mut sides, mut owners) = (HashMap::new(), HashMap::new());
    for row in reader.query_all(rows.as_query()).await? {
        let mut columns = Columns::of(&row);
        add_game(&mut sides, &mut columns)?;
        let owner = Profile::read(&mut columns)?;
        owners.insert(owner.id, owner);
    }
    Ok((sides, owners))
}

/// The games that these offers name, in id order, each with the offer and the side.
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
