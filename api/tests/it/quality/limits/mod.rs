//! Limits on requests, answers, inputs and connections.

mod admission;
mod answers;
mod connections;
pub mod inputs;
mod sizes;
mod timeouts;

use std::time::Duration;

use api::{
    admission::Admission,
    server::{Exposure, limits::Limits},
};
use axum::{
    body::{Body, Bytes},
    http::{Request, header},
};
use futures_util::{FutureExt, future::BoxFuture, stream};
use platform::database::Transaction;

use crate::support::{
    TestApp,
    http::{Answer, Client},
};

const ORIGIN: &str = "https://games.example";
const GRAPHQL: &str = "/graphql?query=%7Bgames%7Bnodes%7Bname%7D%7D%7D";

/// Returns a client of an exchange with this request limit, no queue and this time limit. CORS allows [`ORIGIN`].
fn limited(test: &TestApp, concurrency: usize, time: Duration) -> Client {
    admitting(test, admission(concurrency, 0), time)
}

fn admission(concurrency: usize, waiting: usize) -> Admission {
    let max_wait = Duration::from_secs(60);
    Admission {
        concurrency,
        max_queued: waiting,
        max_wait,
    }
}

/// Returns a client of an exchange with this admission, for general requests and for those with passwords.
fn admitting(test: &TestApp, admission: Admission, time: Duration) -> Client {
    let exposure = Exposure {
        cors_origins: vec![ORIGIN.parse().unwrap()],
        limits: Limits {
            general: admission,
            passwords: admission,
            streams: Admission::STREAMS,
            body: Duration::from_secs(60),
            time,
        },
        ..Exposure::default()
    };
    Client::exposed(&test.app, exposure)
}

/// Takes every database connection of the pool until they are dropped.
pub async fn all_connections(test: &TestApp) -> Vec<Transaction> {
    let database = &test.app.database;
    let mut taken = Vec::new();
    for _ in 0..database.pool_status().max {
        taken.push(database.begin().await.unwrap());
    }
    taken
}

/// Starts a request that holds its permit: it waits for the database, and continues when it is polled again.
pub async fn holding(
    test: &TestApp,
    request: impl Future<Output = Answer> + Send + 'static,
) -> BoxFuture<'static, Answer> {
    let _taken = all_connections(test).await;
    let mut request = request.boxed();
    assert!(request.as_mut().now_or_never().is_none(), "it waits");
    request
}

/// Requests the games.
fn games(client: &Client) -> impl Future<Output = Answer> + Send + 'static {
    let client = client.clone();
    async move { client.get("/games").await }
}

/// Returns a request whose body never arrives.
fn endless(path: &str) -> Request<Body> {
    let body = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
    request.body(body).unwrap()
}
