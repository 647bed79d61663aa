//! The REST surface: HAL resources, described by OpenAPI.
//!
//! A handler extracts the caller and the input ([`http::extract`]), makes one call into [`exchange`], and renders the
//! result. [`crate::operations`] has a row for each of them, [`hal::links`] makes the links of resources,
//! [`crate::http::problem`] maps all errors to statuses. To add a resource, give it a file in [`resources`] with a
//! `router`, and merge it there.

mod aliases;
pub mod hal;
mod http;
pub mod openapi;
pub mod resources;

use axum::{
    Router, extract::DefaultBodyLimit, http::header::CONTENT_TYPE, middleware::from_fn,
    routing::get,
};
use utoipa_swagger_ui::{Config, SwaggerUi};

pub use self::hal::forms::for_links as forms;
use self::http::{json::JSON, negotiation};
use crate::{
    app::App,
    http::{hypermedia::paths::DESCRIPTION, size::MAX_BODY},
    pages,
};

/// Routes all paths of the surface, its description at /openapi.json, and Swagger UI at /docs.
pub fn router(app: App) -> Router {
    hal::forms::load(openapi::description);
    let (router, _) = resources::router().split_for_parts();
    let config = Config::new([DESCRIPTION])
        // Otherwise it sends the description to a validator on another host.
        .validator_url("none");
    let swagger_ui = SwaggerUi::new("/docs").config(config);
    let describe = async || ([(CONTENT_TYPE, JSON)], openapi::json());
    router
        .merge(resources::mailbox::script())
        .layer(from_fn(negotiation::negotiate))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(app)
        .merge(
            Router::from(swagger_ui)
                .route(DESCRIPTION, get(describe))
                .layer(pages::policy_layer()),
        )
}
