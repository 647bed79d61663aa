//! Finds titles by their keys. A title that was merged into another is that one.

use std::collections::HashMap;

use entity::{
    positional::{Columns, PositionalRow},
    title,
};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement};
use serde_json::json;

use crate::{
    Exchange,
    error::{Error, Result},
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
    Ok(select(exchange.database.reader(), keys.cloned().collect()).await?)
}

/// Selects titles by keys, with the titles that they mean.
async fn select(
    connection: &impl ConnectionTrait,
    keys: Vec<String>,
) -> Result<HashMap<String, title::Model>, DbErr> {
    let backend = connection.get_database_backend();
    let (list, keys) = match backend {
        DbBackend::Postgres => ("= ANY($1)", keys.into()),
        _ => (
            "IN (SELECT value FROM json_each($1))",
            json!(keys).to_string().into(),
        ),
    };
    let sql = format!(
        "SELECT asked.key AS asked, titles.key, titles.name, titles.means FROM titles AS asked
            JOIN titles ON titles.key = coalesce(asked.means, asked.key) WHERE asked.key {list}"
    );
    let select = Statement::from_sql_and_values(backend, sql, [keys]);
    let rows = connection.query_all_raw(select).await?;
    let read = |row: &QueryResult| {
        let mut columns = Columns::new(row);
        Ok((columns.take()?, title::Model::read(&mut columns)?))
    };
    rows.iter().map(read).collect()
}
