//! The outermost layer: request id, trace, problem document, log line, metrics and common headers.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    body::HttpBody,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use exchange::context::ReplayFlag;
use platform::metrics::GaugeGuard;
use tracing::{Instrument, field::Empty};

use super::{host, linger, metrics_page};
use crate::{
    app::App,
    http::{
        RequestId, TrustedProxies,
        head::empty_body_of_unknown_length,
        idempotency::IDEMPOTENT_REPLAYED,
        media_type::{ACCEPT_PATCH, MERGE_PATCH},
        problem::{self, ProblemContext},
        request_id::X_REQUEST_ID,
        trace,
    },
    rest,
};

/// The header that carries the trace context of a request (W3C Trace Context).
pub(super) const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// The response header that names the instance.
pub(super) const X_INSTANCE_NAME: HeaderName = HeaderName::from_static("x-instance-name");
/// Security headers, for responses that do not set them: load nothing, allow no frame, no sniffing, no referrer, and no
/// embedding by other origins. Pages that CORS admits can still read the response.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 5] = [
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// The state of [`envelope`].
#[derive(Clone)]
pub(super) struct EnvelopeState {
    app: App,
    /// The value of [`X_INSTANCE_NAME`].
    instance: Option<HeaderValue>,
    trusted_proxies: Arc<TrustedProxies>,
}

impl EnvelopeState {
    pub(super) fn new(app: App, trusted_proxies: TrustedProxies) -> Self {
        Self {
            instance: instance_header(&app.instance_name),
            trusted_proxies: Arc::new(trusted_proxies),
            app,
        }
    }
}

/// Runs a request in its span, and completes the response.
pub(super) async fn envelope(
    State(state): State<EnvelopeState>,
    mut request: Request,
    next: Next,
) -> Response {
    let EnvelopeState {
        app,
        instance,
        trusted_proxies,
    } = state;
    let client = trusted_proxies.client_address(request.extensions(), request.headers());
    let id = RequestId::from_headers(request.headers(), &app.random, app.clock.now());
    let incoming = request.headers().get(TRACEPARENT);
    let incoming = incoming.and_then(|value| value.to_str().ok());
    let span = tracing::info_span!(
        "request",
        request_id = %id,
        trace_id = Empty,
        method = %request.method(),
        path = request.uri().path(),
        otel.kind = Empty
    );
    let parent = trace::begin(&span, incoming, &app.random);
    let _in_flight = GaugeGuard::new(&app.metrics.in_flight);
    let replayed = ReplayFlag::default();
    request.extensions_mut().insert(client);
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(replayed.clone());
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let started = Instant::now();
    async move {
        let response = match host::rejection(&request) {
            None => {
                let request = linger::discard_unread(request);
                platform::trace::scope(Some(parent), next.run(request)).await
            }
            Some(problem) => problem.into_response(),
        };
        let route = response.extensions().get::<MatchedPath>().cloned();
        let problem = ProblemContext {
            request_id: &id,
            method: &method,
            uri: &uri,
            forms: rest::forms,
        };
        let mut response = match method {
            Method::OPTIONS if lists_methods(&response) => options(response),
            Method::HEAD => head(problem::render(response, &problem)),
            _ => problem::render(response, &problem),
        };
        if replayed.is_set() {
            let yes = HeaderValue::from_static("true");
            response.headers_mut().insert(IDEMPOTENT_REPLAYED, yes);
        }
        let (status, elapsed) = (response.status(), started.elapsed());
        log_response(route.as_ref(), status, elapsed);
        trace::record_response(&method, route.as_ref(), status);
        app.metrics
            .responded(route.as_ref(), &method, status, elapsed);
        add_headers(response, instance, &id)
    }
    .instrument(span)
    .await
}

/// Logs a response: at DEBUG if it is a successful health check or scrape, which come every few seconds, otherwise at
/// INFO.
fn log_response(route: Option<&MatchedPath>, status: StatusCode, elapsed: Duration) {
    let (status_code, elapsed_ms) = (status.as_u16(), elapsed.as_millis());
    if status.is_success() && route.is_some_and(|route| is_monitoring(route.as_str())) {
        tracing::debug!(status = status_code, elapsed_ms, "answered");
    } else {
        tracing::info!(status = status_code, elapsed_ms, "answered");
    }
}

/// Returns true for the routes of health checks and of Prometheus.
fn is_monitoring(route: &str) -> bool {
    route == metrics_page::PATH || route.starts_with("/health")
}

/// Returns true for the router's 405 to OPTIONS, and for a preflight response of the CORS layer.
fn lists_methods(response: &Response) -> bool {
    let status = response.status();
    let refused = status == StatusCode::METHOD_NOT_ALLOWED;
    (refused || status.is_success()) && response.headers().contains_key(header::ALLOW)
}

/// Completes a response to HEAD. If its body was removed and no length was noted, its length is unknown.
fn head(mut response: Response) -> Response {
    let is_empty = response.body().size_hint().exact() == Some(0);
    if is_empty && !response.headers().contains_key(header::CONTENT_LENGTH) {
        *response.body_mut() = empty_body_of_unknown_length();
    }
    response
}

/// Responds to OPTIONS. No handler takes that method, and the router's 405 lists the methods of the path. Keeps the
/// headers that the CORS layer has set.
fn options(mut response: Response) -> Response {
    let mut headers = std::mem::take(response.headers_mut());
    for of_body in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        headers.remove(of_body);
    }
    let allow = headers.remove(header::ALLOW);
    let allow = allow.as_ref().and_then(|allow| allow.to_str().ok());
    let allow = format!("{},OPTIONS", allow.unwrap_or_default());
    if allow.contains(Method::PATCH.as_str()) {
        headers.insert(ACCEPT_PATCH, HeaderValue::from_static(MERGE_PATCH));
    }
    (StatusCode::NO_CONTENT, headers, [(header::ALLOW, allow)]).into_response()
}

/// Formats the name of an instance for its header: `API-1` for `api1`. Returns none if it does not fit in a header.
fn instance_header(instance: &str) -> Option<HeaderValue> {
    let upper = instance.to_uppercase();
    let digits = upper.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let name = match upper.split_at(digits) {
        (name, number)
            if !number.is_empty() && !name.is_empty() && !name.ends_with(['-', '_', '.']) =>
        {
            format!("{name}-{number}")
        }
        _ => upper,
    };
    HeaderValue::try_from(name).ok()
}

/// Adds the instance, the request id and the security headers.
fn add_headers(mut response: Response, instance: Option<HeaderValue>, id: &RequestId) -> Response {
    let id = HeaderValue::from_str(&id.0).ok();
    for (header, value) in [(X_INSTANCE_NAME, instance), (X_REQUEST_ID, id)] {
        if let Some(value) = value {
            response.headers_mut().insert(header, value);
        }
    }
    for (header, value) in SECURITY_HEADERS {
        response.headers_mut().entry(header).or_insert(value);
    }
    response
}
