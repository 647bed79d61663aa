//! Server-sent events: the answers to one operation, one event each, until it is complete. The distinct connections mode of
//! the GraphQL over Server-Sent Events protocol.
//!
//! Source: <https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>

use std::time::Duration;

use async_stream::stream;
use axum::response::{Response, sse::Event};
use futures_util::{StreamExt, stream};
use tokio::select;

use super::{Endpoint, Operation, Refusal, Sender, http::text};
use crate::{
    exchange::live,
    http::{detached, streaming},
};

/// How often a stream is shown to be alive while nothing happens. A proxy cannot tell a subscription from a query of a client that
/// accepts both forms of an answer, so it waits for either as long as for a query: NGINX for 6 s.
const ALIVE: Duration = Duration::from_secs(3);

/// Answers as they come, to one request.
pub async fn open(
    endpoint: &Endpoint,
    sender: Sender,
    mut operation: Operation,
) -> Result<Response, Refusal> {
    let seat = live::seat(&endpoint.app)
        .map_err(|failure| Refusal::sender(&failure, sender.request_id.as_ref()))?;
    let (begun, kind) = (operation.announce(), operation.asked.kind);
    let endpoint = endpoint.clone();
    let mut answers = detached(endpoint.clone().stream(sender, operation));
    let first = select! {
        biased;
        Ok(()) = begun => None,
        first = answers.next() => first.transpose()?,
    };
    let mut answers = stream::iter(first.map(Ok)).chain(answers);
    let events = stream! {
        let _seat = seat;
        while let Some(Ok(executed)) = answers.next().await {
            yield Ok(Event::default().event("next").data(text(&executed)));
        }
        if endpoint.is_complete(kind) {
            yield Ok(Event::default().event("complete").data(""));
        }
    };
    Ok(streaming(events, ALIVE))
}
