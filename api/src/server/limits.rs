//! The limits on requests: length of the address and of the headers, concurrency (see [`crate::admission`]), and time.
//! The size of a body is limited where it is read, the time of its arrival in [`super::bodies`].

use std::{sync::Arc, time::Duration};

use axum::{
    extract::{MatchedPath, Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::time::timeout;

use super::{bodies, metrics_page};
use crate::{
    admission::{Admission, Class, Gate, ShedReason},
    app::App,
    http::{
        clients::{self, unread::Unread},
        problem::Problem,
    },
    operations,
};

/// The longest path with its query, in bytes.
const MAX_ADDRESS: usize = 8 * 1024;
/// The most bytes of all header names and values together.
const MAX_HEADERS: usize = 16 * 1024;

/// The limits on all requests of an instance.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The limits of requests in general.
    pub general: Admission,
    /// The limits of requests that hash a password.
    pub passwords: Admission,
    /// The limits of requests for event streams.
    pub streams: Admission,
    /// The time limit for the arrival of a body, before admission.
    pub body: Duration,
    /// The time limit of a request after its body has arrived, including its wait for a permit. Shorter than the
    /// timeouts of a load balancer, and longer than the time after which the database gives up an idle transaction.
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

/// The state of [`enforce`].
pub(super) struct RequestLimits {
    gate: Arc<Gate>,
    unread: Unread,
    body: Duration,
}

impl RequestLimits {
    pub(super) fn new(limits: &Limits, gate: Arc<Gate>, unread: Unread) -> Self {
        Self {
            gate,
            unread,
            body: limits.body,
        }
    }
}

impl Limits {
    /// Creates the gate that enforces these limits.
    pub(super) fn gate(&self, app: &App) -> Gate {
        let classes = [self.general, self.passwords, self.streams];
        let unread = app.clients.unread.clone();
        Gate::new(classes, self.time, app.metrics.clone(), unread)
    }
}

/// Runs a request within the limits, and copies the matched route to the response for the envelope, which runs outside
/// of all routes.
pub(super) async fn enforce(
    State(limits): State<Arc<RequestLimits>>,
    request: Request,
    next: Next,
) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let mut response = run(&limits, request, next).await;
    if let Some(route) = route {
        response.extensions_mut().insert(route);
    }
    response
}

/// Runs a request within the limits. It is admitted once its body has arrived, so that a slow sender holds no permit.
async fn run(limits: &RequestLimits, request: Request, next: Next) -> Response {
    if address_length(&request) > MAX_ADDRESS {
        return StatusCode::URI_TOO_LONG.into_response();
    }
    if headers_length(&request) > MAX_HEADERS {
        return StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE.into_response();
    }
    let only_reads = request.method().is_safe();
    let Ok(request) = timeout(limits.body, bodies::buffer(request)).await else {
        return bodies::timed_out(limits.body).into_response();
    };
    let client = clients::from_extensions(request.extensions());
    let class = class(&request);
    let response = limits.gate.run(class, client, next.run(request)).await;
    match response {
        Ok(response) => bodies::count_unread(response, client, &limits.unread).await,
        Err(reason) => problem(reason, only_reads).into_response(),
    }
}

/// Returns the class of a request. A GraphQL mutation that hashes a password is known as such only when it does so, and
/// releases its permit then.
fn class(request: &Request) -> Class {
    let route = request.extensions().get::<MatchedPath>();
    let path = route.map_or("", MatchedPath::as_str);
    if path == metrics_page::PATH {
        return Class::Unlimited;
    }
    let method = request.method().as_str();
    operations::at(path)
        .iter()
        // A path without permits has none for any method: a load balancer may send HEAD.
        .find(|row| row.class == Class::Unlimited || row.methods.contains(&method))
        .map_or(Class::General, |row| row.class)
}

fn problem(reason: ShedReason, only_reads: bool) -> Problem {
    Problem::new(&reason.problem_type(), reason.message(only_reads))
        .with_retry_after(reason.retry_after())
}

fn address_length(request: &Request) -> usize {
    let address = request.uri().path_and_query();
    address.map_or(0, |address| address.as_str().len())
}

fn headers_length(request: &Request) -> usize {
    let lengths = request.headers().iter();
    lengths
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum()
}
