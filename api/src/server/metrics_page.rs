//! What an instance counts, in the format of Prometheus, at `/metrics`.
//!
//! That page is for operators. It is no part of the REST surface, so openapi.json does not have it, and the load balancer lets
//! nobody through to it. Labels are few: a route is its template, never a path, and a method is one of those that there are.
//! To add a number, count it in [`Metrics`], or ask for it in [`text`] when somebody looks.

use std::time::Duration;

use axum::{
    Router,
    extract::{MatchedPath, State},
    http::{Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use platform::system;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::Histogram,
    },
    registry::Registry,
};
use tokio::time::timeout;

use crate::{app::App, clients};

/// Where the page is.
pub const PATH: &str = "/metrics";
/// How long the one statement of the page may take. Without its answer the page has no backlog.
const PATIENCE: Duration = Duration::from_secs(1);
/// Seconds that an answer took, up to the limit of a request.
const BUCKETS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The counters. Cheap to clone; all clones count together.
#[derive(Clone)]
pub struct Metrics {
    requests: Family<Answered, Counter>,
    seconds: Family<Operation, Histogram, fn() -> Histogram>,
    turned_away: Family<Reason, Counter>,
    /// Requests whose answer has not begun.
    pub under_way: Gauge,
    pub outbox: outbox::Metrics,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            turned_away: Family::default(),
            under_way: Gauge::default(),
            outbox: outbox::Metrics::default(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Operation {
    route: String,
    method: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

impl Metrics {
    /// Counts an answer. `route` is none where there is no such path.
    pub fn answered(
        &self,
        route: Option<&MatchedPath>,
        method: &Method,
        status: StatusCode,
        took: Duration,
    ) {
        let route = route.map_or("none", MatchedPath::as_str).to_owned();
        let method = known(method);
        let operation = Operation {
            route: route.clone(),
            method,
        };
        let answered = Answered {
            route,
            method,
            status: status.as_u16(),
        };
        self.requests.get_or_create(&answered).inc();
        let seconds = self.seconds.get_or_create(&operation);
        seconds.observe(took.as_secs_f64());
    }

    /// Counts a request that was given up by the limits of this instance: the code of its problem says why.
    pub fn shed(&self, reason: &'static str) {
        self.turned_away.get_or_create(&Reason { reason }).inc();
    }

    fn register(&self, registry: &mut Registry) {
        registry.register(
            "requests",
            "Requests by route, method and status",
            self.requests.clone(),
        );
        registry.register(
            "request_seconds",
            "Seconds to the beginning of the answer",
            self.seconds.clone(),
        );
        registry.register(
            "requests_turned_away",
            "Requests given up for the limits of the instance",
            self.turned_away.clone(),
        );
        registry.register(
            "requests_under_way",
            "Requests under way",
            self.under_way.clone(),
        );
        self.outbox.register(registry);
    }
}

/// The method, or that it is none of those that a route takes: a client may make any up.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The page.
pub fn router(app: App) -> Router {
    Router::new().route(PATH, get(page)).with_state(app)
}

async fn page(State(app): State<App>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text(&app).await).into_response()
}

/// All numbers, those that are asked for now among them.
async fn text(app: &App) -> String {
    let mut registry = Registry::with_prefix("api");
    app.metrics.register(&mut registry);
    let mut now = |name: &str, help: &str, value: i64| {
        registry.register(name, help, ConstGauge::new(value));
    };
    let pool = app.database.pool_status();
    now(
        "database_connections",
        "Connections to the database",
        pool.open.into(),
    );
    now(
        "database_connections_idle",
        "Connections to the database that nothing uses",
        pool.idle.into(),
    );
    now(
        "database_connections_most",
        "As many connections as there may be",
        pool.max.into(),
    );
    now(
        "passwords_waiting",
        "Passwords that wait to be hashed or checked",
        i64::try_from(app.identity.passwords.waiting()).unwrap_or(i64::MAX),
    );
    now(
        "live_seats_taken",
        "Clients that listen to what happens",
        app.feed.slots_taken(),
    );
    now(
        "unread_bytes",
        "Bytes that are held for clients until they read them",
        i64::try_from(app.clients.unread.held()).unwrap_or(i64::MAX),
    );
    now(
        "unread_bytes_most",
        "As many bytes as are held for all clients together",
        http::clients::unread::MAX_TOTAL as i64,
    );
    if let Some(bytes) = system::resident_memory() {
        let help = "Memory of the process";
        now("resident_memory_bytes", help, bytes);
    }
    match timeout(PATIENCE, outbox::backlog(&app.database)).await {
        Ok(Ok(backlog)) => {
            let age = backlog.oldest.map(|oldest| app.clock.now() - oldest);
            let seconds = age.map_or(0, |age| age.num_seconds());
            let help = "Events that wait to be published";
            now("outbox_events", help, backlog.events);
            now("outbox_oldest_seconds", "Age of the oldest", seconds);
        }
        Ok(Err(cause)) => tracing::warn!(%cause, "the outbox cannot be counted"),
        Err(_) => tracing::warn!("the outbox cannot be counted in time"),
    }
    let mut text = String::new();
    match encode(&mut text, &registry) {
        Ok(()) => text,
        Err(_) => String::new(),
    }
}
