//! Reads lists whose rows come in groups that another table ranks: the games of the releases that match a search. The
//! groups of a page are few, wherever it is, and an index finds their rows in order; sorting all rows is never needed.

use std::ops::{Bound, RangeInclusive};

use entity::positional::PositionalRow;
use platform::database::is_one_of;
use sea_orm::{
    ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryTrait, Select,
    sea_query::{self, Condition, Expr, ExprTrait, Query, SelectStatement},
};

use super::{
    PageReader,
    order::{Cursor, SortKey},
};
use crate::{error::Result, select};

/// The factor by which more groups are fetched when the rows of those before did not fill the page.
const GROWTH: u64 = 8;
/// The maximum number of groups to fetch at once.
const MAX_FETCHED: u64 = 10_000;

/// The groups of a list, as a query with two columns: `segment`, the number of the order that a group is listed in, and
/// `key`, the value that its rows have in the column of that order.
pub struct Groups(pub SelectStatement);

/// One group of rows.
#[derive(Clone, Debug, FromQueryResult)]
struct Group {
    segment: i32,
    key: String,
}

/// The groups that a page may still reach, in the order of the list.
struct Range {
    from: Bound<Group>,
    to: Bound<Group>,
}

impl<E> PageReader<'_, E>
where
    E: EntityTrait,
    E::Model: PositionalRow,
{
    /// Reads the next segments, as far as their numbers are in `segments`, from `rows` in groups.
    pub async fn read_groups(
        &mut self,
        connection: &impl ConnectionTrait,
        segments: RangeInclusive<usize>,
        groups: &Groups,
        rows: &Select<E>,
    ) -> Result<()> {
        let mut range = Range {
            from: self.group_of(self.parsed.after.as_ref()),
            to: self.group_of(self.parsed.before.as_ref()),
        };
        let (mut fetched, mut limit) = (Vec::new(), 0);
        while fetched.len() as u64 == limit && self.missing_rows() > 0 {
            limit = (limit * GROWTH).clamp(self.missing_rows(), MAX_FETCHED);
            fetched = self.fetch_groups(connection, groups, &range, limit).await?;
            for run in fetched.chunk_by(|one, next| one.segment == next.segment) {
                self.read_run(connection, run, rows).await?;
            }
            if let Some(last) = fetched.last().cloned() {
                let next = if self.window.from_end {
                    &mut range.to
                } else {
                    &mut range.from
                };
                *next = Bound::Excluded(last);
            }
        }
        while self
            .remaining
            .front()
            .is_some_and(|next| segments.contains(next))
        {
            self.remaining.pop_front();
        }
        Ok(())
    }

    /// Reads the rows of groups of one segment.
    async fn read_run(
        &mut self,
        connection: &impl ConnectionTrait,
        run: &[Group],
        rows: &Select<E>,
    ) -> Result<()> {
        let order = self.orders[segment_number(&run[0])];
        let SortKey::Text(column) = order.by else {
            return Ok(());
        };
        let keys: Vec<_> = run.iter().map(|group| group.key.clone()).collect();
        let rows = rows.clone().filter(is_one_of(connection, column, &keys));
        let query = self.sorted(self.between_cursors(rows, order).into_query(), order);
        let missing_rows = self.missing_rows();
        let models = select::fetch_limited(connection, &query, missing_rows).await?;
        self.add(models, order);
        Ok(())
    }

    /// Fetches the first groups of the range in reading direction.
    async fn fetch_groups(
        &self,
        connection: &impl ConnectionTrait,
        Groups(groups): &Groups,
        range: &Range,
        limit: u64,
    ) -> Result<Vec<Group>> {
        let descending = self
            .orders
            .iter()
            .any(|order| matches!(order.by, SortKey::Text(_)) && order.descending);
        let direction = |descending| match descending {
            true => sea_query::Order::Desc,
            false => sea_query::Order::Asc,
        };
        let query = Query::select()
            .with_cte(select::materialized(groups.clone()))
            .columns(["segment", "key"])
            .from("found")
            .cond_where(range.condition(descending))
            .order_by("segment", direction(self.window.from_end))
            .order_by("key", direction(descending != self.window.from_end))
            .limit(limit)
            .to_owned();
        let found = connection.query_all(&query).await?;
        let groups: std::result::Result<_, _> = found
            .iter()
            .map(|row| Group::from_query_result(row, ""))
            .collect();
        Ok(groups?)
    }

    /// Returns the group of the row that a cursor names. The group has more rows, before or after that one.
    fn group_of(&self, cursor: Option<&Cursor>) -> Bound<Group> {
        let group = |cursor: &Cursor| {
            let segment = self.orders.iter().position(|order| order.accepts(cursor))?;
            Some(Group {
                segment: i32::try_from(segment).ok()?,
                key: cursor.text()?.to_owned(),
            })
        };
        cursor
            .and_then(group)
            .map_or(Bound::Unbounded, Bound::Included)
    }
}

impl Range {
    /// Matches the groups of the range, in a list whose keys descend or ascend.
    fn condition(&self, descending: bool) -> Condition {
        Condition::all()
            .add_option(beyond(&self.from, true, descending))
            .add_option(beyond(&self.to, false, descending))
    }
}

/// Matches the groups after a bound, or those before it.
fn beyond(bound: &Bound<Group>, after: bool, descending: bool) -> Option<Condition> {
    let (group, included) = match bound {
        Bound::Included(group) => (group, true),
        Bound::Excluded(group) => (group, false),
        Bound::Unbounded => return None,
    };
    let (segment, key) = (Expr::col("segment"), Expr::col("key"));
    let of = group.key.as_str();
    let same_segment = match (after != descending, included) {
        (true, true) => key.gte(of),
        (true, false) => key.gt(of),
        (false, true) => key.lte(of),
        (false, false) => key.lt(of),
    };
    let other_segment = if after {
        segment.clone().gt(group.segment)
    } else {
        segment.clone().lt(group.segment)
    };
    let here = segment.eq(group.segment).and(same_segment);
    Some(Condition::any().add(other_segment).add(here))
}

fn segment_number(group: &Group) -> usize {
    usize::try_from(group.segment).unwrap_or_default()
}
