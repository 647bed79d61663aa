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
        export::{self, KeyValue, Kind, Status},
        trace_id,
    },
};
use tracing::Span;

/// Joins the span of a request to the incoming trace, or to a new one. Returns the `traceparent` for the work that the
/// request causes. The span needs empty fields `trace_id` and `otel.kind`.
#[must_use]
pub fn begin(span: &Span, incoming: Option<&str>, random: &Random) -> String {
    let parent = export::join_trace(span, Kind::Server, incoming);
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

/// Creates the `traceparent` of this service in the incoming trace, or in a new one.
fn child_traceparent(incoming: Option<&str>, random: &Random) -> String {
    let (trace, flags) = match incoming.and_then(parse) {
        Some((trace, flags)) => (trace.to_owned(), flags),
        None => (hex::encode(random.bytes::<16>()), "01"),
    };
    format!("00-{trace}-{}-{flags}", hex::encode(random.bytes::<8>()))
}

/// Parses a header into its trace id and flags. Returns none if it is invalid.
fn parse(header: &str) -> Option<(&str, &str)> {
    let mut parts = header.split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_hex = |text: &str, length| {
        text.len() == length && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
    };
    let is_non_zero = |text: &str| text.bytes().any(|c| c != b'0');
    let is_complete = parts.next().is_none() || version != "00";
    let has_version = is_hex(version, 2) && version != "ff" && is_complete && is_hex(flags, 2);
    let has_ids =
        is_hex(trace, 32) && is_non_zero(trace) && is_hex(parent, 16) && is_non_zero(parent);
    (has_version && has_ids).then_some((trace, flags))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn child_traceparent_keeps_the_incoming_trace() {
        let incoming = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        let next = child_traceparent(Some(incoming), &Random::system());
        assert!(
            next.starts_with("00-0af7651916cd43dd8448eb211c80319c-"),
            "{next}"
        );
        assert!(next.ends_with("-00") && next != incoming, "{next}");
        assert!(parse(&next).is_some());
    }

    #[test]
    fn child_traceparent_starts_a_trace_when_invalid() {
        for incoming in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        ] {
            let next = child_traceparent(Some(incoming), &Random::system());
            assert!(parse(&next).is_some(), "{next}");
            assert!(!next.contains("0af7651916cd43dd8448eb211c80319c"), "{next}");
        }
    }
}
