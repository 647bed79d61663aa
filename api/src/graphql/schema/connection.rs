//! Connections as Relay specifies them, over the pages of [`exchange::pagination`]. Cursors are the same as in REST.

use std::borrow::Cow;

use async_graphql::{
    Context, Object, ObjectType, OutputType, SimpleObject, TypeDirective, TypeName,
    connection::EmptyFields,
    registry::{MetaDirectiveInvocation, Registry, location_traits::Directive_At_FIELD_DEFINITION},
};
use exchange::{
    error::{Error, FieldError, Result},
    pagination::{self, Cursor, DEFAULT_LIMIT, OrderName, Page, Row, Window},
};
use graphql_http::list_size;

use super::{
    loaders::{Shared, Viewer},
    text::Text,
    total_count::TotalCount,
};

/// The cost of the fields that cost more than one value. A count may read a whole list, facets thousands of games, and
/// suggestions take several statements.
pub const COSTS: [(&str, usize); 3] = [("totalCount", 20), ("gameFacets", 500), ("titles", 20)];

/// `@listSize` of a field that returns a connection: `#[graphql(directive = PageSize::apply())]`.
pub struct PageSize;

impl TypeDirective for PageSize {
    fn name(&self) -> Cow<'static, str> {
        list_size.name()
    }

    fn register(&self, registry: &mut Registry) {
        list_size.register(registry);
    }
}

impl Directive_At_FIELD_DEFINITION for PageSize {}

impl PageSize {
    pub fn apply() -> MetaDirectiveInvocation {
        let names = |names: [&str; 2]| Some(names.map(str::to_owned).to_vec());
        let (arguments, lists) = (names(["first", "last"]), names(["edges", "nodes"]));
        list_size::apply(Some(DEFAULT_LIMIT), arguments, lists, Some(false))
    }
}

/// The four arguments of a connection.
#[derive(Debug, Default)]
pub struct Paging {
    pub first: Option<i64>,
    pub after: Option<String>,
    pub last: Option<i64>,
    pub before: Option<String>,
}

impl Paging {
    /// Returns the requested part of the list.
    pub fn window(self) -> Result<Window> {
        let limit = match (self.first, self.last) {
            (Some(_), Some(_)) => return Err(both_ends()),
            (first, last) => first.or(last),
        };
        let (after, before) = (
            pagination::non_empty_cursor(self.after),
            pagination::non_empty_cursor(self.before),
        );
        // `before` alone asks for the page that ends there.
        let ends_there = before.is_some() && after.is_none() && self.first.is_none();
        Ok(Window {
            limit,
            from_end: self.last.is_some() || ends_there,
            after,
            before,
        })
    }
}

/// Names the faults of the window's limit after the argument that set it.
pub fn name_limit(failure: Error, window: &Window) -> Error {
    match window.limit {
        Some(_) if window.from_end => name_limit_as("last", failure),
        _ => name_limit_as("first", failure),
    }
}

/// Names the faults of a limit after this argument.
pub fn name_limit_as(argument: &str, failure: Error) -> Error {
    let named = |faults: Vec<FieldError>| {
        let faults = faults.into_iter();
        let named = faults.map(|fault| FieldError {
            field: if fault.field == "limit" {
                argument.to_owned()
            } else {
                fault.field
            },
            ..fault
        });
        named.collect()
    };
    match failure {
        Error::Invalid(faults) => Error::Invalid(named(faults)),
        Error::Unreadable(faults) => Error::Unreadable(named(faults)),
        other => other,
    }
}

fn both_ends() -> Error {
    let fault = |field: &str, other: &str| FieldError {
        field: field.to_owned(),
        code: "contradictory",
        message: format!("must not be sent together with {other}; send one of the two"),
    };
    Error::Invalid(vec![fault("first", "last"), fault("last", "first")])
}

/// A page of a list. `E` has the fields that only lists of this type have.
pub struct Connection<T: OutputType, E: ObjectType = EmptyFields> {
    edges: Vec<Edge<T>>,
    page_info: PageInfo,
    total: TotalCount,
    extra: E,
}

/// One object of a list, with its cursor.
pub struct Edge<T: OutputType> {
    cursor: Cursor<OrderName>,
    node: T,
}

/// The position of a page in the list.
#[derive(Clone, SimpleObject)]
pub struct PageInfo {
    /// True if the list has edges after the last one.
    has_next_page: bool,
    /// True if the list has edges before the first one.
    has_previous_page: bool,
    /// The cursor of the first edge. Null if there is none.
    start_cursor: Option<Text<String>>,
    /// The cursor of the last edge. Null if there is none. Send it as `after` for the next page.
    end_cursor: Option<Text<String>>,
}

/// One object of a list, with its cursor.
#[Object(name_type)]
impl<T: OutputType> Edge<T> {
    /// The position in this list and order. Opaque: send it as `after` or `before`.
    async fn cursor(&self) -> Text<String> {
        Text(self.cursor.encode())
    }

    /// The item at the end of the edge.
    async fn node(&self) -> &T {
        &self.node
    }
}

/// A page of a list.
#[Object(name_type)]
impl<T: OutputType, E: ObjectType> Connection<T, E> {
    /// The objects, each with its cursor.
    async fn edges(&self) -> &[Edge<T>] {
        &self.edges
    }

    /// The objects without their cursors.
    async fn nodes(&self) -> Vec<&T> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }

    /// The position of this page in the list.
    async fn page_info(&self) -> &PageInfo {
        &self.page_info
    }

    /// The number of objects in the whole list. Counted only on request.
    async fn total_count(&self, ctx: &Context<'_>) -> Shared<u64> {
        Viewer::from_context(ctx).count(&self.total).await
    }

    #[graphql(flatten)]
    async fn extra(&self) -> &E {
        &self.extra
    }
}

impl<T: OutputType, E: ObjectType> TypeName for Connection<T, E> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", T::type_name()).into()
    }
}

impl<T: OutputType> TypeName for Edge<T> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", T::type_name()).into()
    }
}

impl<T: OutputType, E: ObjectType + Default> Connection<T, E> {
    /// Creates a connection from a page. `total` counts the whole list.
    pub fn new<R>(page: Page<R>, total: TotalCount) -> Self
    where
        T: From<R>,
    {
        Self::with_extra(page, total, E::default())
    }
}

impl<T: OutputType, E: ObjectType> Connection<T, E> {
    /// Creates a connection from a page, with the fields that only lists of this type have.
    pub fn with_extra<R>(page: Page<R>, total: TotalCount, extra: E) -> Self
    where
        T: From<R>,
    {
        let edge = |Row { cursor, item }| Edge {
            cursor,
            node: T::from(item),
        };
        let edges: Vec<_> = page.rows.into_iter().map(edge).collect();
        let cursor = |edge: Option<&Edge<T>>| edge.map(|edge| Text(edge.cursor.encode()));
        let page_info = PageInfo {
            has_next_page: page.has_next,
            has_previous_page: page.has_previous,
            start_cursor: cursor(edges.first()),
            end_cursor: cursor(edges.last()),
        };
        Self {
            edges,
            page_info,
            total,
            extra,
        }
    }
}
