//! Server-sent events: the answers to one operation, one event each, until it is complete. The distinct connections mode of
//! the GraphQL over Server-Sent Events protocol.
//!
//! Source: <https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md>

use async_stream::stream;
use axum::{
    extract::Request,
    response::{Response, sse::Event},
};
use futures_util::{StreamExt, stream};
use tokio::select;

use super::{
    Endpoint, Refusal,
    http::{read, text},
};
use crate::{
    exchange::live,
    graphql::request::MediaType,
    http::{detached, streaming},
};

/// Answers as they come, to one request.
pub async fn answer(endpoint: Endpoint, request: Request) -> Response {
    let opened = open(&endpoint, request).await;
    opened.unwrap_or_else(|refusal| refusal.answer(MediaType::GraphqlResponse))
}

async fn open(endpoint: &Endpoint, request: Request) -> Result<Response, Refusal> {
    let (sender, mut operation) = read(endpoint, request).await?;
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
    Ok(streaming(stream! {
        let _seat = seat;
        while let Some(Ok(executed)) = answers.next().await {
            yield Ok(Event::default().event("next").data(text(&executed)));
        }
        if endpoint.is_complete(kind) {
            yield Ok(Event::default().event("complete").data(""));
        }
    }))
}
