//! Finds titles by their keys. A title that was merged into another is that one.

use std::collections::HashMap;

use entity::{
    positional::{Columns, PositionalRow},
    title,
};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use crate::{
    Exchange,
    error::{Error, Result},
    releases::select_in,
};

/// Finds a title by its key.
pub async fn find(exchange: &Exchange, key: &str) -> Result<title::Model> {
    let mut found = by_keys(exchange, &[key.to_owned()]).await?;
    found
        .remove(key)
        .ok_or_else(|| Error::NoTitle(key.to_owned()))
}

/// Fetches titles, by the keys that were asked for.
pub async fn by_keys(
    exchange: &Exchange,
    keys: &[String],
) -> Result<HashMap<String, title::Model>> {
    // PostgreSQL has no NUL in a text.
    let keys = keys.iter().filter(|key| !key.contains('\0'));
    let keys: Vec<_> = keys.cloned().collect();
    Ok(select(exchange.database.reader(), &keys).await?)
}

/// Selects titles by keys, with the titles that they mean.
pub(super) async fn select(
    connection: &impl ConnectionTrait,
    keys: &[String],
) -> Result<HashMap<String, title::Model>, DbErr> {
    let titles = "asked.key AS asked, titles.key, titles.name, titles.means FROM titles AS asked
        JOIN titles ON titles.key = coalesce(asked.means, asked.key) WHERE asked.key";
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    let rows = select_in(connection, titles, &keys).await?;
    let read = |row: &QueryResult| {
        let mut columns = Columns::new(row);
        Ok((columns.take()?, title::Model::read(&mut columns)?))
    };
    rows.iter().map(read).collect()
}
