//! The board: the listed games, filtered and sorted.

use std::collections::HashMap;

use entity::{
    Condition, GameId, UserId, game,
    limits::{Name, SystemName},
};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Select};

use super::{
    super::{
        pagination::{self, Page, PageReader, Window},
        users,
        validation::Faults,
    },
    ranking::{Criteria, Segments},
    search::Search,
};
use crate::{
    Exchange,
    error::{Error, Result},
    select,
};

/// The columns of the user and of the id in per-owner lists.
const BY_OWNER: [game::Column; 2] = [game::Column::OwnerId, game::Column::Id];

/// A filter of the board; `None` does not restrict.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct GameFilter {
    /// A search in name and publisher, case-insensitive for the letters A to Z: see [`Search`].
    pub q: Option<String>,
    /// Exactly this system.
    pub gaming_system: Option<String>,
    pub condition: Option<Condition>,
    /// The first and the last year of publication.
    pub year_from: Option<i32>,
    pub year_to: Option<i32>,
    pub owner_id: Option<UserId>,
    /// Excludes the games of this owner.
    pub not_owner_id: Option<UserId>,
    pub sort: GameSort,
}

/// The order of the board.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum GameSort {
    /// The oldest listing first.
    #[default]
    Id,
    /// The newest listing first.
    IdDescending,
    Name,
    NameDescending,
    YearPublished,
    YearPublishedDescending,
    /// The best match of `q` first; without `q`, the oldest listing first.
    Relevance,
    RelevanceDescending,
}

impl GameFilter {
    /// Validates the filter.
    pub fn check(&self, faults: &mut Faults) {
        self.criteria(faults);
    }

    /// Validates the filter, and prepares its search.
    fn criteria(&self, faults: &mut Faults) -> Criteria<'_> {
        let q = faults.search("q", self.q.as_deref(), Name::MAX);
        Criteria {
            search: q.as_deref().map(Search::new),
            gaming_system: faults.search(
                "gaming_system",
                self.gaming_system.as_deref(),
                SystemName::MAX,
            ),
            filter: self,
        }
    }
}

/// Returns one page of the board.
pub async fn list(
    exchange: &Exchange,
    filter: &GameFilter,
    window: &Window,
) -> Result<Page<game::Model>> {
    let mut faults = Faults::default();
    let criteria = filter.criteria(&mut faults);
    let segments = Segments::new(&criteria);
    let mut reading = PageReader::begin(&segments.orders, game::Column::Id, window, &mut faults);
    faults.into_result()?;
    let reader = exchange.database.reader();
    while let Some(number) = reading.next_segment() {
        reading
            .read(reader, segments.segment(reader, number, &criteria).await?)
            .await?;
    }
    Ok(reading.page())
}

/// Counts the games of the board that match the filter.
pub async fn count(exchange: &Exchange, filter: &GameFilter) -> Result<u64> {
    let mut faults = Faults::default();
    let criteria = filter.criteria(&mut faults);
    faults.into_result()?;
    let segments = Segments::new(&criteria);
    let reader = exchange.database.reader();
    let mut count = 0;
    for number in 0..segments.orders.len() {
        if let Some(list) = segments.segment(reader, number, &criteria).await? {
            count += list.matching().count(reader).await?;
        }
    }
    Ok(count)
}

/// Returns one page of the games of a user, the oldest listing first.
pub async fn list_by_owner(
    exchange: &Exchange,
    owner: UserId,
    window: &Window,
) -> Result<Page<game::Model>> {
    users::find(exchange, owner).await?;
    list(
        exchange,
        &GameFilter {
            owner_id: Some(owner),
            ..GameFilter::default()
        },
        window,
    )
    .await
}

/// Returns the same page of the games of each of these users, the oldest listing first.
pub async fn list_per_owner(
    exchange: &Exchange,
    owners: &[UserId],
    window: &Window,
) -> Result<HashMap<UserId, Page<game::Model>>> {
    pagination::pages_per_user(
        exchange.database.reader(),
        listed(),
        BY_OWNER,
        owners,
        window,
    )
    .await
}

/// Counts the games that each of these users has on the board.
pub async fn count_per_owner(
    exchange: &Exchange,
    owners: &[UserId],
) -> Result<HashMap<UserId, u64>> {
    pagination::counts_per_user(exchange.database.reader(), listed(), BY_OWNER, owners).await
}

/// Selects the games on the board.
pub(super) fn listed() -> Select<game::Entity> {
    game::Entity::find().filter(game::Column::DeletedAt.is_null())
}

/// Finds a game on the board.
pub async fn find(exchange: &Exchange, id: GameId) -> Result<game::Model> {
    select::by_id::<game::Entity>(exchange.database.reader(), id)
        .await?
        .filter(|game| game.deleted_at.is_none())
        .ok_or(Error::NoGame(id))
}

/// Fetches the games with these ids, including delisted ones.
pub async fn by_ids(exchange: &Exchange, ids: &[GameId]) -> Result<HashMap<GameId, game::Model>> {
    let (reader, rows) = (exchange.database.reader(), game::Entity::find());
    let id = |game: &game::Model| game.id;
    Ok(select::by_ids(reader, rows, game::Column::Id, ids, id).await?)
}
