//! Pages of lists, by keyset: a page begins after the last row of the one before, so that rows that come or go in
//! between neither repeat nor hide others. Each order ends with the id, which makes it total.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use entity::UserId;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityName, EntityTrait, FromQueryResult,
    IntoIdentity, ModelTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select, Value,
    sea_query::{self, Expr, ExprTrait, Func, IntoValueTuple, Query, ValueTuple, WindowStatement},
};
use serde::{Deserialize, Serialize};

use super::input::Faults;
use crate::error::Result;

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

/// One row of a list, with the cursor of its place.
#[derive(Clone, Debug)]
pub struct Row<T> {
    pub cursor: String,
    pub item: T,
}

/// How a list is ordered: by a column, if any, then by id.
#[derive(Clone, Copy, Debug)]
pub struct Order<C> {
    /// The order's name, among those of its list: a cursor of one order is none of another.
    pub name: &'static str,
    pub by: By<C>,
    pub descending: bool,
}

/// The column of an order, with the type of its values.
#[derive(Clone, Copy, Debug)]
pub enum By<C> {
    Id,
    Number(C),
    Text(C),
}

/// Where a row stands in its list. What a cursor carries, as base64url of JSON; opaque to clients.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Place {
    order: String,
    value: Option<Sortable>,
    id: i64,
}

/// A window of a list whose order is known.
struct Frame {
    limit: usize,
    after: Option<Place>,
    before: Option<Place>,
}

/// The value of the column that a list is ordered by.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Sortable {
    Number(i32),
    Text(String),
}

/// Reads one page of `list`, whose ids are in the column `id`, in one statement.
pub async fn read<E>(
    connection: &impl ConnectionTrait,
    list: Select<E>,
    order: Order<E::Column>,
    id: E::Column,
    window: &Window,
) -> Result<Page<E::Model>>
where
    E: EntityTrait,
    E::Model: FromQueryResult + Send + Sync,
{
    let Frame {
        limit,
        after,
        before,
    } = order.frame(window)?;
    let mut cursor = match order.by {
        By::Id => list.cursor_by(id),
        By::Number(column) | By::Text(column) => list.cursor_by((column, id).into_identity()),
    };
    if order.descending {
        cursor.desc();
    }
    if let Some(after) = after {
        cursor.after(after.key());
    }
    if let Some(before) = before {
        cursor.before(before.key());
    }
    let one_more = limit as u64 + 1;
    if window.from_end {
        cursor.last(one_more)
    } else {
        cursor.first(one_more)
    };
    let models = cursor.all(connection).await?;
    Ok(Page::of(models, limit, order, id, window))
}

/// Reads the same page of the lists of several people, all in one statement: of the rows of `list` whose column `person`
/// names one of `people`, in the order of their ids, the oldest first.
pub async fn of_people<E>(
    connection: &impl ConnectionTrait,
    list: Select<E>,
    [person, id]: [E::Column; 2],
    people: &[UserId],
    window: &Window,
) -> Result<HashMap<UserId, Page<E::Model>>>
where
    E: EntityTrait,
    E::Model: FromQueryResult + Send + Sync,
{
    let order = Order::by_id();
    let Frame {
        limit,
        after,
        before,
    } = order.frame(window)?;
    let from = if window.from_end {
        sea_query::Order::Desc
    } else {
        sea_query::Order::Asc
    };
    let place = WindowStatement::partition_by(person)
        .order_by(id, from)
        .to_owned();
    let ranked = list
        .clone()
        .select_only()
        .column(id)
        .filter(person.is_in(people.iter().copied()))
        .filter(
            Condition::all()
                .add_option(after.map(|after| id.gt(after.id)))
                .add_option(before.map(|before| id.lt(before.id))),
        )
        .into_query()
        .expr_window_as(Func::cust("ROW_NUMBER"), place, "place")
        .to_owned();
    let shown = Query::select()
        .column(id)
        .from_subquery(ranked, "ranked")
        .and_where(Expr::col("place").lte(limit as u64 + 1))
        .to_owned();
    let models = E::find()
        .filter(id.in_subquery(shown))
        .order_by_asc(id)
        .all(connection)
        .await?;
    let mut lists: HashMap<_, Vec<_>> = people.iter().map(|id| (*id, Vec::new())).collect();
    for model in models {
        lists
            .entry(UserId(number(&model, person)))
            .or_default()
            .push(model);
    }
    let pages = lists.into_iter();
    Ok(pages
        .map(|(person, models)| (person, Page::of(models, limit, order, id, window)))
        .collect())
}

