//! GraphQL over HTTP: a POST with JSON, or a GET that only reads.

use async_graphql::{Executor, Response as Executed, Value, parser::types::OperationType};
use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};

use crate::{
    Hooks, Rejection,
    media_type::{Accepted, MediaType},
    parameters::Parameters,
    service::{Operation, Service},
    sse,
};

/// Responds to one request, with one response or a stream.
pub async fn respond<E: Executor, H: Hooks>(service: Service<E, H>, request: Request) -> Response {
    let Some(accepted) = Accepted::from_headers(request.headers()) else {
        let rejection = Rejection::transport(
            StatusCode::NOT_ACCEPTABLE,
            "not_acceptable",
            "Responses are application/graphql-response+json, application/json or text/event-stream. Accept one of them.",
        );
        return rejection.into_response(MediaType::Json);
    };
    let response = match read(&service, request).await {
        Ok((sender, operation)) if accepted.streams(operation.details.kind) => {
            sse::respond(&service, sender, operation).await
        }
        Ok((sender, operation)) => {
            execute(&service, sender, operation, accepted.media_type()).await
        }
        Err(rejection) => Err(rejection),
    };
    response.unwrap_or_else(|rejection| rejection.into_response(accepted.media_type()))
}

/// Responds to a query or a mutation.
async fn execute<E: Executor, H: Hooks>(
    service: &Service<E, H>,
    sender: H::Sender,
    operation: Operation,
    media_type: MediaType,
) -> Result<Response, Rejection> {
    if operation.details.kind == OperationType::Subscription {
        return Err(Rejection::document(
            "subscription_needs_a_stream",
            "A subscription needs a stream. Accept text/event-stream, or open a WebSocket with graphql-transport-ws.",
            None,
        ));
    }
    let executed = service.execute(sender, operation).await?;
    let body = service.hooks.to_json(&executed)?;
    let content_type = [(header::CONTENT_TYPE, media_type.content_type())];
    let mut response = (content_type, body).into_response();
    if let Some(seconds) = longest_wait(&executed) {
        let wait = HeaderValue::from(seconds);
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    Ok(response)
}

/// Returns the longest `retryAfter` of the errors, in seconds: after it, all of them are worth another try.
fn longest_wait(response: &Executed) -> Option<u64> {
    let extensions = response
        .errors
        .iter()
        .filter_map(|error| error.extensions.as_ref());
    let waits = extensions.filter_map(|extensions| match extensions.get("retryAfter") {
        Some(Value::Number(seconds)) => seconds.as_u64(),
        _ => None,
    });
    waits.max()
}

/// Reads the operation of a request, and its sender.
async fn read<E: Executor, H: Hooks>(
    service: &Service<E, H>,
    request: Request,
) -> Result<(H::Sender, Operation), Rejection> {
    let (hooks, limits) = (&service.hooks, &service.limits);
    let (method, headers) = (request.method().clone(), request.headers().clone());
    let mut sender = hooks.sender(&headers, request.extensions());
    let parameters = match method {
        Method::POST => Parameters::from_body(request, limits).await?,
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
    let operation = service.check(parameters)?;
    if method != Method::POST && operation.details.kind == OperationType::Mutation {
        return Err(Rejection::method(
            "POST",
            "A GET only reads. Send mutations as a POST.",
        ));
    }
    hooks.read_operation_headers(&mut sender, &headers)?;
    Ok((sender, operation))
}
