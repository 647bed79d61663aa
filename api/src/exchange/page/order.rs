//! Where a row stands in its list, and the cursor that says so.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::{
    ColumnTrait, Condition, EntityName, EntityTrait, ModelTrait, Value,
    sea_query::{self, Expr, ExprTrait},
};
use serde::{Deserialize, Serialize, Serializer};

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

/// Where a row stands in its list. What a cursor carries, as base64url of JSON; opaque to clients. The name of its order is
/// a [`Title`] or, of a cursor that came, whatever text it has.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Place<O = String> {
    order: O,
    value: Option<Sortable>,
    pub(super) id: i64,
}

/// The name of an order among those of all lists, such as `games.name`.
#[derive(Clone, Copy, Debug)]
pub struct Title {
    list: &'static str,
    order: &'static str,
}

/// The value of the column that a list is ordered by.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum Sortable {
    Number(i32),
    Text(String),
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

    fn title(&self) -> Title {
        Title {
            list: C::EntityName::default().table_name(),
            order: self.name,
        }
    }

    /// Could the place be one of this order? A made-up one must not reach the database as a value of another type.
    pub(super) fn owns(&self, place: &Place) -> bool {
        let fits = match (&self.by, &place.value) {
            (By::Id, None) | (By::Number(_), Some(Sortable::Number(_))) => true,
            (By::Text(_), Some(Sortable::Text(text))) => !text.contains('\0'),
            _ => false,
        };
        fits && place.order == self.title().to_string()
    }

    /// The columns that rows are sorted by, and which way.
    pub(super) fn sorting(&self, id: C, from_end: bool) -> (Vec<C>, sea_query::Order) {
        let columns = match self.by {
            By::Id => vec![id],
            By::Number(column) | By::Text(column) => vec![column, id],
        };
        let way = if self.descending == from_end {
            sea_query::Order::Asc
        } else {
            sea_query::Order::Desc
        };
        (columns, way)
    }

    /// Only rows between the two places, as one comparison of rows for each of them: the database steps to it in an index.
    pub(super) fn between(
        &self,
        id: C,
        after: Option<&Place>,
        before: Option<&Place>,
    ) -> Condition {
        let later = |place: &Place| self.key(id).gt(place.key());
        let earlier = |place: &Place| self.key(id).lt(place.key());
        let (after, before) = if self.descending {
            (after.map(earlier), before.map(later))
        } else {
            (after.map(later), before.map(earlier))
        };
        Condition::all().add_option(after).add_option(before)
    }

    fn key(&self, id: C) -> Expr {
        match self.by {
            By::Id => id.into_expr(),
            By::Number(column) | By::Text(column) => {
                Expr::tuple([column.into_expr(), id.into_expr()])
            }
        }
    }

    /// The place of a row.
    pub fn place_of<M>(&self, model: &M, id: C) -> Place<Title>
    where
        M: ModelTrait,
        C: Into<<M::Entity as EntityTrait>::Column>,
    {
        let value = match self.by {
            By::Id => None,
            By::Number(column) | By::Text(column) => Sortable::of(model.get(column.into())),
        };
        Place {
            order: self.title(),
            value,
            id: number(model, id.into()),
        }
    }
}

/// The id in a column.
pub(super) fn number<M: ModelTrait>(model: &M, column: <M::Entity as EntityTrait>::Column) -> i64 {
    match model.get(column) {
        Value::BigInt(Some(id)) => id,
        _ => 0,
    }
}

impl fmt::Display for Title {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.list, self.order)
    }
}

impl Serialize for Title {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Place<Title> {
    /// The cursor that names it.
    pub fn cursor(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }
}

impl Place {
    /// The place that a cursor names, in whatever list.
    pub(super) fn read(cursor: &str) -> Option<Self> {
        let json = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        serde_json::from_slice(&json).ok()
    }

    fn key(&self) -> Expr {
        match &self.value {
            None => Expr::val(self.id),
            Some(Sortable::Number(value)) => Expr::tuple([Expr::val(*value), Expr::val(self.id)]),
            Some(Sortable::Text(value)) => {
                Expr::tuple([Expr::val(value.as_str()), Expr::val(self.id)])
            }
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
