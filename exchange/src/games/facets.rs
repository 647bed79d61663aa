//! Facets: how many games of the board match a filter, by system, condition and decade.
//!
//! Triggers keep the counts for filters by system, condition and year, which therefore cost the same at any size of the
//! board. For any other filter, the games that match are read and counted, up to a limit.

use std::cmp::Reverse;

use entity::{Condition, game};
use sea_orm::{
    ActiveEnum, ConnectionTrait, QueryResult, QuerySelect, QueryTrait, Statement,
    sea_query::{Expr, ExprTrait, Query, SelectStatement},
};

use super::{
    criteria::{Criteria, Question},
    list::{GameFilter, matching},
    search::is_complete,
};
use crate::{
    Exchange,
    error::{Error, Result},
    systems::MAX_SYSTEMS,
    validation::Faults,
};

/// The maximum number of games that are read and counted.
pub const MAX_COUNTED: u64 = 10_000;
/// Sums groups of games, the columns of which are named, by each facet. The first row has the number of games found.
const SUMS: &str = "SELECT 'total', '', CAST(coalesce(sum(games), 0) AS BIGINT) FROM found
    UNION ALL SELECT 'system', system_key, CAST(sum(games) AS BIGINT) FROM grouped GROUP BY system_key HAVING sum(games) > 0
    UNION ALL SELECT 'condition', condition, CAST(sum(games) AS BIGINT) FROM grouped GROUP BY condition HAVING sum(games) > 0
    UNION ALL SELECT 'decade', CAST(year_published / 10 * 10 AS TEXT), CAST(sum(games) AS BIGINT) FROM grouped
        GROUP BY year_published / 10 HAVING sum(games) > 0";

/// The numbers of the games that match a filter. Groups without games are left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    pub total: u64,
    /// False if more than [`MAX_COUNTED`] games match, of which only that many are counted, and while games that older
    /// versions listed are still being indexed. Then the numbers are lower bounds.
    pub exact: bool,
    /// By system, those with the most games first, at most [`MAX_SYSTEMS`]. Games that have no keys so far are left out.
    pub systems: Vec<SystemCount>,
    /// By condition, the best first.
    pub conditions: Vec<(Condition, u64)>,
    /// By the first year of the decade, the earliest first.
    pub decades: Vec<(i32, u64)>,
}

/// The number of games for a system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemCount {
    pub key: String,
    pub games: u64,
}

/// Counts the games of the board that match the filter. Its order does not matter.
pub async fn facets(exchange: &Exchange, filter: &GameFilter) -> Result<Facets> {
    let mut faults = Faults::default();
    let criteria = Criteria::new(filter, &mut faults);
    faults.into_result()?;
    let reader = exchange.database.reader();
    let is_counted = matches!(criteria.question, Question::Everything)
        && filter.title_key.is_none()
        && filter.owner_id.is_none()
        && filter.not_owner_id.is_none();
    if is_counted {
        let groups = kept_groups(filter, criteria.system.as_deref());
        let mut facets = sums(reader, &groups, "", "").await?;
        facets.exact = is_complete(reader).await?;
        return Ok(facets);
    }
    let Some(games) = matching(reader, &criteria).await? else {
        return Ok(Facets {
            exact: true,
            ..Facets::default()
        });
    };
    let games = games
        .select_only()
        .columns([
            game::Column::SystemKey,
            game::Column::Condition,
            game::Column::YearPublished,
        ])
        .column_as(Expr::cust("1"), "games");
    let [read, counted] = [MAX_COUNTED + 1, MAX_COUNTED].map(|limit| format!("LIMIT {limit}"));
    let mut facets = sums(reader, &games.into_query(), &read, &counted).await?;
    facets.exact = facets.total <= MAX_COUNTED && is_complete(reader).await?;
    facets.total = Ord::min(facets.total, MAX_COUNTED);
    Ok(facets)
}

/// Selects the groups that triggers count.
fn kept_groups(filter: &GameFilter, system: Option<&str>) -> SelectStatement {
    let system = system.map(|system| Expr::col("system_key").eq(system));
    let condition = filter
        .condition
        .map(|is| Expr::col("condition").eq(is.to_value()));
    let first = filter
        .year_from
        .map(|year| Expr::col("year_published").gte(year));
    let last = filter
        .year_to
        .map(|year| Expr::col("year_published").lte(year));
    Query::select()
        .columns(["system_key", "condition", "year_published", "games"])
        .from("board_counts")
        .cond_where(
            sea_orm::Condition::all()
                .add_option(system)
                .add_option(condition)
                .add_option(first)
                .add_option(last),
        )
        .to_owned()
}

/// Sums groups of games by each facet.
async fn sums(
    connection: &impl ConnectionTrait,
    found: &SelectStatement,
    limit: &str,
    counted: &str,
) -> Result<Facets> {
    let mut statement: Statement = connection.get_database_backend().build(found);
    statement.sql = format!(
        "WITH found AS ({} {limit}), grouped AS (
            SELECT system_key, condition, year_published, sum(games) AS games FROM (SELECT * FROM found {counted}) AS counted
            GROUP BY system_key, condition, year_published
        ) {SUMS}",
        statement.sql
    );
    let mut facets = Facets {
        exact: true,
        ..Facets::default()
    };
    for row in connection.query_all_raw(statement).await? {
        facets.add(&row)?;
    }
    facets.systems.sort_by(|one, other| {
        (Reverse(one.games), &one.key).cmp(&(Reverse(other.games), &other.key))
    });
    facets.systems.truncate(MAX_SYSTEMS);
    facets
        .conditions
        .sort_by_key(|(condition, _)| *condition as u8);
    facets.decades.sort_unstable();
    Ok(facets)
}

impl Facets {
    /// Adds the number of a group.
    fn add(&mut self, row: &QueryResult) -> Result<()> {
        let value: String = row.try_get_by_index(1)?;
        let games: i64 = row.try_get_by_index(2)?;
        let games = games.unsigned_abs();
        match &*row.try_get_by_index::<String>(0)? {
            "total" => self.total = games,
            "system" if value.is_empty() => {}
            "system" => self.systems.push(SystemCount { key: value, games }),
            "condition" => self
                .conditions
                .push((Condition::try_from_value(&value)?, games)),
            _ => self
                .decades
                .push((value.parse().map_err(Error::internal)?, games)),
        }
        Ok(())
    }
}
