//! How much one request may take, and all of them together: the length of the address and of the headers, how many are
//! let in, see [`crate::admission`], and for how long. (How long a body may be is said where it is read.)

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::timeout;

use crate::{
    admission::{Admission, Places},
    metrics::{self, Metrics},
    rest::problem::{Problem, catalogue},
};

/// The longest path with its query, in bytes.
const MAX_ADDRESS: usize = 8 * 1024;
/// The most that the names and values of all headers may have together, in bytes.
const MAX_HEADERS: usize = 16 * 1024;
/// When to come again after a time-out. A write that goes on by itself is done by then, as a rule.
const AFTER_TIME_OUT: Duration = Duration::from_secs(5);
/// When to come again after a request was turned away.
const AFTER_OVERLOAD: Duration = Duration::from_secs(1);
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
    /// How long each may take, its waiting included. A load balancer has to wait for longer before it takes an instance for
    /// dead, and the database for less before it gives up a transaction that nobody goes on with.
    pub time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            general: Admission::GENERAL,
            passwords: Admission::PASSWORDS,
            streams: Admission::STREAMS,
            time: Duration::from_secs(5),
        }
    }
}

/// Where requests pass, counted.
pub(super) struct Gate {
    general: Places,
    passwords: Places,
    streams: Places,
    time: Duration,
    metrics: Metrics,
}

impl Gate {
    pub(super) fn new(limits: Limits, metrics: Metrics) -> Self {
        Self {
            general: Places::new(limits.general),
            passwords: Places::new(limits.passwords),
            streams: Places::new(limits.streams),
            time: limits.time,
            metrics,
        }
    }

    /// Where a request runs. A mutation of GraphQL that hashes a password is known only when it does, and leaves its place then.
    fn places(&self, request: &Request) -> &Places {
        let route = request.extensions().get::<MatchedPath>();
        match (request.method(), route.map_or("", MatchedPath::as_str)) {
            (&Method::POST, "/users" | "/auth/login" | "/auth/password-reset/confirm")
            | (&Method::PUT, "/users/{user_id}/password") => &self.passwords,
            (&Method::GET, "/events") => &self.streams,
            _ => &self.general,
        }
    }
}

/// Lets a request pass that is within the limits, and gives it up when its time is over.
///
/// Giving up drops the handler. A write that has begun goes on in a task of its own, no longer counted: see
/// [`crate::app::App::write`].
pub(super) async fn hold(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    if address(&request) > MAX_ADDRESS {
        return StatusCode::URI_TOO_LONG.into_response();
    }
    if headers(&request) > MAX_HEADERS {
        return StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response();
    }
    let reads = request.method().is_safe();
    let answer = async {
        if ALWAYS.contains(&request.uri().path()) {
            return next.run(request).await;
        }
        match gate.places(&request).take().await {
            Some(place) => place.hold(next.run(request)).await,
            None => {
                gate.metrics.turned_away(catalogue::OVERLOADED.code);
                overloaded().into_response()
            }
        }
    };
    match timeout(gate.time, answer).await {
        Ok(response) => response,
        Err(_) => {
            gate.metrics.turned_away(catalogue::TIMED_OUT.code);
            timed_out(reads, gate.time).into_response()
        }
    }
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

fn overloaded() -> Problem {
    let detail = "Too many requests are under way. Nothing was changed; try again.";
    Problem::new(&catalogue::OVERLOADED, detail).after(AFTER_OVERLOAD)
}

fn timed_out(reads: bool, time: Duration) -> Problem {
    let outcome = if reads {
        "Nothing was changed; try again."
    } else {
        "What it asked for may be done, now or later. If it had an Idempotency-Key, send it again with the same: it is \
         not done twice. Else look first whether it was done."
    };
    let detail = format!("The request took more than {} s. {outcome}", time.as_secs());
    Problem::new(&catalogue::TIMED_OUT, detail).after(AFTER_TIME_OUT)
}
