//! `/metrics`: the metrics of this instance, in the format of Prometheus.
//!
//! The page is for operators. It is no part of the REST surface, so it is missing from openapi.json, and the load
//! balancer does not forward it.

use std::time::Duration;

use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};
use platform::system;
use prometheus_client::{encoding::text::encode, metrics::gauge::ConstGauge, registry::Registry};
use tokio::time::timeout;

use crate::{app::App, http::clients};

/// The path of the page.
pub(super) const PATH: &str = "/metrics";
/// The time limit of the only SQL statement. The page omits the backlog of the outbox if it takes longer.
const BACKLOG_TIMEOUT: Duration = Duration::from_secs(1);

pub(super) fn router(app: App) -> Router {
    Router::new().route(PATH, get(page)).with_state(app)
}

async fn page(State(app): State<App>) -> Response {
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, content_type)], text(&app).await).into_response()
}

/// Writes the counters, and the values that are read now.
async fn text(app: &App) -> String {
    let mut registry = Registry::with_prefix("api");
    app.metrics.register(&mut registry);
    let mut add = |name: &str, help: &str, value: i64| {
        registry.register(name, help, ConstGauge::new(value));
    };
    add_resources(app, &mut add);
    add_backlog(app, &mut add).await;
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => text,
        Err(_) => String::new(),
    }
}

/// Adds the resources of the instance that are in use.
fn add_resources(app: &App, add: &mut impl FnMut(&str, &str, i64)) {
    let pool = app.database.pool_status();
    add(
        "database_connections",
        "Open connections to the database",
        pool.open.into(),
    );
    add(
        "database_connections_idle",
        "Connections to the database that are idle",
        pool.idle.into(),
    );
    add(
        "database_connections_most",
        "Size of the connection pool",
        pool.max.into(),
    );
    add(
        "passwords_waiting",
        "Passwords that wait to be hashed or checked",
        i64::try_from(app.identity.passwords.waiting()).unwrap_or(i64::MAX),
    );
    add(
        "live_seats_taken",
        "Clients subscribed to live events",
        app.feed.slots_taken(),
    );
    add(
        "unread_bytes",
        "Bytes held for clients until they read them",
        i64::try_from(app.clients.unread.held()).unwrap_or(i64::MAX),
    );
    add(
        "unread_bytes_most",
        "Limit of bytes held for all clients together",
        clients::unread::MAX_TOTAL as i64,
    );
    if let Some(bytes) = system::resident_memory() {
        add("resident_memory_bytes", "Memory of the process", bytes);
    }
}

/// Adds the backlog of the outbox, if the database answers in time.
async fn add_backlog(app: &App, add: &mut impl FnMut(&str, &str, i64)) {
    match timeout(BACKLOG_TIMEOUT, outbox::backlog(&app.database)).await {
        Ok(Ok(backlog)) => {
            let age = backlog.oldest.map(|oldest| app.clock.now() - oldest);
            let seconds = age.map_or(0, |age| age.num_seconds());
            let help = "Events that wait to be published";
            add("outbox_events", help, backlog.events);
            add("outbox_oldest_seconds", "Age of the oldest", seconds);
        }
        Ok(Err(cause)) => tracing::warn!(%cause, "cannot count the outbox"),
        Err(_) => tracing::warn!("cannot count the outbox in time"),
    }
}
