//! Pages of lists, by keyset: a page begins after the last row of the one before, so that rows that come or go in
//! between neither repeat nor hide others, and so that the last page costs what the first does.
//!
//! Each order ends with the id, which makes it total, and runs one way in all of its columns: `(name, id) > (?, ?)` is
//! one step into an index. To add an order, give it an index on its column and the id, or the plan test fails.
//!
//! [`order`] says where a row stands, [`reader`] reads one list, [`per_user`] the lists of several people at once.

mod order;
mod per_user;
mod reader;

use sea_orm::ColumnTrait;

pub use self::{
    order::{Cursor, Order, OrderName, SortKey},
    per_user::{counts_per_user, pages_per_user},
    reader::{Filter, PageReader, Segment, read},
};
use super::validation::Faults;

/// The most rows on a page, and how many there are where nobody says.
pub const MAX_LIMIT: usize = 100;
pub const DEFAULT_LIMIT: usize = 20;

/// Which part of a list to show.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// The most rows to show: 1 to [`MAX_LIMIT`]; [`DEFAULT_LIMIT`] where it is `None`.
    pub limit: Option<i64>,
    /// What the surface calls `limit`, for its error.
    pub limit_name: &'static str,
    /// Only rows after this cursor.
    pub after: Option<String>,
    /// Only rows before this cursor.
    pub before: Option<String>,
    /// Fill the page from the end: the rows just before `before`, or the last of all.
    pub from_end: bool,
}

/// A part of a list.
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

/// A window of a list whose order is known.
struct ParsedWindow {
    limit: usize,
    after: Option<Cursor>,
    before: Option<Cursor>,
}

impl<T> Page<T> {
    /// The page, from its rows as they stand in the list, and one more where there is more.
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

/// A cursor as it was sent. An empty one is none: clients without a cursor to send send that.
#[must_use]
pub fn non_empty_cursor(cursor: Option<String>) -> Option<String> {
    cursor.filter(|cursor| !cursor.is_empty())
}

impl Window {
    /// The first rows of a list.
    #[must_use]
    pub fn first(limit_name: &'static str, limit: i64) -> Self {
        Self {
            limit: Some(limit),
            limit_name,
            after: None,
            before: None,
            from_end: false,
        }
    }

    /// Notes what is wrong with the window, of whatever list in whatever order.
    pub fn check(&self, faults: &mut Faults) {
        self.parse(|_| true, faults);
    }

    /// The parsed in a list whose parts are in these orders; notes what is wrong with it.
    fn parse_in<C: ColumnTrait>(&self, orders: &[Order<C>], faults: &mut Faults) -> ParsedWindow {
        self.parse(
            |cursor| orders.iter().any(|order| order.accepts(cursor)),
            faults,
        )
    }

    /// The parsed in a list to which cursors belong that `accepts` says yes to.
    fn parse(&self, accepts: impl Fn(&Cursor) -> bool, faults: &mut Faults) -> ParsedWindow {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT as i64);
        if !(1..=MAX_LIMIT as i64).contains(&limit) {
            let message = format!("is {limit}; send 1 to {MAX_LIMIT}");
            faults.add(self.limit_name, "out_of_range", message);
        }
        let mut parse = |field, text: &Option<String>| {
            let cursor = Cursor::parse(text.as_deref()?).filter(&accepts);
            if cursor.is_none() {
                let message = "is not a cursor of this list in this order. Leave it out to begin again, or follow the links";
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
