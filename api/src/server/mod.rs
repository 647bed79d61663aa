//! Both surfaces as one HTTP service. [`envelope`] gives every response what all have in common, [`limits`] bounds a
//! request, [`connections`] a connection; [`host`] checks the Host header, [`bodies`] reads request bodies ahead, and
//! [`linger`] discards what nobody reads. [`metrics_page`] is for operators.

mod bodies;
pub mod connections;
mod cors;
mod envelope;
mod host;
pub mod limits;
mod linger;
mod metrics_page;

use std::sync::Arc;

use axum::{
    Router,
    http::HeaderValue,
    middleware::{from_fn, from_fn_with_state},
};
use tower_http::catch_panic::CatchPanicLayer;

use self::{
    envelope::{EnvelopeState, envelope},
    limits::{Limits, RequestLimits},
};
use crate::{
    app::App,
    graphql,
    http::{TrustedProxies, problem},
    pages, rest,
};

/// The settings of the service that concern the network.
#[derive(Clone, Debug, Default)]
pub struct Exposure {
    /// The origins whose pages may call the service from a browser.
    pub cors_origins: Vec<HeaderValue>,
    /// Accepts only loopback names in the Host header, so that no other web page can reach a developer's machine under
    /// a name of its own (DNS rebinding).
    pub loopback_names_only: bool,
    /// Disables introspection of the GraphQL schema.
    pub hide_schema: bool,
    /// The proxies whose forwarded client addresses are trusted.
    pub trusted_proxies: TrustedProxies,
    pub limits: Limits,
}

/// Builds the whole service.
pub fn router(app: App, exposure: Exposure) -> Router {
    let gate = Arc::new(exposure.limits.gate(&app));
    let limits = RequestLimits::new(&exposure.limits, gate.clone(), app.clients.unread.clone());
    let service = Router::new()
        .merge(rest::router(app.clone()))
        .merge(graphql::router(
            app.clone(),
            gate,
            exposure.cors_origins.clone(),
            exposure.hide_schema,
        ))
        .merge(pages::router(pages::EMBEDDED))
        .merge(metrics_page::router(app.clone()))
        .layer(CatchPanicLayer::custom(problem::from_panic))
        .layer(from_fn_with_state(Arc::new(limits), limits::enforce));
    let service = if exposure.loopback_names_only {
        service.layer(from_fn(host::require_loopback))
    } else {
        service
    };
    let service = if exposure.cors_origins.is_empty() {
        service
    } else {
        service.layer(cors::layer(exposure.cors_origins))
    };
    let state = EnvelopeState::new(app, exposure.trusted_proxies);
    // A fallback service, because a router adds Allow to its 405 only after its own layers have run.
    Router::new()
        .fallback_service(service)
        .layer(from_fn_with_state(state, envelope))
}
