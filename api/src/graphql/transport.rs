//! GraphQL over HTTP: a POST with JSON, or a GET that only reads.
//!
//! A thin layer over async-graphql's executor. What [`super::request`] cannot read, [`super::guard`] does not admit or
//! [`identity`] does not know is not executed; each such [`Refusal`] has a code, like every other error.

use async_graphql::{Request as Execution, Response as Executed, parser::types::OperationType};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::any,
};

use super::{
    Schema, errors,
    guard::{Admitted, Guard},
    loaders::Viewer,
    refusal::Refusal,
    request::{MAX_BYTES, MediaType, Parameters},
};
use crate::{
    app::App,
    exchange::call::Key,
    http::{RequestId, idempotency_key},
    identity,
};

#[derive(Clone)]
struct Endpoint {
    app: App,
    schema: Schema,
    guard: Guard,
}

/// `/graphql`.
pub fn router(app: App, schema: Schema, guard: Guard) -> Router {
    Router::new()
        .route("/graphql", any(answer))
        .layer(DefaultBodyLimit::max(MAX_BYTES))
        .with_state(Endpoint { app, schema, guard })
}

async fn answer(State(endpoint): State<Endpoint>, request: Request) -> Response {
    let Some(media) = MediaType::wanted(request.headers()) else {
        let refusal = Refusal::transport(
            StatusCode::NOT_ACCEPTABLE,
            "not_acceptable",
            "Answers are application/graphql-response+json or application/json: accept one of them.",
        );
        return refusal.answer(MediaType::Json);
    };
    match endpoint.execute(request).await {
        Ok(executed) => {
            let headers = [(header::CONTENT_TYPE, media.name())];
            // By way of a value of serde_json, which sorts the fields: the executor leaves them as they happened to
            // resolve, and the same request would get another text each time.
            (headers, serde_json::json!(executed).to_string()).into_response()
        }
        Err(refusal) => refusal.answer(media),
    }
}

impl Endpoint {
    /// Executes the operation that came, if one came that may be executed.
    async fn execute(self, request: Request) -> Result<Executed, Refusal> {
        let (method, headers) = (request.method().clone(), request.headers().clone());
        let request_id = request.extensions().get::<RequestId>().cloned();
        let replayed = request.extensions().get().cloned().unwrap_or_default();
        let parameters = match method {
            Method::POST => Parameters::of_body(request).await?,
            Method::GET | Method::HEAD => {
                Parameters::of_query_string(request.uri().query().unwrap_or_default())?
            }
            _ => {
                return Err(Refusal::method(
                    "GET, POST",
                    "Send a POST, or a GET for a query.",
                ));
            }
        };
        let name = parameters.operation_name.as_deref();
        let admitted = self
            .guard
            .admit(parameters.query()?, name, &parameters.variables)?;
        if method != Method::POST && admitted.operation != OperationType::Query {
            return Err(Refusal::method(
                "POST",
                "A GET only reads. Send mutations as a POST.",
            ));
        }
        let key = idempotency_key(&headers, &replayed)
            .map_err(|failure| Refusal::malformed(failure.to_string()))?;
        self.run(&headers, key, parameters, admitted, request_id.as_ref())
            .await
    }

    /// Runs an operation for whoever sent it.
    async fn run(
        self,
        headers: &HeaderMap,
        key: Option<Key>,
        parameters: Parameters,
        admitted: Admitted,
        request_id: Option<&RequestId>,
    ) -> Result<Executed, Refusal> {
        let actor = identity::identify(&self.app, headers)
            .await
            .map_err(|failure| Refusal::sender(&failure, request_id))?;
        // A mutation changes what was loaded before it, so only queries keep it.
        let keep = admitted.operation == OperationType::Query;
        let (viewer, loads) = Viewer::new(self.app, actor, key, keep);
        let mut execution = Execution::new("")
            .variables(parameters.variables)
            .data(viewer);
        execution.operation_name = parameters.operation_name;
        execution.set_parsed_query(admitted.document);
        let mut executed = loads.during(self.schema.execute(execution)).await;
        errors::settle(&mut executed, request_id);
        // Only what went wrong in a field has a path: nothing was executed.
        if !executed.errors.is_empty() && executed.errors.iter().all(|error| error.path.is_empty())
        {
            return Err(Refusal::documents(executed.errors));
        }
        Ok(executed.extension("cost", admitted.cost))
    }
}
