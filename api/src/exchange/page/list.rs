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
    super::{input::Faults, row},
    Frame, Order, Page, Row, Window,
};
use crate::error::Result;

/// How many rows of a list to look at, one after the other, before an index is asked. Where at least one row in a hundred
/// fits, a page is full by then; where fewer do, the index finds all of them in a few milliseconds.
const REACH: u64 = 2_000;

/// What is looked for in a list, said twice.
#[derive(Clone, Debug)]
pub struct Sought {
    /// As a row shows it: exact, and read row by row.
    pub shown: Condition,
    /// As an index finds it; may find some more.
    pub indexed: Condition,
}

/// The rows of a list or of a part of it, of which those are wanted that fit what is sought.
pub struct List<E: EntityTrait> {
    pub rows: Select<E>,
    pub sought: Option<Sought>,
}

/// One page of a list that has several parts, one behind the other, each in an order of its own. A part is read only
/// where the page reaches into it; its cursors say which one they are of.
///
/// ```text
/// let mut reading = Reading::begin(orders, id, window, &mut faults);
/// faults.verdict()?;
/// while let Some(part) = reading.wants() { reading.read(connection, list of the part).await?; }
/// reading.page()
/// ```
pub struct Reading<'w, E: EntityTrait> {
    orders: &'w [Order<E::Column>],
    id: E::Column,
    window: &'w Window,
    frame: Frame,
    /// The parts that are still to be read, in the direction of reading.
    coming: VecDeque<usize>,
    /// In the direction of reading.
    rows: Vec<Row<E::Model>>,
}

impl Sought {
    /// What no index but that of the condition itself knows. `None` where there is no condition.
    pub fn along(shown: Condition) -> Option<Self> {
        (!shown.is_empty()).then(|| Self {
            shown,
            indexed: Condition::all(),
        })
    }

    /// Both of the two.
    #[must_use]
    pub fn and(self, other: Option<Self>) -> Self {
        match other {
            None => self,
            Some(other) => Self {
                shown: self.shown.add(other.shown),
                indexed: self.indexed.add(other.indexed),
            },
        }
    }
}

impl<E: EntityTrait> List<E> {
    /// The rows that are wanted, in no order.
    pub fn all(self) -> Select<E> {
        match self.sought {
            None => self.rows,
            Some(Sought { shown, indexed }) => self.rows.filter(shown).filter(indexed),
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
    let mut reading = Reading::<E>::begin(&orders, id, window, &mut faults);
    faults.verdict()?;
    let list = List { rows, sought: None };
    reading.read(connection, Some(list)).await?;
    Ok(reading.page())
}

impl<'w, E> Reading<'w, E>
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
        let frame = window.frame_in(orders, faults);
        let part_of = |place| orders.iter().position(|order| order.owns(place));
        let first = frame.after.as_ref().and_then(part_of).unwrap_or(0);
        let last = frame.before.as_ref().and_then(part_of);
        let parts = first..=last.unwrap_or(orders.len().saturating_sub(1));
        Self {
            orders,
            id,
            window,
            frame,
            coming: if window.from_end {
                parts.rev().collect()
            } else {
                parts.collect()
            },
            rows: Vec::new(),
        }
    }

    /// The number of the part to be read next; `None` where the page is full or there are no more.
    pub fn wants(&self) -> Option<usize> {
        self.coming.front().copied().filter(|_| self.lacking() > 0)
    }

    /// Reads the part that is wanted, which is `list`, or empty.
    pub async fn read(
        &mut self,
        connection: &impl ConnectionTrait,
        list: Option<List<E>>,
    ) -> Result<()> {
        let lacking = self.lacking();
        let order = self.coming.pop_front().map(|part| self.orders[part]);
        let (Some(order), Some(list)) = (order, list) else {
            return Ok(());
        };
        let owned = |place: &&_| order.owns(place);
        let after = self.frame.after.as_ref().filter(owned);
        let before = self.frame.before.as_ref().filter(owned);
        let rows = list.rows.filter(order.between(self.id, after, before));
        let models = match list.sought {
            None => {
                let query = self.sorted(rows.into_query(), order);
                row::first(connection, &query, lacking).await?
            }
            Some(sought) => self.seek(connection, rows, sought, order, lacking).await?,
        };
        self.rows.extend(models.into_iter().map(|item| Row {
            place: order.place_of(&item, self.id),
            item,
        }));
        Ok(())
    }

    /// The first `limit` of `rows` that fit: those within [`REACH`], and where they are too few, all that the index finds.
    async fn seek(
        &self,
        connection: &impl ConnectionTrait,
        rows: Select<E>,
        sought: Sought,
        order: Order<E::Column>,
        limit: u64,
    ) -> Result<Vec<E::Model>> {
        let table = || E::default().table_name();
        let near = self
            .sorted(rows.clone().into_query(), order)
            .limit(REACH)
            .to_owned();
        // As a value, of which PostgreSQL guesses nothing: of a condition it would guess anew, for each text, how many rows meet
        // it, which takes longer than to look.
        let fits = Func::coalesce([sought.shown.clone().into(), Expr::val(false)]);
        let near = Query::select()
            .column(Asterisk)
            .from_subquery(near, table())
            .and_where(fits.into())
            .to_owned();
        let near = row::first(connection, &self.sorted(near, order), limit).await?;
        if near.len() as u64 == limit || !self.goes_on(connection, &rows, order).await? {
            return Ok(near);
        }
        // Materialized: a planner that guesses wrong would walk on along the whole list.
        let all = CommonTableExpression::new()
            .query(
                List {
                    rows,
                    sought: Some(sought),
                }
                .all()
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
        Ok(row::first(connection, &self.sorted(all, order), limit).await?)
    }

    /// Are there rows beyond [`REACH`]?
    async fn goes_on(
        &self,
        connection: &impl ConnectionTrait,
        rows: &Select<E>,
        order: Order<E::Column>,
    ) -> Result<bool> {
        let ids = rows.clone().select_only().column(self.id).into_query();
        Ok(row::more_than(connection, &self.sorted(ids, order), REACH).await?)
    }

    /// The page that was read.
    pub fn page(mut self) -> Page<E::Model> {
        if self.window.from_end {
            self.rows.reverse();
        }
        Page::of(self.rows, self.frame.limit, self.window)
    }

    /// How many rows the page lacks, with the one that tells whether there is more.
    fn lacking(&self) -> u64 {
        (self.frame.limit + 1).saturating_sub(self.rows.len()) as u64
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
