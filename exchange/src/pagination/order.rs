//! Orders of a list, and the cursors that name a position in one.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::{
    ColumnTrait, Condition, EntityName, EntityTrait, ModelTrait, Value,
    sea_query::{self, Expr, ExprTrait},
};
use serde::{Deserialize, Serialize, Serializer};

/// The order of a list: by a column, if any, then by id.
#[derive(Clone, Copy, Debug)]
pub struct Order<C> {
    /// The name of the order, unique in its list: a cursor is valid in its own order only.
    pub name: &'static str,
    pub by: SortKey<C>,
    pub descending: bool,
}

/// The column that a list is ordered by, with the type of its values.
#[derive(Clone, Copy, Debug)]
pub enum SortKey<C> {
    Id,
    Number(C),
    Text(C),
}

/// The position of a row in its list. Encoded as base64url of JSON; opaque to clients. `O` is an [`OrderName`], or the
/// text that a client sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Cursor<O = String> {
    order: O,
    value: Option<SortValue>,
    pub(super) id: i64,
}

/// The name of an order, unique among all lists, such as `games.name`.
#[derive(Clone, Copy, Debug)]
pub struct OrderName {
    list: &'static str,
    order: &'static str,
}

/// The value of the column that a list is ordered by.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(untagged)]
enum SortValue {
    Number(i32),
    Text(String),
}

impl<C: ColumnTrait> Order<C> {
    /// Orders by id alone, the oldest first.
    pub fn by_id() -> Self {
        Self {
            name: "id",
            by: SortKey::Id,
            descending: false,
        }
    }

    fn order_name(&self) -> OrderName {
        OrderName {
            list: C::EntityName::default().table_name(),
            order: self.name,
        }
    }

    /// Checks that the cursor fits this order: a forged one must not reach the database as a value of another type.
    pub(super) fn accepts(&self, cursor: &Cursor) -> bool {
        let fits = match (&self.by, &cursor.value) {
            (SortKey::Id, None) | (SortKey::Number(_), Some(SortValue::Number(_))) => true,
            (SortKey::Text(_), Some(SortValue::Text(text))) => !text.contains('\0'),
            _ => false,
        };
        fits && cursor.order == self.order_name().to_string()
    }

    /// Returns the columns to sort by, and the direction.
    pub(super) fn sorting(&self, id: C, from_end: bool) -> (Vec<C>, sea_query::Order) {
        let columns = match self.by {
            SortKey::Id => vec![id],
            SortKey::Number(column) | SortKey::Text(column) => vec![column, id],
        };
        let way = if self.descending == from_end {
            sea_query::Order::Asc
        } else {
            sea_query::Order::Desc
        };
        (columns, way)
    }

    /// Restricts rows to those between two cursors. Each is one row comparison, which the database seeks in an index.
    pub(super) fn between(
        &self,
        id: C,
        after: Option<&Cursor>,
        before: Option<&Cursor>,
    ) -> Condition {
        let later = |cursor: &Cursor| self.key(id).gt(cursor.key());
        let earlier = |cursor: &Cursor| self.key(id).lt(cursor.key());
        let (after, before) = if self.descending {
            (after.map(earlier), before.map(later))
        } else {
            (after.map(later), before.map(earlier))
        };
        Condition::all().add_option(after).add_option(before)
    }

    fn key(&self, id: C) -> Expr {
        match self.by {
            SortKey::Id => id.into_expr(),
            SortKey::Number(column) | SortKey::Text(column) => {
                Expr::tuple([column.into_expr(), id.into_expr()])
            }
        }
    }

    /// Returns the cursor of a row.
    pub fn cursor_for<M>(&self, model: &M, id: C) -> Cursor<OrderName>
    where
        M: ModelTrait,
        C: Into<<M::Entity as EntityTrait>::Column>,
    {
        let value = match self.by {
            SortKey::Id => None,
            SortKey::Number(column) | SortKey::Text(column) => {
                SortValue::from_value(model.get(column.into()))
            }
        };
        Cursor {
            order: self.order_name(),
            value,
            id: id_in(model, id.into()),
        }
    }
}

/// Reads an id from a column.
pub(super) fn id_in<M: ModelTrait>(model: &M, column: <M::Entity as EntityTrait>::Column) -> i64 {
    match model.get(column) {
        Value::BigInt(Some(id)) => id,
        _ => 0,
    }
}

impl fmt::Display for OrderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.list, self.order)
    }
}

impl Serialize for OrderName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Cursor<OrderName> {
    /// Encodes the cursor for clients.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(serde_json::to_vec(self).unwrap_or_default())
    }
}

impl Cursor {
    /// Decodes a cursor of any list.
    pub(super) fn parse(cursor: &str) -> Option<Self> {
        let json = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        serde_json::from_slice(&json).ok()
    }

    /// Returns the value of the column that the list is ordered by, if it is a text.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Some(SortValue::Text(text)) => Some(text),
            _ => None,
        }
    }

    fn key(&self) -> Expr {
        match &self.value {
            None => Expr::val(self.id),
            Some(SortValue::Number(value)) => Expr::tuple([Expr::val(*value), Expr::val(self.id)]),
            Some(SortValue::Text(value)) => {
                Expr::tuple([Expr::val(value.as_str()), Expr::val(self.id)])
            }
        }
    }
}

impl SortValue {
    fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Int(Some(number)) => Some(Self::Number(number)),
            Value::String(Some(text)) => Some(Self::Text(text)),
            _ => None,
        }
    }
}
