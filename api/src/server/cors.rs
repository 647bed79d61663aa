//! Cross-origin requests.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::envelope::{TRACEPARENT, X_INSTANCE_NAME};
use crate::http::{
    credentials::X_USER_ID,
    idempotency::{IDEMPOTENCY_KEY, IDEMPOTENT_REPLAYED},
    media_type::ACCEPT_PATCH,
    request_id::X_REQUEST_ID,
    sse::LAST_EVENT_ID,
};

/// The rate limit headers that a proxy in front may add.
const RATE_LIMIT: [HeaderName; 2] = [
    HeaderName::from_static("ratelimit"),
    HeaderName::from_static("ratelimit-policy"),
];
/// The time for which a browser may cache a preflight response: the longest that browsers accept.
const PREFLIGHT_MAX_AGE: Duration = Duration::from_secs(7200);

/// Lets pages of these origins call the service.
pub(super) fn layer(origins: Vec<HeaderValue>) -> CorsLayer {
    CorsLayer::new()
        .max_age(PREFLIGHT_MAX_AGE)
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
        .expose_headers(exposed_headers())
}

/// Returns the response headers that pages may read, beyond those that CORS always exposes.
fn exposed_headers() -> Vec<HeaderName> {
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