/// How many rows of `list` name each of `people` in the column `person`, in one statement.
pub async fn count_of_people<E>(
    connection: &impl ConnectionTrait,
    list: Select<E>,
    [person, id]: [E::Column; 2],
    people: &[UserId],
) -> Result<HashMap<UserId, u64>>
where
    E: EntityTrait,
{
    let counted: Vec<(UserId, i64)> = list
        .select_only()
        .column(person)
        .column_as(id.count(), "count")
        .filter(person.is_in(people.iter().copied()))
        .group_by(person)
        .into_tuple()
        .all(connection)
        .await?;
    let mut counts: HashMap<_, _> = people.iter().map(|person| (*person, 0)).collect();
    counts.extend(
        counted
            .into_iter()
            .map(|(person, count)| (person, count.unsigned_abs())),
    );
    Ok(counts)
}

impl<M: ModelTrait> Page<M> {
    /// The page, from its rows and one more where there is more.
    fn of<C>(mut models: Vec<M>, limit: usize, order: Order<C>, id: C, window: &Window) -> Self
    where
        C: ColumnTrait + Into<<M::Entity as EntityTrait>::Column>,
    {
        let more = models.len() > limit;
        if more {
            models.remove(if window.from_end { 0 } else { limit });
        }
        let (has_next, has_previous) = if window.from_end {
            (window.before.is_some(), more)
        } else {
            (more, window.after.is_some())
        };
        let row = |item: M| Row {
            cursor: order.cursor(&item, id),
            item,
        };
        Self {
            rows: models.into_iter().map(row).collect(),
            has_next,
            has_previous,
        }
    }
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
        self.frame(|_| true, faults);
    }

    /// The frame in a list to which cursors belong that `owns` says yes to.
    fn frame(&self, owns: impl Fn(&Place) -> bool, faults: &mut Faults) -> Frame {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT as i64);
        if !(1..=MAX_LIMIT as i64).contains(&limit) {
            let message = format!("is {limit}; send 1 to {MAX_LIMIT}");
            faults.add(self.limit_name, "out_of_range", message);
        }
        let mut place = |field, cursor: &Option<String>| {
            let place = Place::read(cursor.as_deref()?).filter(&owns);
            if place.is_none() {
                let message = "is not a cursor of this list in this order. Leave it out to begin again, or follow the links";
                faults.unreadable(field, "not_a_cursor", message);
            }
            place
        };
        Frame {
            after: place("after", &self.after),
            before: place("before", &self.before),
            limit: usize::try_from(limit).unwrap_or(DEFAULT_LIMIT),
        }
    }
}

impl<C: ColumnTrait> Order<C> {
    /// By id alone, the oldest first.
    pub fn by_id() -> Self {
        Self {
            name: "id",
            by: By::Id,
            descending: false,
        }
    }

    /// Notes what is wrong with a window of a list in this order.
    pub fn check(&self, window: &Window, faults: &mut Faults) {
        window.frame(|place| self.owns(place), faults);
    }

    fn frame(&self, window: &Window) -> Result<Frame> {
        let mut faults = Faults::default();
        let frame = window.frame(|place| self.owns(place), &mut faults);
        faults.verdict()?;
        Ok(frame)
    }

    /// The order's name among those of all lists, such as `games.name`.
    fn title(&self) -> String {
        format!("{}.{}", C::EntityName::default().table_name(), self.name)
    }

    /// Could the place be one of this order? A made-up one must not reach the database as a value of another type.
    fn owns(&self, place: &Place) -> bool {
        let fits = match (&self.by, &place.value) {
            (By::Id, None) | (By::Number(_), Some(Sortable::Number(_))) => true,
            (By::Text(_), Some(Sortable::Text(text))) => !text.contains('\0'),
            _ => false,
        };
        fits && place.order == self.title()
    }

    /// The cursor of a row in this order.
    pub fn cursor<M>(&self, model: &M, id: C) -> String
    where
        M: ModelTrait,
        C: Into<<M::Entity as EntityTrait>::Column>,
    {
        let value = match self.by {
            By::Id => None,
            By::Number(column) | By::Text(column) => Sortable::of(model.get(column.into())),
        };
        let place = Place {
            order: self.title(),
            value,
            id: number(model, id.into()),
        };
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(&place).unwrap_or_default())
    }
}

/// The id in a column.
fn number<M: ModelTrait>(model: &M, column: <M::Entity as EntityTrait>::Column) -> i64 {
    match model.get(column) {
        Value::BigInt(Some(id)) => id,
        _ => 0,
    }
}

impl Place {
    /// The place that a cursor names, in whatever list.
    fn read(cursor: &str) -> Option<Self> {
        let json = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        serde_json::from_slice(&json).ok()
    }

    fn key(self) -> ValueTuple {
        match self.value {
            None => self.id.into_value_tuple(),
            Some(Sortable::Number(value)) => (value, self.id).into_value_tuple(),
            Some(Sortable::Text(value)) => (value, self.id).into_value_tuple(),
        }
    }
}

impl Sortable {
    fn of(value: Value) -> Option<Self> {
        match value {
            Value::Int(Some(number)) => Some(Self::Number(number)),
            Value::String(Some(text)) => Some(Self::Text(text)),
            _ => None,
        }
    }
}
