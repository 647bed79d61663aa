//! Exports spans to a collector by OTLP over HTTP, when `OTEL_EXPORTER_OTLP_ENDPOINT` names one. Runs in the background: a
//! slow or unreachable collector costs spans, and never delays requests. Without a collector everything here does nothing.
//!
//! To export the spans of another crate, add its target to [`EXPORTED_TARGETS`].
//!
//! Source: <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>

use std::time::Duration;

use opentelemetry::trace::{SpanRef, TraceContextExt, TracerProvider};
pub use opentelemetry::{KeyValue, trace::Status};
use opentelemetry_otlp::{ExporterBuildError, Protocol, SpanExporter, WithExportConfig};
use opentelemetry_sdk::{Resource, trace::SdkTracerProvider};
use tracing::{Span, Subscriber, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::Targets, registry::LookupSpan};

use crate::settings::{SettingError, Source};

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

/// A collector of spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collector {
    /// The URL without a path; spans go to its `/v1/traces`.
    endpoint: String,
}

/// The exporter, until [`Exporter::finish`].
pub struct Exporter(SdkTracerProvider);

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

/// Adds attributes to a span, when it is exported.
pub fn annotate(span: &Span, record: impl FnOnce(SpanRef<'_>)) {
    let context = span.context();
    let span = context.span();
    if span.is_recording() {
        record(span);
    }
}
