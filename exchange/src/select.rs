//! Typed reads over SeaORM selects, and change detection for active models.

use std::{collections::HashMap, hash::Hash};

use entity::positional::{Columns, PositionalRow};
use platform::database::is_one_of;
use sea_orm::{
    ActiveValue, ConnectionTrait, DbBackend, DbErr, EntityTrait, QueryFilter, QueryResult,
    QueryTrait, Select, Statement, Value,
    sea_query::{CommonTableExpression, SelectStatement, postgres_array::NotU8},
};

/// Fetches all rows of a query that selects all columns of one table in their order.
pub async fn all<M: PositionalRow>(
    connection: &impl ConnectionTrait,
    query: &SelectStatement,
) -> Result<Vec<M>, DbErr> {
    decode_all(&connection.query_all(query).await?)
}

/// Fetches the first `limit` rows.
///
/// Inlines LIMIT as a literal: with a bound LIMIT PostgreSQL cannot use a generic plan and plans every execution anew.
pub async fn fetch_limited<M: PositionalRow>(
    connection: &impl ConnectionTrait,
    query: &SelectStatement,
    limit: u64,
) -> Result<Vec<M>, DbErr> {
    let mut statement = connection.get_database_backend().build(query);
    statement.sql.push_str(&format!(" LIMIT {limit}"));
    decode_all(&connection.query_all_raw(statement).await?)
}

/// Names the rows of a query `found`, for an outer query that sorts and limits them. PostgreSQL runs it first: as a part of
/// the outer query, it might read the whole table in the order that is asked for, by a wrong estimate of what matches.
pub fn materialized(query: SelectStatement) -> CommonTableExpression {
    CommonTableExpression::new()
        .query(query)
        .table_name("found")
        .materialized(true)
        .to_owned()
}

/// Returns true if the query has more than `number` rows.
pub async fn has_more_than(
    connection: &impl ConnectionTrait,
    query: &SelectStatement,
    number: u64,
) -> Result<bool, DbErr> {
    let mut statement = connection.get_database_backend().build(query);
    statement.sql.push_str(&format!(" LIMIT 1 OFFSET {number}"));
    Ok(connection.query_one_raw(statement).await?.is_some())
}

fn decode_all<M: PositionalRow>(rows: &[QueryResult]) -> Result<Vec<M>, DbErr> {
    let read = |row| M::read(&mut Columns::new(row));
    rows.iter().map(read).collect()
}

/// Finds the row with this id, in a table with a column `id`.
///
/// Formats the SQL itself: SeaORM builds it from a syntax tree each time, which is noticeable when the rest of a
/// request is one index look-up.
pub async fn by_id<E>(
    connection: &impl ConnectionTrait,
    id: impl Into<Value>,
) -> Result<Option<E::Model>, DbErr>
where
    E: EntityTrait,
    E::Model: PositionalRow,
{
    let backend = connection.get_database_backend();
    let sql = format!(
        r#"SELECT "{columns}" FROM "{table}" WHERE "id" = {id}"#,
        columns = E::Model::COLUMNS.join(r#"", ""#),
        table = E::default().table_name(),
        id = match backend {
            DbBackend::Postgres => "$1",
            _ => "?",
        }
    );
    let statement = Statement::from_sql_and_values(backend, sql, [id.into()]);
    decode_one(connection.query_one_raw(statement).await?)
}

/// Finds the row that `rows` selects by a unique key.
pub async fn one<E>(
    connection: &impl ConnectionTrait,
    rows: Select<E>,
) -> Result<Option<E::Model>, DbErr>
where
    E: EntityTrait,
    E::Model: PositionalRow,
{
    decode_one(connection.query_one(rows.as_query()).await?)
}

fn decode_one<M: PositionalRow>(row: Option<QueryResult>) -> Result<Option<M>, DbErr> {
    row.map(|row| M::read(&mut Columns::new(&row))).transpose()
}

/// Fetches those of `rows` whose `column` has one of these ids, by id.
pub async fn by_ids<E, M, I>(
    connection: &impl ConnectionTrait,
    rows: Select<E>,
    column: E::Column,
    ids: &[I],
    id: impl Fn(&M) -> I,
) -> Result<HashMap<I, M>, DbErr>
where
    E: EntityTrait,
    M: PositionalRow,
    I: Copy + Eq + Hash + Into<Value> + NotU8,
{
    let rows = rows.filter(is_one_of(connection, column, ids));
    let rows: Vec<M> = all(connection, rows.as_query()).await?;
    Ok(rows.into_iter().map(|row| (id(&row), row)).collect())
}

/// Sets a column of a row that was read.
pub trait SetIf<T> {
    /// Sets the value if there is one that differs, so that unchanged columns are not written.
    fn set_if(&mut self, value: Option<T>);
}

impl<T: Into<Value> + PartialEq> SetIf<T> for ActiveValue<T> {
    fn set_if(&mut self, value: Option<T>) {
        if let Some(value) = value {
            self.set_if_not_equals(value);
        }
    }
}
