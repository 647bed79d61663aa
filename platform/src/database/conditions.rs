//! Conditions that both databases plan well.

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, Value,
    sea_query::{Expr, postgres_array::NotU8},
};

/// Builds `column IN (values)`. PostgreSQL gets one array parameter, so the plan does not depend on the number of values.
pub fn is_one_of<C, V>(connection: &impl ConnectionTrait, column: C, values: &[V]) -> Expr
where
    C: ColumnTrait,
    V: Clone + Into<Value> + NotU8,
{
    let values = values.iter().cloned();
    match connection.get_database_backend() {
        DbBackend::Postgres => column.eq_any(values),
        _ => column.is_in(values),
    }
}

/// Builds `column = value` with a literal, for values known to the program: PostgreSQL can then use partial indexes on that
/// value in a generic plan.
pub fn eq_literal<C: ColumnTrait>(column: C, value: impl Into<Value>) -> Expr {
    sea_orm::ExprTrait::eq(column.into_expr(), Expr::Constant(value.into()))
}
