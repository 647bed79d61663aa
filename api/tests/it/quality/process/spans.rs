//! Spans of the program, as a collector receives them.

use std::sync::mpsc::{Receiver, Sender, channel};

use axum::{Router, body::Bytes, extract::State, routing::post};
use opentelemetry_proto::tonic::{
    collector::trace::v1::ExportTraceServiceRequest,
    trace::v1::{Span, span::SpanKind},
};
use prost::Message;
use tokio::{net::TcpListener, runtime::Runtime};

use super::{
    directory,
    server::{Server, Settings, status},
};
use crate::support::kafka::Cluster;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const CAUSE: &str = "b7ad6b7169203331";

/// A collector, which runs until it is dropped.
struct Collector {
    endpoint: String,
    came: Receiver<ExportTraceServiceRequest>,
    _runtime: Runtime,
}

impl Collector {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let (sender, came) = channel();
        let router = Router::new()
            .route("/v1/traces", post(take))
            .with_state(sender);
        runtime.spawn(async { axum::serve(listener, router).await });
        Self {
            endpoint,
            came,
            _runtime: runtime,
        }
    }

    /// Returns the spans of [`TRACE`], and the name of their instance.
    fn spans(&self) -> (Vec<Span>, String) {
        let resources = self.came.try_iter().flat_map(|sent| sent.resource_spans);
        let (mut spans, mut of) = (Vec::new(), String::new());
        for sent in resources {
            of = format!("{:?}", sent.resource);
            let all = sent.scope_spans.into_iter().flat_map(|scope| scope.spans);
            spans.extend(all.filter(|span| hex::encode(&span.trace_id) == TRACE));
        }
        (spans, of)
    }
}

async fn take(State(sender): State<Sender<ExportTraceServiceRequest>>, body: Bytes) {
    let sent = ExportTraceServiceRequest::decode(body).unwrap();
    // The test may be over.
    let _ = sender.send(sent);
}

/// Makes an offer as a part of the trace, and stops the program, which must exit with 0.
fn offers(settings: Settings<'_>, until: impl Fn(&str) -> bool) -> Vec<String> {
    let directory = directory();
    let mut server = Server::start(directory.path(), &["--demo"], settings);
    let headers = format!(
        "X-User-ID: 3\r\nContent-Type: application/json\r\ntraceparent: 00-{TRACE}-{CAUSE}-01\r\n"
    );
    let body = r#"{"offered_game_id": 9, "requested_game_id": 3}"#;
    let answer = server.call("POST", "/offers", &headers, body);
    assert_eq!(status(&answer), "201", "{answer}");
    let lines = server.log.by_ref().map(Result::unwrap);
    let mut log: Vec<_> = lines.take_while(|line| !until(line)).collect();
    server.signal("-TERM");
    let (status, rest) = server.end();
    log.extend(rest);
    assert!(status.success(), "{log:#?}");
    log
}

/// Returns the spans with a name.
fn named<'s>(spans: &'s [Span], name: &str) -> Vec<&'s Span> {
    spans.iter().filter(|span| span.name == name).collect()
}

#[test]
fn spans_lead_from_the_request_to_its_letters() {
    let collector = Collector::start();
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint.as_str()),
        ("INSTANCE_NAME", "api7"),
        ("RUST_LOG", "warn,notifier=info"), // what the log leaves out is exported all the same
        ("LOG_FORMAT", "json"),
    ];
    // After the second of the two letters both spans are about to end, and the stop waits for them.
    let letters = std::cell::Cell::new(0);
    offers(&settings, |line| {
        letters.set(letters.get() + u32::from(line.contains(TRACE)));
        letters.get() == 2
    });
    let (spans, resource) = collector.spans();
    let [request] = named(&spans, "POST /offers")[..] else {
        panic!("{spans:#?}");
    };
    assert_eq!(hex::encode(&request.parent_span_id), CAUSE);
    assert_eq!(request.kind(), SpanKind::Server);
    let facts = format!("{:?}", request.attributes);
    for fact in ["http.response.status_code", "IntValue(201)", "/offers"] {
        assert!(facts.contains(fact), "no {fact} in {facts}");
    }
    let letters = named(&spans, "letter");
    assert_eq!(letters.len(), 2, "{spans:#?}");
    for letter in letters {
        assert_eq!(letter.parent_span_id, request.span_id);
        assert_eq!(letter.kind(), SpanKind::Consumer);
    }
    for name in ["exchange-api", "api7"] {
        assert!(resource.contains(name), "no {name} in {resource}");
    }
}

#[test]
fn publish_span_is_the_trace_parent_of_the_record() {
    let (collector, cluster) = (Collector::start(), Cluster::start());
    let settings = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint.as_str()),
        (
            "KAFKA_BOOTSTRAP_SERVERS",
            cluster.settings.bootstrap_servers.as_str(),
        ),
    ];
    let told = || {
        let parents = cluster.published().into_iter();
        let parents = parents.filter_map(|one| one.event.traceparent);
        let of_trace = parents.filter(|parent| parent.contains(TRACE));
        of_trace.collect::<Vec<_>>()
    };
    offers(&settings, |line| {
        let answered = line.contains("answered");
        while answered && told().is_empty() {
            std::thread::yield_now();
        }
        answered
    });
    let (spans, _) = collector.spans();
    let ([request], [published]) = (
        &named(&spans, "POST /offers")[..],
        &named(&spans, "publish")[..],
    ) else {
        panic!("{spans:#?}");
    };
    assert_eq!(published.parent_span_id, request.span_id);
    assert_eq!(published.kind(), SpanKind::Producer);
    let own = hex::encode(&published.span_id);
    assert_eq!(told(), [format!("00-{TRACE}-{own}-01")]);
}

#[test]
fn missing_collector_loses_only_spans() {
    let settings = [("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1")];
    let log = offers(&settings, |line| line.contains("answered")).join("\n");
    assert!(log.contains("opentelemetry"), "it is said: {log}");
    assert!(!log.contains("leaving it behind"), "{log}");
}
