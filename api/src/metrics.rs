//! The metrics that an instance counts. `/metrics` shows them in the format of Prometheus: see [`crate::server`].
//!
//! Labels have few values: a route is its template, never a path, and a method is a known one. To add a counter, add it
//! to [`Metrics`]; a value that is only read when Prometheus asks is added to the page.

use std::time::Duration;

use axum::{
    extract::MatchedPath,
    http::{Method, StatusCode},
};
use prometheus_client::{
    encoding::EncodeLabelSet,
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

/// The buckets of response times, in seconds.
const BUCKETS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// The counters. Clones share them.
#[derive(Clone)]
pub struct Metrics {
    requests: Family<RequestLabels, Counter>,
    seconds: Family<RouteLabels, Histogram, fn() -> Histogram>,
    shed: Family<ShedLabels, Counter>,
    /// Requests whose response has not begun.
    pub in_flight: Gauge,
    pub outbox: outbox::Metrics,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            seconds: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            shed: Family::default(),
            in_flight: Gauge::default(),
            outbox: outbox::Metrics::default(),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RequestLabels {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct RouteLabels {
    route: String,
    method: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ShedLabels {
    reason: &'static str,
}

impl Metrics {
    /// Counts a response. `route` is none if no route matched.
    pub fn responded(
        &self,
        route: Option<&MatchedPath>,
        method: &Method,
        status: StatusCode,
        elapsed: Duration,
    ) {
        let route = route.map_or("none", MatchedPath::as_str).to_owned();
        let method = method_label(method);
        let labels = RouteLabels {
            route: route.clone(),
            method,
        };
        let request = RequestLabels {
            route,
            method,
            status: status.as_u16(),
        };
        self.requests.get_or_create(&request).inc();
        let seconds = self.seconds.get_or_create(&labels);
        seconds.observe(elapsed.as_secs_f64());
    }

    /// Counts a request that a limit of this instance ended. `reason` is the code of its problem.
    pub fn shed(&self, reason: &'static str) {
        self.shed.get_or_create(&ShedLabels { reason }).inc();
    }

    /// Registers all counters.
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "requests",
            "Requests by route, method and status",
            self.requests.clone(),
        );
        registry.register(
            "request_seconds",
            "Time from the request to the beginning of the response, in seconds",
            self.seconds.clone(),
        );
        registry.register(
            "requests_turned_away",
            "Requests that a limit of the instance ended",
            self.shed.clone(),
        );
        registry.register(
            "requests_under_way",
            "Requests in flight",
            self.in_flight.clone(),
        );
        self.outbox.register(registry);
    }
}

/// Returns the label of a method. Clients can make methods up, so unknown ones share a label.
fn method_label(method: &Method) -> &'static str {
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
