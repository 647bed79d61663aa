//! The GraphQL surface: the same rules as REST, through the same use cases.
//!
//! [`graphql_http`] serves it over HTTP, server-sent events and WebSockets. [`hooks`] tells it about senders, admission
//! and unread responses. The types in [`schema`] resolve the operations.

mod hooks;
mod rejections;
mod schema;

use std::sync::{Arc, LazyLock};

use axum::{
    Router,
    extract::Request,
    http::HeaderValue,
    middleware::{Next, from_fn},
    response::{IntoResponse, Redirect, Response},
};
use exchange::pagination::MAX_LIMIT;
use graphql_http::{Limits, SchemaTypes};

pub use self::schema::sdl;
use self::{hooks::Host, schema::connection::COSTS};
use crate::{
    admission::Gate,
    app::App,
    http::{
        caching::CacheScope,
        media_type::accepted,
        size::{MAX_BODY, MAX_DOCUMENT},
    },
};

/// The rejection of introspection.
const INTROSPECTION_DISABLED: &str = "Introspection is disabled here. Read the schema in the documentation, or query an instance with GRAPHQL_INTROSPECTION=true.";

static TYPES: LazyLock<Arc<SchemaTypes>> =
    LazyLock::new(|| Arc::new(SchemaTypes::from_sdl(&sdl())));

/// Serves `/graphql`. Operations over a WebSocket pass `gate`, as requests do. Pages of this host and of `origins` may
/// open a WebSocket. With `hide_schema`, clients can neither query the schema nor learn of it by suggestions.
pub fn router(app: App, gate: Arc<Gate>, origins: Vec<HeaderValue>, hide_schema: bool) -> Router {
    let mut schema = schema::builder();
    if hide_schema {
        schema = schema.disable_suggestions();
    }
    let host = Host {
        app,
        gate,
        origins: origins.into(),
    };
    let service = graphql_http::serve(schema.finish(), limits(hide_schema), host);
    Router::new()
        .route("/graphql", service)
        .layer(from_fn(surround))
}

/// Creates the limits on documents.
#[must_use]
pub fn limits(hide_schema: bool) -> Limits {
    let limits = Limits::new(TYPES.clone(), MAX_LIMIT)
        .with_costs(&COSTS)
        .with_sizes(MAX_BODY, MAX_DOCUMENT);
    if hide_schema {
        limits.without_introspection(INTROSPECTION_DISABLED)
    } else {
        limits
    }
}

/// Redirects browsers without a query to GraphiQL, and adds the caching headers of the caller.
async fn surround(request: Request, next: Next) -> Response {
    if graphql_http::is_upgrade(&request) {
        return next.run(request).await;
    }
    let scope = CacheScope::for_request(&request);
    let mut response = if is_browser(&request) {
        Redirect::to("/graphiql").into_response()
    } else {
        next.run(request).await
    };
    scope.apply(&mut response);
    response
}

/// Returns true if a browser opens the address without a query.
fn is_browser(request: &Request) -> bool {
    request.method().is_safe()
        && request.uri().query().is_none()
        && accepted(request.headers())
            .iter()
            .any(|(name, weight)| name == "text/html" && *weight > 0)
}
