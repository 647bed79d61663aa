//! Server-sent events: the answers to one operation, one event each, until it is complete. The distinct connections mode of
//! the GraphQL over Server-Sent Events protocol.
//!
//! Source: <https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>

use std::time::Duration;

use async_graphql::Response as Executed;
use async_stream::stream;
use axum::{body::Bytes, response::Response};
use futures_util::StreamExt;

use super::{Endpoint, Operation, Rejection, Sender};
use crate::{
    bounded_json,
    http::sse,
};

/// The interval of comments that keep a stream alive while nothing happens. A proxy cannot tell a subscription from a query of a client that
/// accepts both forms of an answer, so it waits for either as long as for a query: NGINX for 6 s.
const ALIVE: Duration = Duration::from_secs(3);

/// Answers as they come, to one request.
pub async fn open(
    endpoint: &Endpoint,
    sender: Sender,
    operation: Operation,
) -> Result<Response, Rejection> {
    let (client, kind) = (sender.client.rate_limit_key(), operation.asked.kind);
    let mut answers = endpoint.begin(sender, operation).await?;
    let endpoint = endpoint.clone();
    let unread = endpoint.app.clients.unread.clone();
    let events = stream! {
        while let Some(answer) = answers.next().await {
            yield event(answer);
        }
        if endpoint.is_complete(kind) {
            yield sse::event(None, Some("complete"), b"");
        }
    };
    Ok(sse::response(events, client, unread, ALIVE))
}

/// An answer as an event. One that cannot be sent is an error in its place.
fn event(answer: Result<Executed, Rejection>) -> Bytes {
    let text = answer
        .and_then(|executed| bounded_json::to_vec(&executed).map_err(|failure| Rejection::unsent(&failure)));
    let text = text.unwrap_or_else(|rejection| rejection.text().into());
    sse::event(None, Some("next"), &text)
}
