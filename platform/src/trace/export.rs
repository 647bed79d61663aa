//! Spans, sent to a collector where `OTEL_EXPORTER_OTLP_ENDPOINT` names one: by OTLP over HTTP, in the background, so that a
//! collector that is slow or away keeps nobody waiting and costs the spans alone. Everything here does nothing elsewhere.
//!
//! A span of `tracing` that continues what another program began is put into its trace by [`join_trace`]. To export one of
//! another crate, name its target in [`EXPORTED_TARGETS`].
//!
//! Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>

use std::{collections::HashMap, time::Duration};

use opentelemetry::{
    Context,
    propagation::TextMapPropagator,
    trace::{SpanRef, TraceContextExt, TracerProvider},
};
pub use opentelemetry::{KeyValue, trace::Status};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, propagation::TraceContextPropagator, trace::SdkTracerProvider};
use tracing::{Span, Subscriber, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use crate::settings::{SettingError, Source};

/// The setting.
const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
/// Whose spans are exported: not those of the libraries that send them.
const EXPORTED_TARGETS: [&str; 3] = ["api", "notifier", "platform"];
/// How long the last spans may take to leave when the program stops.
const FLUSH_TIMEOUT: Duration = Duration::from_secs(2);
/// The header that says which span caused something.
const TRACEPARENT: &str = "traceparent";

/// Whoever collects spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collector {
    /// A URL without a path; spans go to `/v1/traces` of it.
    endpoint: String,
}

/// Sends spans, until it is told to stop.
pub struct Exporter(SdkTracerProvider);

/// What a span is to the one that caused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It answers a request.
    Server,
    /// It sends a message.
    Producer,
    /// It handles a message.
    Consumer,
}

impl Collector {
    /// `None` where spans go nowhere.
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

    /// Begins to send the spans of a program, of which this is one instance.
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
    /// Takes the spans of this process.
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

    /// Sends what is left. It is lost where the collector does not take it in time.
    pub async fn finish(self) {
        let finished =
            tokio::task::spawn_blocking(move || self.0.shutdown_with_timeout(FLUSH_TIMEOUT)).await;
        if let Ok(Err(cause)) = finished {
            tracing::warn!(%cause, "the last spans are lost");
        }
    }
}

/// Puts a span into the trace of a `traceparent`, or into a new one. Gives the `traceparent` for what the span causes; none
/// where spans go nowhere. The span needs an empty field `otel.kind`.
pub fn join_trace(span: &Span, kind: Kind, incoming: Option<&str>) -> Option<String> {
    // Fails where nobody takes spans, before anything is read.
    span.set_parent(Context::new()).ok()?;
    let propagator = TraceContextPropagator::new();
    let headers = incoming.map(|incoming| (TRACEPARENT.to_owned(), incoming.to_owned()));
    let headers: HashMap<_, _> = headers.into_iter().collect();
    span.set_parent(propagator.extract(&headers)).ok()?;
    span.record("otel.kind", kind.name());
    let mut headers = HashMap::new();
    propagator.inject_context(&span.context(), &mut headers);
    headers.remove(TRACEPARENT)
}

/// Says more of a span, where it is sent to somebody.
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
