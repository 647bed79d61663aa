//! Reads and writes `traceparent`. [`join_trace`] continues a trace that another program began, [`child_traceparent`] does
//! so without a collector.

use std::collections::HashMap;

use opentelemetry::{
    Context,
    propagation::{Extractor, TextMapPropagator},
    trace::{SpanId, TraceContextExt, TraceFlags, TraceId},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::system::Random;

/// The header with the trace and the parent span.
const TRACEPARENT: &str = "traceparent";

/// The relation of a span to its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The span answers a request.
    Server,
    /// The span sends a message.
    Producer,
    /// The span handles a message.
    Consumer,
}

/// Puts a span into the trace of a `traceparent`, or into a new one. Returns the `traceparent` for the work that the span
/// causes, or `None` when spans are not exported. The span needs an empty field `otel.kind`.
pub fn join_trace(span: &Span, kind: Kind, incoming: Option<&str>) -> Option<String> {
    if !has_exporter(span) {
        return None;
    }
    span.set_parent(extract(incoming)).ok()?;
    span.record("otel.kind", kind.name());
    let mut headers = HashMap::new();
    TraceContextPropagator::new().inject_context(&span.context(), &mut headers);
    headers.remove(TRACEPARENT)
}

/// Returns true if the span is exported.
fn has_exporter(span: &Span) -> bool {
    // Without an exporter, a span takes no parent. This one is empty, and the next replaces it.
    span.set_parent(Context::new()).is_ok()
}

/// Creates the `traceparent` of this program in the trace of an incoming one, or in a new one.
#[must_use]
pub fn child_traceparent(incoming: Option<&str>, random: &Random) -> String {
    let context = extract(incoming);
    let parent = context.span().span_context().clone();
    let (trace, flags) = if parent.is_valid() {
        (parent.trace_id(), parent.trace_flags())
    } else {
        (TraceId::from_bytes(random.bytes()), TraceFlags::SAMPLED)
    };
    let span = SpanId::from_bytes(random.bytes());
    format!("00-{trace}-{span}-{flags:02x}")
}

/// Reads a `traceparent`. Returns an empty context if it is invalid.
fn extract(traceparent: Option<&str>) -> Context {
    let valid = traceparent.filter(|header| has_fixed_lengths(header));
    TraceContextPropagator::new().extract_with_context(&Context::new(), &Incoming(valid))
}

/// The headers of an incoming trace: a `traceparent`, or none.
struct Incoming<'h>(Option<&'h str>);

impl Extractor for Incoming<'_> {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.filter(|_| name == TRACEPARENT)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.map(|_| TRACEPARENT).into_iter().collect()
    }
}

/// Returns true if the fields have their lengths. The propagator also accepts shorter ones, signs in front of them, and a
/// dash at the end.
fn has_fixed_lengths(traceparent: &str) -> bool {
    let is_hex = |c| matches!(c, b'0'..=b'9' | b'a'..=b'f');
    let fields = traceparent.split('-').zip([2, 32, 16, 2]);
    let valid =
        fields.filter(|(field, length)| field.len() == *length && field.bytes().all(is_hex));
    valid.count() == 4 && (traceparent.len() == 55 || !traceparent.starts_with("00"))
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    fn child(incoming: &str) -> String {
        let child = child_traceparent(Some(incoming), &Random::system());
        assert!(extract(Some(&child)).has_active_span(), "{child}");
        child
    }

    #[test]
    fn child_traceparent_keeps_the_incoming_trace() {
        for (version, more) in [("00", ""), ("01", ""), ("01", "-x"), ("01", "-")] {
            let incoming = format!("{version}-{TRACE}-b7ad6b7169203331-00{more}");
            let child = child(&incoming);
            assert!(child.starts_with(&format!("00-{TRACE}-")), "{child}");
            assert!(child.ends_with("-00") && child != incoming, "{child}");
        }
    }

    #[test]
    fn child_traceparent_starts_a_trace_when_invalid() {
        for incoming in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-+af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-1",
            "0-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        ] {
            let child = child(incoming);
            assert!(!child.contains(&TRACE[1..]), "{incoming}: {child}");
        }
    }
}
