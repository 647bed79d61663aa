//! Keyset pagination: a page starts after the last row of the previous one, so inserts and deletes neither repeat nor
//! skip rows, and the last page costs as much as the first.
//!
//! Each order ends with the id, which makes it total, and all of its columns have the same direction: `(name, id) > (?,
//! ?)` is a single index seek. To add an order, create an index on its column and the id, or the plan test fails.
//!
//! [`order`] defines orders and cursors, [`reader`] reads one list, [`groups`] one whose rows come in groups, [`per_user`]
//! the lists of several users at once.

mod groups;
mod order;
mod per_user;
mod reader;

use sea_orm::ColumnTrait;

pub use self::{
    groups::Groups,
    order::{Cursor, Order, OrderName, SortKey},
    per_user::{counts_per_user, pages_per_user},
    reader::{PageReader, Segment, read},
};
use super::validation::Faults;

/// The maximum and the default number of rows on a page.
pub const MAX_LIMIT: usize = 100;
pub const DEFAULT_LIMIT: usize = 20;

/// The part of a list to show.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// The maximum number of rows, 1 to [`MAX_LIMIT`]; `None`: [`DEFAULT_LIMIT`].
    pub limit: Option<i64>,
    /// Only rows after this cursor.
    pub after: Option<String>,
    /// Only rows before this cursor.
    pub before: Option<String>,
    /// Takes the last rows: those just before `before`, or the last of the list.
    pub from_end: bool,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub rows: Vec<Row<T>>,
    pub has_next: bool,
    pub has_previous: bool,
}

/// One row of a list, with its cursor.
#[derive(Clone, Debug)]
pub struct Row<T> {
    pub cursor: Cursor<OrderName>,
    pub item: T,
}

/// A window with decoded cursors.
struct ParsedWindow {
    limit: usize,
    after: Option<Cursor>,
    before: Option<Cursor>,
}

impl<T> Page<T> {
    /// Makes the page of `rows` in list order; one row beyond `limit` says that there are more.
    fn new(mut rows: Vec<Row<T>>, limit: usize, window: &Window) -> Self {
        let more = rows.len() > limit;
        if more {
            rows.remove(if window.from_end { 0 } else { limit });
        }
        let (has_next, has_previous) = if window.from_end {
            (window.before.is_some(), more)
        } else {
            (more, window.after.is_some())
        };
        Self {
            rows,
            has_next,
            has_previous,
        }
    }
}

/// Treats an empty cursor as absent: clients send it when they have none.
#[must_use]
pub fn non_empty_cursor(cursor: Option<String>) -> Option<String> {
    cursor.filter(|cursor| !cursor.is_empty())
}

impl Window {
    /// Starts at the first row of a list.
    #[must_use]
    pub fn first(limit: i64) -> Self {
        Self {
            limit: Some(limit),
            after: None,
            before: None,
            from_end: false,
        }
    }

    /// Validates what can be validated without the list and its order.
    pub fn check(&self, faults: &mut Faults) {
        self.parse(|_| true, faults);
    }

    /// Decodes and validates the window for a list with these orders.
    fn parse_in<C: ColumnTrait>(&self, orders: &[Order<C>], faults: &mut Faults) -> ParsedWindow {
        self.parse(
            |cursor| orders.iter().any(|order| order.accepts(cursor)),
            faults,
        )
    }

    /// Decodes and validates the window for a list that `accepts` these cursors.
    fn parse(&self, accepts: impl Fn(&Cursor) -> bool, faults: &mut Faults) -> ParsedWindow {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT as i64);
        faults.range("limit", limit, 1..=MAX_LIMIT as i64);
        let mut parse = |field, text: &Option<String>| {
            let cursor = Cursor::parse(text.as_deref()?).filter(&accepts);
            if cursor.is_none() {
                let message = "is not a cursor of this list in this order; leave it out to start again, or follow the links";
                faults.unreadable(field, "not_a_cursor", message);
            }
            cursor
        };
        ParsedWindow {
            after: parse("after", &self.after),
            before: parse("before", &self.before),
            limit: usize::try_from(limit).unwrap_or(DEFAULT_LIMIT),
        }
    }
}
