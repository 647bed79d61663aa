//! The REST surface: hypermedia in HAL, failures as problem documents (RFC 9457), described by OpenAPI.
//!
//! A handler takes who is asking and what they sent ([`input`]), makes one call into [`exchange`] or
//! [`exchange::identity`], and renders the answer. [`links`] is the one place that makes links, [`problem`] the one that
//! maps failures to statuses. To add a resource, give it a file with a `router` and merge it in [`documented`].

mod auth;
mod body;
mod conditional;
mod events;
mod forms;
pub mod games;
mod home;
mod html;
mod input;
mod letters;
pub mod links;
mod negotiation;
pub mod offers;
pub mod openapi;
mod page;
pub mod problem;
mod system;
mod trade_offers;
mod users;

use axum::{
    Router, extract::DefaultBodyLimit, http::header::CONTENT_TYPE, middleware::from_fn,
    routing::get,
};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

use self::links::DESCRIPTION;
use crate::{app::App, http::size::MAX_BODY, pages};

/// All paths of the surface, with their description at /openapi.json and Swagger UI at /docs.
pub fn router(app: App) -> Router {
    let (router, _) = documented().split_for_parts();
    let config = Config::new([DESCRIPTION])
        // Else it asks a host of its makers whether the description is valid.
        .validator_url("none");
    let swagger_ui = SwaggerUi::new("/docs").config(config);
    let describe = async || ([(CONTENT_TYPE, "application/json")], openapi::json());
    router
        .merge(trade_offers::aliases())
        .merge(letters::script())
        .layer(from_fn(negotiation::negotiate))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(app)
        .merge(
            Router::from(swagger_ui)
                .route(DESCRIPTION, get(describe))
                .layer(pages::strict()),
        )
}

/// The paths that carry their own description.
fn documented() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::preamble())
        .merge(home::router())
        .merge(system::router())
        .merge(problem::pages::router())
        .merge(auth::router())
        .merge(letters::router())
        .merge(users::router())
        .merge(games::router())
        .merge(offers::router())
        .merge(trade_offers::router())
        .merge(events::router())
}
