//! How much one request may take, and all of them together: the length of the address and of the headers, how many are
//! let in, see [`crate::admission`], and for how long. How long a body may be is said where it is read; how long it may take
//! to come, in [`super::bodies`].

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::timeout;

use super::bodies;
use crate::{
    admission::{Admission, Class, Gate, ShedReason},
    app::App,
    http::clients::{self, unread::Unread},
    metrics,
    rest::problem::{Problem, catalogue},
};

/// The longest path with its query, in bytes.
const MAX_ADDRESS: usize = 8 * 1024;
/// The most that the names and values of all headers may have together, in bytes.
const MAX_HEADERS: usize = 16 * 1024;
/// Paths that are answered however many requests are under way: a load balancer must not take busy for dead, and operators
/// look then.
const ALWAYS: [&str; 4] = ["/health", "/health/live", "/health/ready", metrics::PATH];

/// What the requests of an instance may take together.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many are let in. One more is turned away.
    pub general: Admission,
    /// Of those that have a password hashed, which have places of their own.
    pub passwords: Admission,
    /// Of those for event streams, likewise.
    pub streams: Admission,
    /// The longest time that the body of each may take to come, before it is let in.
    pub body: Duration,
    /// The longest time that each may take then, its waiting included. A load balancer has to wait for longer before it takes an instance for
    /// dead, and the database for less before it gives up a transaction that nobody goes on with.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            general: Admission::GENERAL,
            passwords: Admission::PASSWORDS,
            streams: Admission::STREAMS,
            body: Duration::from_secs(10),
            time: Duration::from_secs(5),
        }
    }
}

/// The way in for requests.
pub(super) struct Entrance {
    gate: Arc<Gate>,
    unread: Unread,
    body: Duration,
}

impl Entrance {
    pub(super) fn new(limits: &Limits, gate: Arc<Gate>, unread: Unread) -> Self {
        Self {
            gate,
            unread,
            body: limits.body,
        }
    }
}

impl Limits {
    /// The gate that holds to these limits.
    pub(super) fn gate(&self, app: &App) -> Gate {
        let places = [self.general, self.passwords, self.streams];
        let unread = app.clients.unread.clone();
        Gate::new(places, self.time, app.metrics.clone(), unread)
    }
}

/// Lets a request pass that is within the limits, and tells the envelope, which is outside of all routes, which route it took.
pub(super) async fn hold(
    State(entrance): State<Arc<Entrance>>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = admit(&entrance, request, next).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

/// Refuses a request beyond the limits, and gives it up when its time is over. A request is admitted when it is there as a
/// whole, so that nobody holds a place by sending a body slowly.
async fn admit(entrance: &Entrance, request: Request, next: Next) -> Response {
    if address(&request) > MAX_ADDRESS {
        return StatusCode::URI_TOO_LONG.into_response();
    }
    if headers(&request) > MAX_HEADERS {
        return StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response();
    }
    let only_reads = request.method().is_safe();
    let Ok(request) = timeout(entrance.body, bodies::whole(request)).await else {
        return bodies::too_slow(entrance.body).into_response();
    };
    let gate = &entrance.gate;
    let client = clients::from_extensions(request.extensions());
    let answer = if ALWAYS.contains(&request.uri().path()) {
        gate.run_unlimited(next.run(request)).await
    } else {
        gate.run(class(&request), client, next.run(request)).await
    };
    match answer {
        Ok(response) => bodies::held(response, client, &entrance.unread).await,
        Err(reason) => shed(reason, only_reads).into_response(),
    }
}

/// The class of a request. A mutation of GraphQL that hashes a password is known only when it does, and leaves its place
/// then.
fn class(request: &Request) -> Class {
    let route = request.extensions().get::<MatchedPath>();
    match (request.method(), route.map_or("", MatchedPath::as_str)) {
        (&Method::POST, "/users" | "/auth/login" | "/auth/password-reset/confirm")
        | (&Method::PUT, "/users/{user_id}/password") => Class::Passwords,
        (&Method::GET, "/events") => Class::Streams,
        _ => Class::General,
    }
}

fn shed(reason: ShedReason, only_reads: bool) -> Problem {
    let kind = match reason {
        ShedReason::Overloaded => &catalogue::OVERLOADED,
        ShedReason::Unread => &catalogue::ANSWERS_UNREAD,
        ShedReason::TimedOut { .. } => &catalogue::TIMED_OUT,
    };
    Problem::new(kind, reason.message(only_reads)).after(reason.retry_after())
}

fn address(request: &Request) -> usize {
    let address = request.uri().path_and_query();
    address.map_or(0, |address| address.as_str().len())
}

fn headers(request: &Request) -> usize {
    let lengths = request.headers().iter();
    lengths
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum()
}
