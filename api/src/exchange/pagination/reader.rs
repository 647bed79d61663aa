//! One list, read page by page: along an index of its order, or where something is looked for in it, along that for a
//! bounded way and then by an index of what is looked for.

use std::collections::VecDeque;

use entity::positional::PositionalRow;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    Select,
    sea_query::{Asterisk, CommonTableExpression, Expr, Func, Query, SelectStatement},
};

use super::{
    super::{select, validation::Faults},
    Order, Page, ParsedWindow, Row, Window,
};
use crate::error::Result;

/// How many rows of a list to look at, one after the other, before an index is context. Where at least one row in a hundred
/// fits, a page is full by then; where fewer do, the index finds all of them in a few milliseconds.
const SCAN_LIMIT: u64 = 2_000;

/// What is looked for in a list, said twice.
#[derive(Clone, Debug)]
pub struct Filter {
    /// As a row shows it: exact, and read row by row.
    pub exact: Condition,
    /// As an index finds it; may find some more.
    pub indexed: Condition,
}

/// The rows of a list or of a part of it, of which those are wanted that fit what is filter.
pub struct Segment<E: EntityTrait> {
    pub rows: Select<E>,
    pub filter: Option<Filter>,
}

/// One page of a list that has several parts, one behind the other, each in an order of its own. A part is read only
/// where the page reaches into it; its cursors say which one they are of.
///
/// ```text
/// let mut reading = PageReader::begin(orders, id, window, &mut faults);
/// faults.into_result()?;
/// while let Some(part) = reading.next_segment() { reading.read(connection, list of the part).await?; }
/// reading.page()
/// ```
pub struct PageReader<'w, E: EntityTrait> {
    orders: &'w [Order<E::Column>],
    id: E::Column,
    window: &'w Window,
    parsed: ParsedWindow,
    /// The parts that are still to be read, in the direction of reading.
    remaining: VecDeque<usize>,
    /// In the direction of reading.
    rows: Vec<Row<E::Model>>,
}

impl Filter {
    /// What no index but that of the condition itself knows. `None` where there is no condition.
    pub fn scan_only(exact: Condition) -> Option<Self> {
        (!exact.is_empty()).then(|| Self {
            exact,
            indexed: Condition::all(),
        })
    }

    /// Both of the two.
    #[must_use]
    pub fn and(self, other: Option<Self>) -> Self {
        match other {
            None => self,
            Some(other) => Self {
                exact: self.exact.add(other.exact),
                indexed: self.indexed.add(other.indexed),
            },
        }
    }
}

impl<E: EntityTrait> Segment<E> {
    /// The rows that are wanted, in no order.
    pub fn matching(self) -> Select<E> {
        match self.filter {
            None => self.rows,
            Some(Filter { exact, indexed }) => self.rows.filter(exact).filter(indexed),
        }
    }
}

/// Reads one page of `rows`, whose ids are in the column `id`, in one statement.
pub async fn read<E>(
    connection: &impl ConnectionTrait,
    rows: Select<E>,
    order: Order<E::Column>,
    id: E::Column,
    window: &Window,
) -> Result<Page<E::Model>>
where
    E: EntityTrait,
    E::Model: PositionalRow,
{
    let (orders, mut faults) = ([order], Faults::default());
    let mut reading = PageReader::<E>::begin(&orders, id, window, &mut faults);
    faults.into_result()?;
    let list = Segment { rows, filter: None };
    reading.read(connection, Some(list)).await?;
    Ok(reading.page())
}

