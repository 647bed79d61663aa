//! The board: a page of games, what its search did, and the numbers of games by system, condition and decade.

use async_graphql::SimpleObject;
use entity::{Condition, limit};
use exchange::{
    games::{Board, Facets},
    systems::MAX_SYSTEMS,
};
use graphql_http::list_size;

use super::{
    connection::Connection,
    game::{Game, GameCondition},
    system::SystemCount,
    text::Text,
    total_count::TotalCount,
};

/// The number of conditions.
const CONDITIONS: usize = 4;
/// The number of decades that games can be published in.
const DECADES: usize = limit!(last_year) / 10 - limit!(first_year) / 10 + 1;

/// A page of games.
pub type GameConnection = Connection<Game, SearchResult>;

/// The fields of a page of games that say what its search did.
#[derive(Clone, SimpleObject)]
pub struct SearchResult {
    /// The text that was searched for instead of `q`, because too little matches `q`. Null if it was not corrected.
    searched_for: Option<Text<String>>,
    /// False while older games are being indexed: then a search may miss some.
    complete: bool,
}

impl Default for SearchResult {
    /// Returns the result of a list that was not searched.
    fn default() -> Self {
        Self {
            searched_for: None,
            complete: true,
        }
    }
}

impl GameConnection {
    /// Creates the connection of a page of the board. `total` counts the whole list.
    pub fn of_board(board: Board, total: TotalCount) -> Self {
        let result = SearchResult {
            searched_for: board.searched_for.map(Text),
            complete: board.complete,
        };
        Self::with_extra(board.page, total, result)
    }
}

/// The numbers of the games that match a filter: all of them, and those of each system, condition and decade. Groups
/// without a game are left out.
#[derive(SimpleObject)]
pub struct GameFacets {
    /// The number of all of them.
    total: u64,
    /// False if there are more games than were counted, or while older games are being indexed: then each number is a
    /// lower bound.
    exact: bool,
    /// The systems, the one with most games first: at most 500.
    #[graphql(directive = list_size::apply(Some(MAX_SYSTEMS), None, None, None))]
    systems: Vec<SystemCount>,
    /// The conditions.
    #[graphql(directive = list_size::apply(Some(CONDITIONS), None, None, None))]
    conditions: Vec<ConditionCount>,
    /// The decades of publication.
    #[graphql(directive = list_size::apply(Some(DECADES), None, None, None))]
    decades: Vec<DecadeCount>,
}

/// The number of games in a condition.
#[derive(SimpleObject)]
struct ConditionCount {
    /// The condition.
    condition: GameCondition,
    /// The number of games.
    games: u64,
}

/// The number of games that were published in a decade.
#[derive(SimpleObject)]
struct DecadeCount {
    /// The first year of the decade.
    decade: i32,
    /// The number of games.
    games: u64,
}

impl From<Facets> for GameFacets {
    fn from(counted: Facets) -> Self {
        let systems = counted.systems.into_iter();
        let systems = systems.map(|count| SystemCount::new(count.key, count.games));
        let condition = |(condition, games): (Condition, u64)| ConditionCount {
            condition: condition.into(),
            games,
        };
        let decade = |(decade, games)| DecadeCount { decade, games };
        Self {
            total: counted.total,
            exact: counted.exact,
            systems: systems.collect(),
            conditions: counted.conditions.into_iter().map(condition).collect(),
            decades: counted.decades.into_iter().map(decade).collect(),
        }
    }
}
