//! Suggestions of titles, while somebody types.

use std::collections::HashMap;

use catalogue::Query;
use entity::{game, limits::Name, title};
use platform::database::is_one_of;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, Func},
};

use super::find;
use crate::{Exchange, error::Result, games::Search, select, validation::Faults};

/// The maximum and the default number of suggestions.
pub const MAX_SUGGESTIONS: i64 = 20;
pub const DEFAULT_SUGGESTIONS: i64 = 10;
/// The maximum number of titles that match, listed or not, from which suggestions are taken.
const CONSIDERED: u64 = 1000;

/// Suggested titles.
#[derive(Clone, Debug, Default)]
pub struct Suggestions {
    /// Titles of listed games: first those that begin with the text, then those with all of its words, each in the order
    /// of a catalogue.
    pub titles: Vec<title::Model>,
    /// The corrected text, if too little matches what was typed.
    pub searched_for: Option<String>,
}

/// Suggests titles of listed games for what was typed so far. Suggests nothing for a text without a letter or digit.
pub async fn suggest(exchange: &Exchange, q: &str, limit: Option<i64>) -> Result<Suggestions> {
    let mut faults = Faults::default();
    let typed = faults.search("q", Some(q), Name::MAX);
    let limit = limit.unwrap_or(DEFAULT_SUGGESTIONS);
    faults.range("limit", limit, 1..=MAX_SUGGESTIONS);
    faults.into_result()?;
    let Some(query) = typed.as_deref().and_then(Query::parse) else {
        return Ok(Suggestions::default());
    };
    let reader = exchange.database.reader();
    let search = Search::prepare(reader, &query).await?;
    let found = reader
        .query_all(&search.title_keys(reader, CONSIDERED))
        .await?;
    let keys: Vec<String> = found
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect::<std::result::Result<_, _>>()?;
    Ok(Suggestions {
        titles: first_listed(reader, keys, limit).await?,
        searched_for: search.into_correction(),
    })
}

/// Returns the first `limit` titles with these keys that have listed games. A title that was merged into another one
/// stands for that one.
async fn first_listed(
    connection: &impl ConnectionTrait,
    keys: Vec<String>,
    limit: i64,
) -> Result<Vec<title::Model>> {
    let named = listed().filter(is_one_of(connection, title::Column::Key, &keys));
    let named: Vec<title::Model> = select::all(connection, named.as_query()).await?;
    let merged: Vec<_> = named
        .iter()
        .filter_map(|title| title.means.clone())
        .collect();
    let named = named.into_iter().map(|title| (title.key.clone(), title));
    let mut by_key: HashMap<_, _> = named.collect();
    if !merged.is_empty() {
        by_key.extend(find::select(connection, &merged).await?);
    }
    let mut titles = Vec::new();
    for key in keys {
        let means = by_key.get(&key).and_then(|title| title.means.clone());
        if (titles.len() as i64) < limit {
            titles.extend(by_key.remove(&means.unwrap_or(key)));
        }
    }
    Ok(titles)
}

/// Selects the titles of listed games, also those that were merged into such a title.
pub(crate) fn listed() -> Select<title::Entity> {
    let meant = Func::coalesce([Expr::col(("titles", "means")), Expr::col(("titles", "key"))]);
    let games = game::Entity::find()
        .select_only()
        .expr(Expr::val(1))
        .filter(game::Column::DeletedAt.is_null())
        .filter(game::Column::TitleKey.into_expr().eq(meant));
    title::Entity::find().filter(Expr::exists(games.into_query()))
}
