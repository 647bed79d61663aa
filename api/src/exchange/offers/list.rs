//! Looks at offers: one, a page of them, and the games and people that they name.

use std::collections::HashMap;

use entity::{GameId, OfferId, OfferStatus, Side, UserId, game, offer, offer_game};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};

use super::super::page::{self, Order, Page, Window};
use crate::{
    app::App,
    error::{Error, Result},
};

/// Which offers to show; what is `None` does not restrict.
#[derive(Clone, Debug, Default)]
pub struct OfferFilter {
    pub status: Option<OfferStatus>,
    pub offerer_id: Option<UserId>,
    pub receiver_id: Option<UserId>,
    /// Only offers that name this game.
    pub game_id: Option<GameId>,
}

/// Who somebody is to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Party {
    Offerer,
    Receiver,
}

/// The games on the two sides of an offer, each side in id order; those that left the board among them.
#[derive(Clone, Debug, Default)]
pub struct Sides {
    pub offered: Vec<game::Model>,
    pub requested: Vec<game::Model>,
}

/// The offer.
pub async fn find(app: &App, id: OfferId) -> Result<offer::Model> {
    offer::Entity::find_by_id(id)
        .one(app.database.reader())
        .await?
        .ok_or(Error::NoOffer(id))
}

/// One page of offers, the oldest first.
pub async fn list(app: &App, filter: &OfferFilter, window: &Window) -> Result<Page<offer::Model>> {
    let naming = |game: GameId| {
        let offers = offer_game::Entity::find()
            .select_only()
            .column(offer_game::Column::OfferId);
        offer::Column::Id.in_subquery(
            offers
                .filter(offer_game::Column::GameId.eq(game))
                .into_query(),
        )
    };
    let conditions = Condition::all()
        .add_option(filter.status.map(|status| offer::Column::Status.eq(status)))
        .add_option(filter.offerer_id.map(|id| offer::Column::OffererId.eq(id)))
        .add_option(
            filter
                .receiver_id
                .map(|id| offer::Column::ReceiverId.eq(id)),
        )
        .add_option(filter.game_id.map(naming));
    let list = offer::Entity::find().filter(conditions);
    page::read(
        app.database.reader(),
        list,
        Order::by_id(),
        offer::Column::Id,
        window,
    )
    .await
}

/// The same page of the offers that each of these people is this party of, the oldest first.
pub async fn of_each(
    app: &App,
    party: Party,
    people: &[UserId],
    window: &Window,
) -> Result<HashMap<UserId, Page<offer::Model>>> {
    let person = match party {
        Party::Offerer => offer::Column::OffererId,
        Party::Receiver => offer::Column::ReceiverId,
    };
    let columns = [person, offer::Column::Id];
    page::of_people(
        app.database.reader(),
        offer::Entity::find(),
        columns,
        people,
        window,
    )
    .await
}

/// The offers with these ids.
pub async fn by_ids(app: &App, ids: &[OfferId]) -> Result<HashMap<OfferId, offer::Model>> {
    let offers = offer::Entity::find().filter(offer::Column::Id.is_in(ids.iter().copied()));
    Ok(offers
        .all(app.database.reader())
        .await?
        .into_iter()
        .map(|offer| (offer.id, offer))
        .collect())
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
    let its_game = offer_game::Entity::belongs_to(game::Entity)
        .from(offer_game::Column::GameId)
        .to(game::Column::Id)
        .into();
    let rows = offer_game::Entity::find()
        .join(JoinType::InnerJoin, its_game)
        .select_also(game::Entity)
        .filter(offer_game::Column::OfferId.is_in(ids.iter().copied()))
        .order_by_asc(game::Column::Id)
        .all(connection)
        .await?;
    let mut sides = HashMap::<_, Sides>::new();
    for (row, game) in rows {
        let sides = sides.entry(row.offer_id).or_default();
        match row.side {
            Side::Offered => sides.offered.extend(game),
            Side::Requested => sides.requested.extend(game),
        }
    }
    Ok(sides)
}
