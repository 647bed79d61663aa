//! `Cache-Control` and `Vary`.

use axum::{
    extract::Request,
    http::{
        HeaderValue,
        header::{AUTHORIZATION, CACHE_CONTROL, VARY},
    },
    response::Response,
};

use super::credentials::X_USER_ID;

/// The request headers that a response depends on.
const VARY_ON: HeaderValue = HeaderValue::from_static("Accept, Authorization, X-User-ID, Origin");

/// The caches that may store a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CacheScope {
    /// Shared caches too.
    Public,
    /// The client's own cache.
    Private,
}

impl CacheScope {
    /// Returns the scope of the response: public for an anonymous read, otherwise private.
    pub fn for_request(request: &Request) -> Self {
        let headers = request.headers();
        let is_identified = headers.contains_key(AUTHORIZATION) || headers.contains_key(X_USER_ID);
        if request.method().is_safe() && !is_identified {
            Self::Public
        } else {
            Self::Private
        }
    }

    /// Sets the headers for caches, which must revalidate by the ETag. Keeps a `Cache-Control` that the response
    /// already has.
    pub fn apply(self, response: &mut Response) {
        let directives = match self {
            Self::Public => "no-cache",
            Self::Private => "private, no-cache",
        };
        let headers = response.headers_mut();
        headers.insert(VARY, VARY_ON);
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static(directives));
    }
}
