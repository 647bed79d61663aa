//! Reads the lists of several users at once.

use std::collections::HashMap;

use entity::{UserId, positional::PositionalRow};
use platform::database::is_one_of;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait, Select,
    sea_query::{self, Expr, ExprTrait, Func, Query, WindowStatement},
};

use super::{
    super::{select, validation::Faults},
    Order, Page, ParsedWindow, Row, Window,
    order::id_in,
};
use crate::error::Result;

/// Reads the same page of several users' lists in one statement. A user's list is the rows of `list` with that user in
/// column `user`, ordered by id, the oldest first.
pub async fn pages_per_user<E>(
    connection: &impl ConnectionTrait,
    list: Select<E>,
    [user, id]: [E::Column; 2],
    users: &[UserId],
    window: &Window,
) -> Result<HashMap<UserId, Page<E::Model>>>
where
    E: EntityTrait,
    E::Model: PositionalRow,
{
    let (order, mut faults) = (Order::by_id(), Faults::default());
    let ParsedWindow {
        limit,
        after,
        before,
    } = window.parse_in(&[order], &mut faults);
    faults.into_result()?;
    let from = if window.from_end {
        sea_query::Order::Desc
    } else {
        sea_query::Order::Asc
    };
    let rank = WindowStatement::partition_by(user)
        .order_by(id, from)
        .to_owned();
    let ranked = list
        .clone()
        .select_only()
        .column(id)
        .filter(is_one_of(connection, user, users))
        .filter(
            Condition::all()
                .add_option(after.map(|after| id.gt(after.id)))
                .add_option(before.map(|before| id.lt(before.id))),
        )
        .into_query()
        .expr_window_as(Func::cust("ROW_NUMBER"), rank, "place")
        .to_owned();
    let shown = Query::select()
        .column(id)
        .from_subquery(ranked, "ranked")
        .and_where(Expr::col("place").lte(limit as u64 + 1))
        .to_owned();
    let models = E::find().filter(id.in_subquery(shown)).order_by_asc(id);
    let models: Vec<E::Model> = select::all(connection, models.as_query()).await?;
    let mut lists: HashMap<_, Vec<_>> = users.iter().map(|id| (*id, Vec::new())).collect();
    for model in models {
        lists
            .entry(UserId(id_in(&model, user)))
            .or_default()
            .push(model);
    }
    let page = |models: Vec<E::Model>| {
        let row = |item| Row {
            cursor: order.cursor_for(&item, id),
            item,
        };
        Page::new(models.into_iter().map(row).collect(), limit, window)
    };
    Ok(lists
        .into_iter()
        .map(|(user, models)| (user, page(models)))
        .collect())
}

/// Counts the rows of `list` per user, in one statement.
pub async fn counts_per_user<E>(
    connection: &impl ConnectionTrait,
    list: Select<E>,
    [user, id]: [E::Column; 2],
    users: &[UserId],
) -> Result<HashMap<UserId, u64>>
where
    E: EntityTrait,
{
    let counted: Vec<(UserId, i64)> = list
        .select_only()
        .column(user)
        .column_as(id.count(), "count")
        .filter(is_one_of(connection, user, users))
        .group_by(user)
        .into_tuple()
        .all(connection)
        .await?;
    let mut counts: HashMap<_, _> = users.iter().map(|user| (*user, 0)).collect();
    counts.extend(
        counted
            .into_iter()
            .map(|(user, count)| (user, count.unsigned_abs())),
    );
    Ok(counts)
}
