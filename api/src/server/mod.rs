//! Both surfaces as one HTTP service, with what every answer has: a request id, the instance's name, a line in the log,
//! a problem document where something failed, and headers that tell a browser to trust it with nothing. Serves until it
//! is told to stop, then drains. [`limits`] says how much a request may take, [`connections`] how much a connection,
//! [`host`] for whom a request has to be, [`linger`] what becomes of a body that nobody reads.

mod bodies;
pub mod connections;
mod host;
pub mod limits;
mod linger;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::HttpBody,
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::{Next, from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
};
use exchange::operation::ReplayFlag;
use platform::metrics::GaugeGuard;
use tower_http::{
    catch_panic::CatchPanicLayer,
    cors::{AllowOrigin, CorsLayer},
};
use tracing::{Instrument, field::Empty};

use self::limits::{Entrance, Limits};
use crate::{
    app::App,
    graphql,
    http::{
        ACCEPT_PATCH, IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED, LAST_EVENT_ID, MERGE_PATCH, RequestId,
        TrustedProxies, X_REQUEST_ID, credentials::X_USER_ID, of_unknown_length,
    },
    metrics, pages,
    rest::{self, problem},
};

/// The trace that the request belongs to.
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
/// The rate limit, as a proxy in front states it.
const RATE_LIMIT: [HeaderName; 2] = [
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
];
/// Which instance answered.
const X_INSTANCE_NAME: HeaderName = HeaderName::from_static("x-instance-name");
/// The time for which a browser need not ask again whether a page may send a request; the longest that browsers take.
const PREFLIGHT_KEEPS: Duration = Duration::from_secs(7200);
/// What every answer tells browsers, where it says nothing else itself: take it for what it says it is, show it in no frame,
/// load nothing for it, embed it nowhere else (pages that CORS admits read it all the same), and tell nobody that it led
/// to them.
const FOR_BROWSERS: [(HeaderName, HeaderValue); 5] = [
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

/// How the service meets the network.
#[derive(Clone, Debug, Default)]
pub struct Exposure {
    /// The origins whose pages may call from a browser.
    pub cors_origins: Vec<HeaderValue>,
    /// Answer only to loopback names, so that a page elsewhere cannot reach a developer's machine by its own name.
    pub loopback_names_only: bool,
    /// Let no client ask for the GraphQL schema.
    pub hide_schema: bool,
    /// The proxies whose word on a client's address counts.
    pub trusted_proxies: TrustedProxies,
    pub limits: Limits,
}

/// The whole service.
pub fn router(app: App, exposure: Exposure) -> Router {
    let gate = Arc::new(exposure.limits.gate(&app));
    let entrance = Entrance::new(&exposure.limits, gate.clone(), app.clients.unread.clone());
    let service = Router::new()
        .merge(rest::router(app.clone()))
        .merge(graphql::router(
            app.clone(),
            gate,
            exposure.cors_origins.clone(),
            exposure.hide_schema,
        ))
        .merge(pages::router(pages::EMBEDDED))
        .merge(metrics::router(app.clone()))
        .layer(CatchPanicLayer::custom(problem::panicked))
        .layer(from_fn_with_state(Arc::new(entrance), limits::hold));
    let service = if exposure.loopback_names_only {
        service.layer(from_fn(host::loopback_only))
    } else {
        service
    };
    let service = if exposure.cors_origins.is_empty() {
        service
    } else {
        service.layer(cors(exposure.cors_origins))
    };
    // As one service, since a router adds Allow to a refusal only after the layers of its own.
    let surroundings = Surroundings {
        instance: shown_name(&app.instance_name),
        trusted_proxies: Arc::new(exposure.trusted_proxies),
        app,
    };
    Router::new()
        .fallback_service(service)
        .layer(from_fn_with_state(surroundings, envelope))
}

/// The state of [`envelope`].
#[derive(Clone)]
struct Surroundings {
    app: App,
    /// The instance's name as a header.
    instance: Option<HeaderValue>,
    trusted_proxies: Arc<TrustedProxies>,
}

/// What every request and every answer has.
async fn envelope(
    State(surroundings): State<Surroundings>,
    mut request: Request,
    next: Next,
) -> Response {
    let Surroundings {
        app,
        instance,
        trusted_proxies,
    } = surroundings;
    let client = trusted_proxies.client_address(request.extensions(), request.headers());
    let id = RequestId::of(&app, request.headers());
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
    let _under_way = GaugeGuard::new(&app.metrics.under_way);
    let replayed = ReplayFlag::default();
    request.extensions_mut().insert(client);
    request.extensions_mut().insert(id.clone());
    request.extensions_mut().insert(replayed.clone());
    let (method, uri, started) = (
        request.method().clone(),
        request.uri().clone(),
        Instant::now(),
    );
    async move {
        let response = match host::check(&request) {
            Ok(()) => trace::scope(Some(parent), next.run(linger::read_on(request))).await,
            Err(problem) => problem.into_response(),
        };
        let route = response.extensions().get::<MatchedPath>().cloned();
        let mut response = match method {
            Method::OPTIONS if may_say_options(&response) => options(response),
            Method::HEAD => of_head(problem::render(response, &id, &method, &uri)),
            _ => problem::render(response, &id, &method, &uri),
        };
        if replayed.is_set() {
            let yes = HeaderValue::from_static("true");
            response.headers_mut().insert(IDEMPOTENT_REPLAYED, yes);
        }
        let (status, elapsed) = (response.status(), started.elapsed());
        log_answer(route.as_ref(), status, elapsed);
        trace::answered(&method, route.as_ref(), status);
        app.metrics
            .answered(route.as_ref(), &method, status, elapsed);
        name(response, instance, &id)
    }
    .instrument(span)
    .await
}

/// Writes a line for an answer: at DEBUG where somebody only looked, every few seconds, whether all is well, and it is.
fn log_answer(route: Option<&MatchedPath>, status: StatusCode, elapsed: Duration) {
    let (status_code, elapsed_ms) = (status.as_u16(), elapsed.as_millis());
    if status.is_success() && route.is_some_and(|route| is_watched(route.as_str())) {
        tracing::debug!(status = status_code, elapsed_ms, "answered");
    } else {
        tracing::info!(status = status_code, elapsed_ms, "answered");
    }
}

/// Is this what health checks and Prometheus ask for?
fn is_watched(route: &str) -> bool {
    route == metrics::PATH || route.starts_with("/health")
}

/// Is this the router's refusal of OPTIONS, or the answer that CORS gives in its place?
fn may_say_options(response: &Response) -> bool {
    let status = response.status();
    let refused = status == StatusCode::METHOD_NOT_ALLOWED;
    (refused || status.is_success()) && response.headers().contains_key(header::ALLOW)
}

/// The answer to HEAD. Where its body was taken out and no length was noted, the length is not known.
fn of_head(mut response: Response) -> Response {
    let is_empty = response.body().size_hint().exact() == Some(0);
    if is_empty && !response.headers().contains_key(header::CONTENT_LENGTH) {
        *response.body_mut() = of_unknown_length();
    }
    response
}

/// What a path can do: no handler takes OPTIONS, and its refusal says which methods are taken. What CORS says stays.
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

/// The name of an instance as answers have it: `API-1` for `api1`. None where it fits in no header.
fn shown_name(instance: &str) -> Option<HeaderValue> {
    let upper = instance.to_uppercase();
    let digits = upper.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let shown = match upper.split_at(digits) {
        (name, number)
            if !number.is_empty() && !name.is_empty() && !name.ends_with(['-', '_', '.']) =>
        {
            format!("{name}-{number}")
        }
        _ => upper,
    };
    HeaderValue::try_from(shown).ok()
}

/// Says who answered what, and what browsers are to know.
fn name(mut response: Response, instance: Option<HeaderValue>, id: &RequestId) -> Response {
    let id = HeaderValue::from_str(&id.0).ok();
    for (header, value) in [(X_INSTANCE_NAME, instance), (X_REQUEST_ID, id)] {
        if let Some(value) = value {
            response.headers_mut().insert(header, value);
        }
    }
    for (header, value) in FOR_BROWSERS {
        response.headers_mut().entry(header).or_insert(value);
    }
    response
}

fn cors(origins: Vec<HeaderValue>) -> CorsLayer {
    CorsLayer::new()
        .max_age(PREFLIGHT_KEEPS)
        .allow_origin(AllowOrigin::list(origins))
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::ACCEPT,
            header::IF_MATCH,
            header::IF_NONE_MATCH,
            IDEMPOTENCY_KEY,
            LAST_EVENT_ID,
            X_USER_ID,
            X_REQUEST_ID,
            TRACEPARENT,
        ])
        .expose_headers(exposed())
}

/// The headers of an answer that pages may read, beside what browsers let them read anyhow.
fn exposed() -> Vec<HeaderName> {
    let own = [
        header::LINK,
        header::LOCATION,
        header::ALLOW,
        header::RETRY_AFTER,
        header::ETAG,
        header::WWW_AUTHENTICATE,
        header::ACCEPT_ENCODING,
        ACCEPT_PATCH,
        IDEMPOTENT_REPLAYED,
        X_REQUEST_ID,
        X_INSTANCE_NAME,
    ];
    own.into_iter().chain(RATE_LIMIT).collect()
}
