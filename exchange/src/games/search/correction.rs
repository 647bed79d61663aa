//! Spelling correction of a search, by the words of known releases.

use std::collections::{BTreeSet, HashMap};

use catalogue::{
    Query,
    spelling::{distance, spellings},
};
use sea_orm::{
    ConnectionTrait, DbBackend,
    sea_query::{self, Expr, ExprTrait, Order, SelectStatement},
};

use crate::{error::Result, select};

/// The maximum number of near words of a word, the nearest first.
const NEAR_WORDS: usize = 12;
/// The maximum number of releases to choose the correction from, and of those that match, listed or not, among which they
/// are looked for.
const CANDIDATES: u64 = 200;
const CONSIDERED: u64 = 1000;

/// Corrects the words of a query so that it matches a release with listed games; `None` if no correction does.
pub async fn correct(connection: &impl ConnectionTrait, query: &Query) -> Result<Option<Query>> {
    let near = near_words(connection, &query.misspellable()).await?;
    if near.is_empty() {
        return Ok(None);
    }
    let lexemes = match connection.get_database_backend() {
        DbBackend::Postgres => Expr::cust("array_to_string(tsvector_to_array(lexemes), ' ')"),
        _ => Expr::col("lexemes"),
    };
    let found = super::releases()
        .expr_as(lexemes, "lexemes")
        .column("sort_key")
        .cond_where(super::matches(connection, &query.loosely(&near)))
        .to_owned();
    let considered = sea_query::Query::select()
        .with_cte(select::materialized(found))
        .columns(["lexemes", "sort_key"])
        .from("found")
        .order_by("sort_key", Order::Asc)
        .limit(CONSIDERED)
        .to_owned();
    let candidates = sea_query::Query::select()
        .column("lexemes")
        .from_subquery(considered, "considered")
        .and_where(super::has_copies("considered"))
        .order_by("sort_key", Order::Asc)
        .limit(CANDIDATES)
        .to_owned();
    let candidates = texts(connection, &candidates).await?;
    Ok(catalogue::correct(query, &near, &candidates))
}

/// Finds the words of known releases that are near to each of these, but are not the word itself.
async fn near_words(
    connection: &impl ConnectionTrait,
    words: &BTreeSet<&str>,
) -> Result<HashMap<String, Vec<String>>> {
    let shared: BTreeSet<_> = words.iter().flat_map(|word| spellings(word)).collect();
    if shared.is_empty() {
        return Ok(HashMap::new());
    }
    let known = sea_query::Query::select()
        .distinct()
        .column("word")
        .from("spellings")
        .and_where(Expr::col("spelling").is_in(shared))
        .to_owned();
    let known = texts(connection, &known).await?;
    let near = words.iter().map(|word| {
        let others = known.iter().filter(|other| other != word);
        let mut near: Vec<_> = others
            .filter_map(|other| Some((distance(word, other)?, other.clone())))
            .collect();
        near.sort_unstable();
        near.truncate(NEAR_WORDS);
        let near = near.into_iter().map(|(_, other)| other);
        ((*word).to_owned(), near.collect::<Vec<_>>())
    });
    Ok(near.filter(|(_, near)| !near.is_empty()).collect())
}

/// Fetches the texts in the first column.
async fn texts(connection: &impl ConnectionTrait, query: &SelectStatement) -> Result<Vec<String>> {
    let rows = connection.query_all(query).await?;
    let texts: std::result::Result<_, _> = rows.iter().map(|row| row.try_get_by_index(0)).collect();
    Ok(texts?)
}
