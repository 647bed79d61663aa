//! Server-sent events: one event for each response to an operation, and one when it is complete. This is the distinct
//! connections mode of the GraphQL over Server-Sent Events protocol.
//!
//! Source: <https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>

use std::time::Duration;

use async_graphql::{Executor, Response as Executed};
use async_stream::stream;
use axum::response::Response;
use futures_util::StreamExt;

use crate::{
    Hooks, Rejection,
    service::{Operation, Service},
};

/// The time without an event after which a comment keeps the stream alive. A proxy cannot tell a subscription from a
/// query of a client that accepts both forms of a response, so it gives both the short timeout of a query: NGINX waits
/// for 6 s.
const KEEP_ALIVE: Duration = Duration::from_secs(3);

/// An event of a stream.
#[derive(Debug)]
pub struct Event {
    pub name: &'static str,
    /// One line.
    pub data: Vec<u8>,
}

/// Responds to one request with the responses to its operation as they come.
pub async fn respond<E: Executor, H: Hooks>(
    service: &Service<E, H>,
    sender: H::Sender,
    operation: Operation,
) -> Result<Response, Rejection> {
    let kind = operation.details.kind;
    let mut responses = service.begin(sender.clone(), operation).await?;
    let hooks = service.hooks.clone();
    let service = service.clone();
    let events = stream! {
        while let Some(response) = responses.next().await {
            yield next(&service.hooks, response);
        }
        if service.is_complete(kind) {
            yield Event { name: "complete", data: Vec::new() };
        }
    };
    Ok(hooks.stream_events(&sender, events, KEEP_ALIVE))
}

/// Makes an event of a response, or of the rejection in its place.
fn next<H: Hooks>(hooks: &H, response: Result<Executed, Rejection>) -> Event {
    let data = response.and_then(|executed| hooks.to_json(&executed));
    let data = data.unwrap_or_else(|rejection| rejection.body().into());
    Event { name: "next", data }
}
