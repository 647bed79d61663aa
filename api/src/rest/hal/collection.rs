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

/// Declares the body of a collection: `$body { _embedded: $embedded { $rows: [$item] }, $own, _links }`. Its own fields
/// are options, absent at first.
macro_rules! collection {
    (
        $(#[$doc:meta])*
        $body:ident, $embedded:ident { $rows:ident: $item:ty }
        $(, { $($(#[$own_doc:meta])* $own:ident: $kind:ty),+ $(,)? })?
    ) => {
        $(#[$doc])*
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub struct $body {
            #[serde(rename = "_embedded")]
            embedded: $embedded,
            $($($(#[$own_doc])* $own: Option<$kind>,)+)?
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
                Self { embedded: $embedded { $rows }, $($($own: None,)+)? links }
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
    respond_with(uri, page, render, |rows, links| C::from((rows, links)))
}

/// Responds with a page of the list at `uri`. `render` makes the body of a row, and `collect` that of the page.
pub fn respond_with<T, B, C: Serialize>(
    uri: &Uri,
    page: Page<T>,
    render: impl FnMut(T) -> B,
    collect: impl FnOnce(Vec<B>, Links) -> C,
) -> Response {
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
        .to("self", whole(uri))
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
    let mut response = json::respond(&collect(rows, links));
    if let Ok(value) = HeaderValue::from_str(&header.join(", ")) {
        response.headers_mut().insert(header::LINK, value);
    }
    response
}

/// Returns the path and the query of a request.
pub fn whole(uri: &Uri) -> &str {
    uri.path_and_query().map_or("/", |whole| whole.as_str())
}

/// Returns the address of another page of the same list, with the same filters.
fn other_page(uri: &Uri, to: Option<(&str, &str)>) -> String {
    with_parameters(uri.path(), uri, &["after", "before"], to)
}

/// Returns an address at `path` with the parameters of a request, without those that are `left_out`, and with `more`.
pub fn with_parameters<'p>(
    path: &str,
    uri: &Uri,
    left_out: &[&str],
    more: impl IntoIterator<Item = (&'p str, &'p str)>,
) -> String {
    let pairs = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let kept = pairs.filter(|(name, _)| !left_out.contains(&name.as_ref()));
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(kept)
        .extend_pairs(more)
        .finish();
    if query.is_empty() {
        path.to_owned()
    } else {
        format!("{path}?{query}")
    }
}
