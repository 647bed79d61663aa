//! GraphQL over HTTP: a POST with JSON, or a GET that only reads.

use async_graphql::parser::types::OperationType;
use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{Endpoint, Operation, Rejection, Sender, sse};
use crate::{
    bounded_json,
    graphql::{
        parameters::{Accepted, MediaType, Parameters},
        schema::errors,
    },
    http::idempotency::key_from_headers,
};

/// Answers one request, in one piece or by a stream.
pub async fn answer(endpoint: Endpoint, request: Request) -> Response {
    let Some(accepted) = Accepted::from_headers(request.headers()) else {
        let rejection = Rejection::transport(
            StatusCode::NOT_ACCEPTABLE,
            "not_acceptable",
            "Answers are application/graphql-response+json, application/json or text/event-stream: accept one of them.",
        );
        return rejection.answer(MediaType::Json);
    };
    let answered = match read(&endpoint, request).await {
        Ok((sender, operation)) if accepted.streams(operation.asked.kind) => {
            sse::open(&endpoint, sender, operation).await
        }
        Ok((sender, operation)) => whole(&endpoint, sender, operation, accepted.media()).await,
        Err(rejection) => Err(rejection),
    };
    answered.unwrap_or_else(|rejection| rejection.answer(accepted.media()))
}

/// An answer in one piece.
async fn whole(
    endpoint: &Endpoint,
    sender: Sender,
    operation: Operation,
    media: MediaType,
) -> Result<Response, Rejection> {
    if operation.asked.kind == OperationType::Subscription {
        return Err(Rejection::document(
            "subscription_needs_a_stream",
            "A subscription is answered by a stream. Accept text/event-stream, or open a WebSocket with graphql-transport-ws.",
            None,
        ));
    }
    let executed = endpoint.execute(sender, operation).await?;
    let text = bounded_json::to_vec(&executed).map_err(|failure| Rejection::unsent(&failure))?;
    let mut response = ([(header::CONTENT_TYPE, media.name())], text).into_response();
    if let Some(seconds) = errors::longest_wait(&executed) {
        let wait = HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    Ok(response)
}

/// The operation that a request carries, and who sends it.
async fn read(endpoint: &Endpoint, request: Request) -> Result<(Sender, Operation), Rejection> {
    let (method, mut sender) = (request.method().clone(), Sender::from_request(&request));
    let headers = request.headers().clone();
    let parameters = match method {
        Method::POST => Parameters::from_body(request).await?,
        Method::GET | Method::HEAD => {
            Parameters::from_query_string(request.uri().query().unwrap_or_default())?
        }
        _ => {
            return Err(Rejection::method(
                "GET, HEAD, POST",
                "Send a POST, or a GET for a query.",
            ));
        }
    };
    let operation = endpoint.admit(parameters)?;
    if method != Method::POST && operation.asked.kind == OperationType::Mutation {
        return Err(Rejection::method(
            "POST",
            "A GET only reads. Send mutations as a POST.",
        ));
    }
    sender.key = key_from_headers(&headers, &sender.replayed)
        .map_err(|failure| Rejection::malformed(failure.to_string()))?;
    Ok((sender, operation))
}
