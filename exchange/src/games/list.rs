//! The board: the listed games, filtered and sorted.

use std::collections::HashMap;

use entity::{Condition, GameId, UserId, game};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Select};

use super::{
    super::{
        pagination::{self, Groups, Page, PageReader, Segment, Window},
        users,
        validation::Faults,
    },
    criteria::{Criteria, Question},
    listing::{Listing, Rank},
    search::{self, Search},
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
    /// The words of a search: see [`Search`].
    pub q: Option<String>,
    /// The games with this title: see [`catalogue::titles::key`].
    pub title_key: Option<String>,
    /// The system, by its name or one of its aliases: see [`catalogue::systems::key`].
    pub gaming_system: Option<String>,
    pub condition: Option<Condition>,
    /// The first and the last year of publication.
    pub year_from: Option<i32>,
    pub year_to: Option<i32>,
    pub owner_id: Option<UserId>,
    /// Excludes the games of this owner.
    pub not_owner_id: Option<UserId>,
    /// `None`: by relevance with `q`, by id without.
    pub sort: Option<GameSort>,
}

/// The order of the board.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GameSort {
    /// The oldest listing first.
    Id,
    /// The newest listing first.
    IdDescending,
    /// In the order of a catalogue: leading articles, case and marks do not count, and numbers sort by their value.
    Name,
    NameDescending,
    YearPublished,
    YearPublishedDescending,
    /// The best match of `q` first; without `q`, the oldest listing first.
    Relevance,
    RelevanceDescending,
}

/// One page of the board.
#[derive(Clone, Debug)]
pub struct Board {
    pub page: Page<game::Model>,
    /// The text that was searched for instead of `q`, where too little on the board matches `q`.
    pub searched_for: Option<String>,
    /// False while games that older versions listed are still being indexed, if that matters: a search, a title and a
    /// system do not find them, and by name they come first.
    pub complete: bool,
}

impl GameFilter {
    /// Validates the filter.
    pub fn check(&self, faults: &mut Faults) {
        Criteria::new(self, faults);
    }

    /// Returns the order to list in.
    pub(super) fn order(&self) -> GameSort {
        match (self.sort, &self.q) {
            (None, Some(_)) => GameSort::Relevance,
            (None, None) => GameSort::Id,
            (Some(sort), _) => sort,
        }
    }
}

/// Returns one page of the board.
pub async fn list(exchange: &Exchange, filter: &GameFilter, window: &Window) -> Result<Board> {
    let mut faults = Faults::default();
    let criteria = Criteria::new(filter, &mut faults);
    let listing = Listing::new(filter.order(), &criteria.question);
    let mut reading = PageReader::begin(&listing.orders, game::Column::Id, window, &mut faults);
    faults.into_result()?;
    let reader = exchange.database.reader();
    let search = match &criteria.question {
        Question::Everything => None,
        Question::Nothing => {
            return Ok(Board {
                page: reading.page(),
                searched_for: None,
                complete: true,
            });
        }
        Question::Words(query) => Some(Search::prepare(reader, query).await?),
    };
    while let Some(number) = reading.next_segment() {
        match &search {
            Some(search) if listing.groups.contains(&number) => {
                let system = criteria.system.as_deref();
                let groups = Groups(search.releases(reader, &listing, system));
                let copies = search.copies(criteria.every(), &listing);
                reading
                    .read_groups(reader, listing.groups.clone(), &groups, &copies)
                    .await?;
            }
            Some(search) if listing.ranks.get(number) == Some(&Rank::Exact) => {
                let (rows, filter) = criteria.split_for(listing.orders[number].by);
                match search.exact_title() {
                    Some(exact) => {
                        let rows = rows.filter(exact);
                        reading.read(reader, Segment { rows, filter }).await?;
                    }
                    None => reading.skip(),
                }
            }
            search => {
                let (rows, along) = criteria.split_for(listing.orders[number].by);
                let found = search.as_ref().map(|search| search.every_match(reader));
                let filter = along.add_option(found);
                reading.read(reader, Segment { rows, filter }).await?;
            }
        }
    }
    Ok(Board {
        page: reading.page(),
        complete: !(criteria.use_keys() || listing.is_by_name())
            || search::is_complete(reader).await?,
        searched_for: search.and_then(Search::into_correction),
    })
}

/// Counts the games of the board that match the filter.
pub async fn count(exchange: &Exchange, filter: &GameFilter) -> Result<u64> {
    let mut faults = Faults::default();
    let criteria = Criteria::new(filter, &mut faults);
    faults.into_result()?;
    let reader = exchange.database.reader();
    match matching(reader, &criteria).await? {
        Some(games) => Ok(games.count(reader).await?),
        None => Ok(0),
    }
}

/// Selects the games of the board that meet the criteria, unordered; `None` if there can be none.
pub(super) async fn matching(
    connection: &impl ConnectionTrait,
    criteria: &Criteria<'_>,
) -> Result<Option<Select<game::Entity>>> {
    Ok(match &criteria.question {
        Question::Everything => Some(criteria.every()),
        Question::Nothing => None,
        Question::Words(query) => {
            let search = Search::prepare(connection, query).await?;
            let found = search.every_match_by_index(connection);
            Some(criteria.every().filter(found))
        }
    })
}

/// Returns one page of the games of a user, the oldest listing first.
pub async fn list_by_owner(
    exchange: &Exchange,
    owner: UserId,
    window: &Window,
) -> Result<Page<game::Model>> {
    users::find(exchange, owner).await?;
    let filter = GameFilter {
        owner_id: Some(owner),
        ..GameFilter::default()
    };
    Ok(list(exchange, &filter, window).await?.page)
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