impl<'w, E> PageReader<'w, E>
where
    E: EntityTrait,
    E::Model: PositionalRow,
{
    /// Begins to read a list whose parts are in these orders and whose ids are in the column `id`. Notes what is wrong with the
    /// window: then nothing is to be read.
    pub fn begin(
        orders: &'w [Order<E::Column>],
        id: E::Column,
        window: &'w Window,
        faults: &mut Faults,
    ) -> Self {
        let parsed = window.parse_in(orders, faults);
        let part_of = |cursor| orders.iter().position(|order| order.accepts(cursor));
        let first = parsed.after.as_ref().and_then(part_of).unwrap_or(0);
        let last = parsed.before.as_ref().and_then(part_of);
        let parts = first..=last.unwrap_or(orders.len().saturating_sub(1));
        Self {
            orders,
            id,
            window,
            parsed,
            remaining: if window.from_end {
                parts.rev().collect()
            } else {
                parts.collect()
            },
            rows: Vec::new(),
        }
    }

    /// The number of the part to be read next; `None` where the page is full or there are no more.
    pub fn next_segment(&self) -> Option<usize> {
        self.remaining
            .front()
            .copied()
            .filter(|_| self.missing_rows() > 0)
    }

    /// Reads the part that is wanted, which is `list`, or empty.
    pub async fn read(
        &mut self,
        connection: &impl ConnectionTrait,
        list: Option<Segment<E>>,
    ) -> Result<()> {
        let missing_rows = self.missing_rows();
        let order = self.remaining.pop_front().map(|part| self.orders[part]);
        let (Some(order), Some(list)) = (order, list) else {
            return Ok(());
        };
        let owned = |cursor: &&_| order.accepts(cursor);
        let after = self.parsed.after.as_ref().filter(owned);
        let before = self.parsed.before.as_ref().filter(owned);
        let rows = list.rows.filter(order.between(self.id, after, before));
        let models = match list.filter {
            None => {
                let query = self.sorted(rows.into_query(), order);
                select::fetch_limited(connection, &query, missing_rows).await?
            }
            Some(filter) => {
                self.scan_then_index(connection, rows, filter, order, missing_rows)
                    .await?
            }
        };
        self.rows.extend(models.into_iter().map(|item| Row {
            cursor: order.cursor_for(&item, self.id),
            item,
        }));
        Ok(())
    }

    /// The first `limit` of `rows` that fit: those within [`SCAN_LIMIT`], and where they are too few, all that the index finds.
    async fn scan_then_index(
        &self,
        connection: &impl ConnectionTrait,
        rows: Select<E>,
        filter: Filter,
        order: Order<E::Column>,
        limit: u64,
    ) -> Result<Vec<E::Model>> {
        let table = || E::default().table_name();
        let near = self
            .sorted(rows.clone().into_query(), order)
            .limit(SCAN_LIMIT)
            .to_owned();
        // As a value, of which PostgreSQL guesses nothing: of a condition it would guess anew, for each text, how many rows meet
        // it, which takes longer than to look.
        let matches = Func::coalesce([filter.exact.clone().into(), Expr::val(false)]);
        let near = Query::select()
            .column(Asterisk)
            .from_subquery(near, table())
            .and_where(matches.into())
            .to_owned();
        let near = select::fetch_limited(connection, &self.sorted(near, order), limit).await?;
        if near.len() as u64 == limit
            || !self.has_rows_beyond_scan(connection, &rows, order).await?
        {
            return Ok(near);
        }
        // Materialized: a planner that guesses wrong would walk on along the whole list.
        let all = CommonTableExpression::new()
            .query(
                Segment {
                    rows,
                    filter: Some(filter),
                }
                .matching()
                .into_query(),
            )
            .table_name("found")
            .materialized(true)
            .to_owned();
        let all = Query::select()
            .with_cte(all)
            .column(Asterisk)
            .from_as("found", table())
            .to_owned();
        Ok(select::fetch_limited(connection, &self.sorted(all, order), limit).await?)
    }

    /// Are there rows beyond [`SCAN_LIMIT`]?
    async fn has_rows_beyond_scan(
        &self,
        connection: &impl ConnectionTrait,
        rows: &Select<E>,
        order: Order<E::Column>,
    ) -> Result<bool> {
        let ids = rows.clone().select_only().column(self.id).into_query();
        Ok(select::has_more_than(connection, &self.sorted(ids, order), SCAN_LIMIT).await?)
    }

    /// The page that was read.
    pub fn page(mut self) -> Page<E::Model> {
        if self.window.from_end {
            self.rows.reverse();
        }
        Page::new(self.rows, self.parsed.limit, self.window)
    }

    /// How many rows the page lacks, with the one that tells whether there is more.
    fn missing_rows(&self) -> u64 {
        (self.parsed.limit + 1).saturating_sub(self.rows.len()) as u64
    }

    /// The rows in the direction of reading.
    fn sorted(&self, mut rows: SelectStatement, order: Order<E::Column>) -> SelectStatement {
        let (columns, way) = order.sorting(self.id, self.window.from_end);
        for column in columns {
            rows.order_by(column.as_column_ref(), way.clone());
        }
        rows
    }
}
