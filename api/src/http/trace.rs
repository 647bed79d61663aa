//! The trace of the request under way, as the W3C Trace Context passes it on, so that an event can say what caused it.
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

/// Puts the span of a request into the trace that the request names, or into a new one. Gives the `traceparent` for what the
/// request causes. The span needs empty fields `trace_id` and `otel.kind`.
#[must_use]
pub fn begin(span: &Span, incoming: Option<&str>, random: &Random) -> String {
    let parent = export::join_trace(span, Kind::Server, incoming);
    let parent = parent.unwrap_or_else(|| step(incoming, random));
    span.record("trace_id", trace_id(&parent));
    parent
}

/// Says what came of a request, to whoever collects its span.
///
/// Source: <https://opentelemetry.io/docs/specs/semconv/http/http-spans/#http-server>
pub fn answered(method: &Method, route: Option<&MatchedPath>, status: StatusCode) {
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

/// A step of this service in the trace that the request names, or in a new one.
fn step(incoming: Option<&str>, random: &Random) -> String {
    let (trace, flags) = match incoming.and_then(read) {
        Some((trace, flags)) => (trace.to_owned(), flags),
        None => (hex::encode(random.bytes::<16>()), "01"),
    };
    format!("00-{trace}-{}-{flags}", hex::encode(random.bytes::<8>()))
}

/// The trace and the flags, where the header is as it should be.
fn read(header: &str) -> Option<(&str, &str)> {
    let mut parts = header.split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is = |text: &str, length| {
        text.len() == length && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
    };
    let something = |text: &str| text.bytes().any(|c| c != b'0');
    let whole = parts.next().is_none() || version != "00";
    let good = is(version, 2) && version != "ff" && whole && is(flags, 2);
    let named = is(trace, 32) && something(trace) && is(parent, 16) && something(parent);
    (good && named).then_some((trace, flags))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn step_stays_in_the_trace_of_the_request() {
        let incoming = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        let next = step(Some(incoming), &Random::system());
        assert!(
            next.starts_with("00-0af7651916cd43dd8448eb211c80319c-"),
            "{next}"
        );
        assert!(next.ends_with("-00") && next != incoming, "{next}");
        assert!(read(&next).is_some());
    }

    #[test]
    fn step_begins_a_trace_where_the_header_is_not_one() {
        for incoming in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        ] {
            let next = step(Some(incoming), &Random::system());
            assert!(read(&next).is_some(), "{next}");
            assert!(!next.contains("0af7651916cd43dd8448eb211c80319c"), "{next}");
        }
    }
}
