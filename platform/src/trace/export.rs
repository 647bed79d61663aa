//! Exports spans to a collector by OTLP over HTTP, when `OTEL_EXPORTER_OTLP_ENDPOINT` names one. Runs in the background: a
//! slow or unreachable collector costs spans, and never delays requests. Without a collector everything here does nothing.
//!
//! [`join_trace`] continues a trace that another program began, [`child_traceparent`] does so without a collector. To export
//! the spans of another crate, add its target to [`EXPORTED_TARGETS`].
//!
//! Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>

use std::{collections::HashMap, time::Duration};

use opentelemetry::{
    Context,
    propagation::TextMapPropagator,
    trace::{SpanId, SpanRef, TraceContextExt, TraceFlags, TraceId, TracerProvider},
};
pub use opentelemetry::{KeyValue, trace::Status};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::{Span, Subscriber, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use crate::{
    settings::{SettingError, Source},
    system::Random,
};

const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// The crates whose spans are exported. Those of the libraries that send them are not.
const EXPORTED_TARGETS: [&str; 6] = [
    "api",
    "exchange",
    "graphql_http",
    "notifier",
    "outbox",
    "platform",
];
/// The time allowed for the last spans on shutdown.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);
/// The header with the trace and the parent span.
const TRACEPARENT: &str = "traceparent";

/// A collector of spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collector {
    /// The URL without a path; spans go to its `/v1/traces`.
    endpoint: String,
}

/// The exporter, until [`Exporter::finish`].
pub struct Exporter(SdkTracerProvider);

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

impl Collector {
    /// Reads the setting. `None`: spans are not exported.
    pub fn read(source: &Source<'_>) -> Result<Option<Self>, SettingError> {
        let Some(endpoint) = source.text(ENDPOINT)? else {
            return Ok(None);
        };
        if !["http://", "https://"]
            .iter()
            .any(|scheme| endpoint.starts_with(scheme))
        {
            let problem =
                format!("must be a URL such as http://collector:4318, but is {endpoint:?}");
            return Err(SettingError::new(ENDPOINT, problem));
        }
        let endpoint = endpoint.trim_end_matches('/').to_owned();
        Ok(Some(Self { endpoint }))
    }

    /// Starts to export the spans of one instance of a program.
    pub fn connect(
        &self,
        service: &'static str,
        instance: String,
    ) -> Result<Exporter, ExporterBuildError> {
        let exporter = SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_endpoint(format!("{}/v1/traces", self.endpoint))
            .build()?;
        let resource = Resource::builder()
            .with_service_name(service)
            .with_attribute(KeyValue::new("service.namespace", "exchange"))
            .with_attribute(KeyValue::new("service.instance.id", instance))
            .build();
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource);
        Ok(Exporter(provider.build()))
    }
}

impl Exporter {
    /// Returns the layer that collects the spans of this process.
    pub(crate) fn layer<S>(&self) -> impl Layer<S> + use<S>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        let own =
            Targets::new().with_targets(EXPORTED_TARGETS.map(|target| (target, LevelFilter::INFO)));
        tracing_opentelemetry::layer()
            .with_tracer(self.0.tracer("exchange"))
            .with_location(false)
            .with_threads(false)
            .with_tracked_inactivity(false)
            .with_filter(own)
    }

    /// Sends the remaining spans. They are lost when the collector does not accept them in time.
    pub async fn finish(self) {
        let finished =
            tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(FLUSH_TIMEOUT)).await;
        if let Ok(Err(cause)) = finished {
            tracing::warn!(%cause, "the last spans are lost");
        }
    }
}

/// Puts a span into the trace of a `traceparent`, or into a new one. Returns the `traceparent` for the work that the span
/// causes, or `None` when spans are not exported. The span needs an empty field `otel.kind`.
pub fn join_trace(span: &Span, kind: Kind, incoming: Option<&str>) -> Option<String> {
    // Fails when there is no exporter, before anything is parsed.
    span.set_parent(Context::new()).ok()?;
    span.set_parent(extract(incoming)).ok()?;
    span.record("otel.kind", kind.name());
    let mut headers = HashMap::new();
    TraceContextPropagator::new().inject_context(&span.context(), &mut headers);
    headers.remove(TRACEPARENT)
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
    let headers = valid.map(|header| (TRACEPARENT.to_owned(), header.to_owned()));
    let headers: HashMap<_, _> = headers.into_iter().collect();
    TraceContextPropagator::new().extract_with_context(&Context::new(), &headers)
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

/// Adds attributes to a span, when it is exported.
pub fn annotate(span: &Span, record: impl FnOnce(SpanRef<'_>)) {
    let context = span.context();
    let span = context.span();
    if span.is_recording() {
        record(span);
    }
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
