//! Reads pages of one list by the index of its order. A filtered list is scanned in that order for a bounded number of
//! rows, then read by the index of the filter. [`super::groups`] reads lists in the order of another table.

use std::collections::VecDeque;

use entity::positional::PositionalRow;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    Select,
    sea_query::{Asterisk, Expr, Func, Query, SelectStatement},
};

use super::{
    super::{select, validation::Faults},
    Order, Page, ParsedWindow, Row, Window,
};
use crate::error::Result;

/// The number of rows to scan in list order before using the index of the filter. Where at least one row in a hundred
/// matches, the page is full by then; where fewer do, the index finds them all in a few milliseconds.
const SCAN_LIMIT: u64 = 2_000;

/// A list, or the part of one that has an order of its own.
pub struct Segment<E: EntityTrait> {
    pub rows: Select<E>,
    /// A condition that the index of the order does not answer; may be empty.
    pub filter: Condition,
}

/// Reads one page of a list of consecutive segments, each in its own order. Reads only the segments that the page
/// reaches; a cursor names its segment's order.
///
/// ```text
/// let mut reading = PageReader::begin(orders, id, window, &mut faults);
/// faults.into_result()?;
/// while let Some(number) = reading.next_segment() { reading.read(connection, segment).await?; }
/// reading.page()
/// ```
pub struct PageReader<'w, E: EntityTrait> {
    pub(super) orders: &'w [Order<E::Column>],
    pub(super) id: E::Column,
    pub(super) window: &'w Window,
    pub(super) parsed: ParsedWindow,
    /// The numbers of the segments still to be read, in reading direction.
    pub(super) remaining: VecDeque<usize>,
    /// The rows so far, in reading direction.
    rows: Vec<Row<E::Model>>,
}

/// Reads one page of `rows`, whose ids are in column `id`, in one statement.
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
    let filter = Condition::all();
    reading.read(connection, Segment { rows, filter }).await?;
    Ok(reading.page())
}

impl<'w, E> PageReader<'w, E>
where
    E: EntityTrait,
    E::Model: PositionalRow,
{
    /// Starts reading a list with one segment per order and ids in column `id`. Records the faults of the window; with
    /// faults, nothing may be read.
    pub fn begin(
        orders: &'w [Order<E::Column>],
        id: E::Column,
        window: &'w Window,
        faults: &mut Faults,
    ) -> Self {
        let parsed = window.parse_in(orders, faults);
        let segment_of = |cursor| orders.iter().position(|order| order.accepts(cursor));
        let first = parsed.after.as_ref().and_then(segment_of).unwrap_or(0);
        let last = parsed.before.as_ref().and_then(segment_of);
        let numbers = first..=last.unwrap_or(orders.len().saturating_sub(1));
        Self {
            orders,
            id,
            window,
            parsed,
            remaining: if window.from_end {
                numbers.rev().collect()
            } else {
                numbers.collect()
            },
            rows: Vec::new(),
        }
    }

    /// Returns the number of the segment to read next; `None` when the page is full or no segment is left.
    pub fn next_segment(&self) -> Option<usize> {
        self.remaining
            .front()
            .copied()
            .filter(|_| self.missing_rows() > 0)
    }

    /// Skips the next segment, which is empty.
    pub fn skip(&mut self) {
        self.remaining.pop_front();
    }

    /// Reads the next segment.
    pub async fn read(
        &mut self,
        connection: &impl ConnectionTrait,
        segment: Segment<E>,
    ) -> Result<()> {
        let missing_rows = self.missing_rows();
        let Some(order) = self.remaining.pop_front().map(|number| self.orders[number]) else {
            return Ok(());
        };
        let rows = self.between_cursors(segment.rows, order);
        let models = if segment.filter.is_empty() {
            let query = self.sorted(rows.into_query(), order);
            select::fetch_limited(connection, &query, missing_rows).await?
        } else {
            self.scan_then_index(connection, rows, segment.filter, order, missing_rows)
                .await?
        };
        self.add(models, order);
        Ok(())
    }

    /// Restricts the rows of the segment with this order to those between the cursors of the window.
    pub(super) fn between_cursors(&self, rows: Select<E>, order: Order<E::Column>) -> Select<E> {
        let accepted = |cursor: &&_| order.accepts(cursor);
        let after = self.parsed.after.as_ref().filter(accepted);
        let before = self.parsed.before.as_ref().filter(accepted);
        rows.filter(order.between(self.id, after, before))
    }

    /// Adds the next rows of the segment with this order.
    pub(super) fn add(&mut self, models: Vec<E::Model>, order: Order<E::Column>) {
        self.rows.extend(models.into_iter().map(|item| Row {
            cursor: order.cursor_for(&item, self.id),
            item,
        }));
    }

    /// Fetches the first `limit` matching rows: within [`SCAN_LIMIT`] first, then, where those are too few, by the
    /// index.
    async fn scan_then_index(
        &self,
        connection: &impl ConnectionTrait,
        rows: Select<E>,
        filter: Condition,
        order: Order<E::Column>,
        limit: u64,
    ) -> Result<Vec<E::Model>> {
        let table = || E::default().table_name();
        let near = self
            .sorted(rows.clone().into_query(), order)
            .limit(SCAN_LIMIT)
            .to_owned();
        // Wrapped in coalesce() so that PostgreSQL does not choose a plan by its estimate of how many rows match.
        let matches = Func::coalesce([filter.clone().into(), Expr::val(false)]);
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
        let all = select::materialized(rows.filter(filter).into_query());
        let all = Query::select()
            .with_cte(all)
            .column(Asterisk)
            .from_as("found", table())
            .to_owned();
        Ok(select::fetch_limited(connection, &self.sorted(all, order), limit).await?)
    }

    /// Returns true if the list has more rows than [`SCAN_LIMIT`].
    async fn has_rows_beyond_scan(
        &self,
        connection: &impl ConnectionTrait,
        rows: &Select<E>,
        order: Order<E::Column>,
    ) -> Result<bool> {
        let ids = rows.clone().select_only().column(self.id).into_query();
        Ok(select::has_more_than(connection, &self.sorted(ids, order), SCAN_LIMIT).await?)
    }

    /// Returns the page from the rows read.
    pub fn page(mut self) -> Page<E::Model> {
        if self.window.from_end {
            self.rows.reverse();
        }
        Page::new(self.rows, self.parsed.limit, self.window)
    }

    /// Counts the rows still missing, including the extra one that tells whether there are more.
    pub(super) fn missing_rows(&self) -> u64 {
        (self.parsed.limit + 1).saturating_sub(self.rows.len()) as u64
    }

    /// Sorts the rows in reading direction.
    pub(super) fn sorted(
        &self,
        mut rows: SelectStatement,
        order: Order<E::Column>,
    ) -> SelectStatement {
        let (columns, way) = order.sorting(self.id, self.window.from_end);
        for column in columns {
            rows.order_by(column.as_column_ref(), way.clone());
        }
        rows
    }
}
