//! The numbers of games by system, condition and decade.

use axum::http::Uri;
use catalogue::systems;
use entity::Condition;
use exchange::games::{Facets, GameFilter, SystemCount};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::{http::hypermedia::Links, operations, rest::hal::collection};

/// The parameters of a list of games that do not filter it.
const NO_FILTERS: [&str; 4] = ["sort", "limit", "after", "before"];

/// The numbers of the games that match: all of them, and those of each system, condition and decade. Groups without a
/// game are left out.
#[derive(Serialize, ToSchema)]
#[schema(as = GameFacets)]
pub struct FacetsBody {
    /// The number of all of them.
    #[schema(example = 2)]
    total: u64,
    /// False if there are more games than were counted, or while older games are being indexed: then each number is a
    /// lower bound.
    exact: bool,
    /// The systems, the one with most games first: at most 500.
    systems: Vec<SystemFacet>,
    conditions: Vec<ConditionFacet>,
    decades: Vec<DecadeFacet>,
    /// `self`, and `games`, which leads to all of them.
    #[serde(rename = "_links")]
    links: Links,
}

/// The number of games of a system.
#[derive(Serialize, ToSchema)]
pub struct SystemFacet {
    #[schema(example = "nes")]
    key: String,
    #[schema(example = "NES")]
    name: String,
    #[schema(example = 2)]
    games: u64,
    /// `games` leads to them.
    #[serde(rename = "_links")]
    links: Links,
}

/// The number of games in a condition.
#[derive(Serialize, ToSchema)]
pub struct ConditionFacet {
    condition: Condition,
    #[schema(example = 2)]
    games: u64,
    /// `games` leads to them.
    #[serde(rename = "_links")]
    links: Links,
}

/// The number of games that were published in a decade.
#[derive(Serialize, ToSchema)]
pub struct DecadeFacet {
    /// The first year of the decade.
    #[schema(example = 1980)]
    decade: i32,
    #[schema(example = 2)]
    games: u64,
    /// `games` leads to them.
    #[serde(rename = "_links")]
    links: Links,
}

/// Returns the path of the facets of a list of games.
pub fn path(list: &Uri) -> String {
    let path = operations::GET_GAME_FACETS.path;
    collection::with_parameters(path, list, &NO_FILTERS, [])
}

impl FacetsBody {
    /// Makes the body. `uri` is that of the request, with the parameters of the filter.
    pub fn new(counted: Facets, filter: &GameFilter, uri: &Uri) -> Self {
        Self {
            total: counted.total,
            exact: counted.exact,
            systems: counted
                .systems
                .into_iter()
                .map(|count| SystemFacet::new(count, uri))
                .collect(),
            conditions: counted
                .conditions
                .into_iter()
                .map(|(condition, games)| ConditionFacet::new(condition, games, uri))
                .collect(),
            decades: counted
                .decades
                .into_iter()
                .map(|(decade, games)| DecadeFacet::new(decade, games, filter, uri))
                .collect(),
            links: to_games(uri, &[]).to("self", collection::whole(uri)),
        }
    }
}

impl SystemFacet {
    fn new(count: SystemCount, uri: &Uri) -> Self {
        Self {
            name: systems::name(&count.key).to_owned(),
            games: count.games,
            links: to_games(uri, &[("gaming_system", &count.key)]),
            key: count.key,
        }
    }
}

impl ConditionFacet {
    fn new(condition: Condition, games: u64, uri: &Uri) -> Self {
        let name = json!(condition);
        let name = name.as_str().unwrap_or_default();
        Self {
            condition,
            games,
            links: to_games(uri, &[("condition", name)]),
        }
    }
}

impl DecadeFacet {
    /// Links to the years of the decade that the filter has, too.
    fn new(decade: i32, games: u64, filter: &GameFilter, uri: &Uri) -> Self {
        let (first, last) = (decade, decade + 9);
        let from = filter.year_from.map_or(first, |year| year.max(first));
        let to = filter.year_to.map_or(last, |year| year.min(last));
        let [from, to] = [from, to].map(|year| year.to_string());
        Self {
            decade,
            games,
            links: to_games(uri, &[("year_from", &from), ("year_to", &to)]),
        }
    }
}

/// Returns a link to the games that match the filters of the request with these ones in place of their like.
fn to_games(uri: &Uri, filters: &[(&str, &str)]) -> Links {
    let replaced: Vec<_> = filters.iter().map(|(name, _)| *name).collect();
    let filters = filters.iter().copied();
    let path = collection::with_parameters(operations::GET_GAMES.path, uri, &replaced, filters);
    Links::default().to("games", path)
}
