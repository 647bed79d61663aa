//! A page of a list as a HAL collection: the rows in `_embedded`; the links `first`, `next` and `prev` in `_links` and,
//! for clients that do not read bodies, in the Link header (RFC 8288).

use axum::{
    http::{HeaderValue, Uri, header},
    response::Response,
};
use exchange::{
    pagination::{self, Page, Window},
    validation::Faults,
};
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::{
    http::hypermedia::Links,
    rest::http::{extract::Dto, json},
};

/// The part of a list to show.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The largest number of rows on the page.
    pub limit: Option<i64>,
    /// A cursor: show the rows after it.
    pub after: Option<String>,
    /// A cursor: show the rows before it.
    pub before: Option<String>,
}

impl Dto for PageQuery {
    fn check(self, faults: &mut Faults) {
        window(self.limit, self.after, self.before).check(faults);
    }
}

/// Makes the window that the parameters of a list ask for.
pub fn window(limit: Option<i64>, after: Option<String>, before: Option<String>) -> Window {
    let (after, before) = (
        pagination::non_empty_cursor(after),
        pagination::non_empty_cursor(before),
    );
    let from_end = before.is_some() && after.is_none();
    Window {
        limit,
        after,
        before,
        from_end,
    }
}

/// Declares the body of a collection: `$body { _embedded: $embedded { $rows: [$item] }, _links }`.
macro_rules! collection {
    ($(#[$doc:meta])* $body:ident, $embedded:ident { $rows:ident: $item:ty }) => {
        $(#[$doc])*
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub struct $body {
            #[serde(rename = "_embedded")]
            embedded: $embedded,
            /// `self` and `first`; `next` and `prev` if there are more rows.
            #[serde(rename = "_links")]
            links: $crate::http::hypermedia::Links,
        }

        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub struct $embedded {
            $rows: Vec<$item>,
        }

        impl From<(Vec<$item>, $crate::http::hypermedia::Links)> for $body {
            fn from(($rows, links): (Vec<$item>, $crate::http::hypermedia::Links)) -> Self {
                Self { embedded: $embedded { $rows }, links }
            }
        }
    };
}
pub(crate) use collection;

/// Responds with a page of the list at `uri`. `render` makes the body of a row.
pub fn respond<T, B, C>(uri: &Uri, page: Page<T>, render: impl FnMut(T) -> B) -> Response
where
    C: From<(Vec<B>, Links)> + Serialize,
{
    let last = page
        .rows
        .last()
        .filter(|_| page.has_next)
        .map(|row| ("next", "after", row.cursor.encode()));
    let first = page
        .rows
        .first()
        .filter(|_| page.has_previous)
        .map(|row| ("prev", "before", row.cursor.encode()));
    let mut links = Links::default()
        .to(
            "self",
            uri.path_and_query().map_or("/", |whole| whole.as_str()),
        )
        .to("first", other_page(uri, None));
    let mut header = vec![format!("<{}>; rel=\"first\"", other_page(uri, None))];
    for (relation, parameter, cursor) in last.into_iter().chain(first) {
        let href = other_page(uri, Some((parameter, &cursor)));
        header.push(format!("<{href}>; rel=\"{relation}\""));
        links = links.to(relation, href);
    }
    let rows = page
        .rows
        .into_iter()
        .map(|row| row.item)
        .map(render)
        .collect();
    let mut response = json::respond(&C::from((rows, links)));
    if let Ok(value) = HeaderValue::from_str(&header.join(", ")) {
        response.headers_mut().insert(header::LINK, value);
    }
    response
}

/// Returns the address of another page of the same list, with the same filters.
fn other_page(uri: &Uri, to: Option<(&str, &str)>) -> String {
    let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let kept = pairs.filter(|(name, _)| !["after", "before"].contains(&name.as_ref()));
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .extend_pairs(to)
        .finish();
    if query.is_empty() {
        uri.path().to_owned()
    } else {
        format!("{}?{query}", uri.path())
    }
}
