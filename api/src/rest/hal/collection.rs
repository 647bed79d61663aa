//! A page of a list, as a HAL collection: rows in `_embedded`, `first`, `next` and `prev` in `_links` and, for clients
//! that read no bodies, in the Link header (RFC 8288).

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

use super::{body, input::Sent, links::Links};

/// Which part of a list to show.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// The most rows on the page.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<i64>,
    /// A cursor: only what comes after it.
    pub after: Option<String>,
    /// A cursor: only what comes before it.
    pub before: Option<String>,
}

impl Sent for PageQuery {
    fn check(self, faults: &mut Faults) {
        window(self.limit, self.after, self.before).check(faults);
    }
}

/// The window that the parameters of a list ask for.
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

/// Declares a collection's body: `$body { _embedded: $embedded { $rows: [$item] }, _links }`.
macro_rules! collection {
    ($(#[$doc:meta])* $body:ident, $embedded:ident { $rows:ident: $item:ty }) => {
        $(#[$doc])*
        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub struct $body {
            #[serde(rename = "_embedded")]
            embedded: $embedded,
            /// `self`, `first`, and `next` and `prev` where there is more.
            #[serde(rename = "_links")]
            links: $crate::rest::links::Links,
        }

        #[derive(serde::Serialize, utoipa::ToSchema)]
        pub struct $embedded {
            $rows: Vec<$item>,
        }

        impl From<(Vec<$item>, $crate::rest::links::Links)> for $body {
            fn from(($rows, links): (Vec<$item>, $crate::rest::links::Links)) -> Self {
                Self { embedded: $embedded { $rows }, links }
            }
        }
    };
}
pub(super) use collection;

/// Renders a page of the list at `uri`, each row by `render`.
pub fn render<T, B, C>(uri: &Uri, page: Page<T>, render: impl FnMut(T) -> B) -> Response
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
        .to("first", turn(uri, None));
    let mut header = vec![format!("<{}>; rel=\"first\"", turn(uri, None))];
    for (relation, parameter, cursor) in last.into_iter().chain(first) {
        let href = turn(uri, Some((parameter, &cursor)));
        header.push(format!("<{href}>; rel=\"{relation}\""));
        links = links.to(relation, href);
    }
    let rows = page
        .rows
        .into_iter()
        .map(|row| row.item)
        .map(render)
        .collect();
    let mut response = body::json(&C::from((rows, links)));
    if let Ok(value) = HeaderValue::from_str(&header.join(", ")) {
        response.headers_mut().insert(header::LINK, value);
    }
    response
}

/// The same list with the same filters, from another place.
fn turn(uri: &Uri, to: Option<(&str, &str)>) -> String {
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
