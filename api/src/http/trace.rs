//! The trace context of a request (W3C Trace Context): joins the span of a request to the trace of its client.
//!
//! Source: <https://www.w3.org/TR/trace-context/#traceparent-header>

use axum::{
    extract::MatchedPath,
    http::{Method, StatusCode},
};
use platform::{
    system::Random,
    trace::{
        context::{Kind, child_traceparent, join_trace},
        export::{self, KeyValue, Status},
        trace_id,
    },
};
use tracing::Span;

/// Joins the span of a request to the incoming trace, or to a new one. Returns the `traceparent` for the work that the
/// request causes. The span needs empty fields `trace_id` and `otel.kind`.
#[must_use]
pub fn begin(span: &Span, incoming: Option<&str>, random: &Random) -> String {
    let parent = join_trace(span, Kind::Server, incoming);
    let parent = parent.unwrap_or_else(|| child_traceparent(incoming, random));
    span.record("trace_id", trace_id(&parent));
    parent
}

/// Records the response to a request in its span.
///
/// Source: <https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server>
pub fn record_response(method: &Method, route: Option<&MatchedPath>, status: StatusCode) {
    export::annotate(&Span::current(), |span| {
        if let Some(route) = route {
            span.update_name(format!("{method} {}", route.as_str()));
            span.set_attribute(KeyValue::new("http.route", route.as_str().to_owned()));
        }
        span.set_attribute(KeyValue::new("http.request.method", method.to_string()));
        let code = i64::from(status.as_u16());
        span.set_attribute(KeyValue::new("http.response.status_code", code));
        if status.is_server_error() {
            span.set_status(Status::error(""));
        }
    });
}
