//! The service behind all transports: GraphQL over HTTP ([`http`]), server-sent events ([`crate::sse`]) and WebSockets
//! ([`websocket`]). It checks an operation against the limits, executes it, and completes its responses.

use async_graphql::{Executor, Request, Response as Executed, Value, parser::types::OperationType};
use async_stream::try_stream;
use axum::{
    extract::{DefaultBodyLimit, Request as HttpRequest, State},
    response::Response,
    routing::{MethodRouter, any},
};
use futures_util::{
    FutureExt, Stream, StreamExt,
    stream::{self, BoxStream},
};
use tokio::{select, sync::oneshot};

use crate::{
    Hooks, Limits, Rejection, SubscriptionAck, hooks::Execution, http, limits::CheckedDocument,
    null_propagation, parameters::Parameters, rejection::add_missing_codes, websocket,
};

/// Serves a schema by POST, GET, server-sent events and WebSockets.
pub fn serve<E: Executor, H: Hooks>(schema: E, limits: Limits, hooks: H) -> MethodRouter {
    let max_body = limits.max_body();
    let service = Service {
        schema,
        limits,
        hooks,
    };
    any(respond::<E, H>)
        .with_state(service)
        .layer(DefaultBodyLimit::max(max_body))
}

async fn respond<E: Executor, H: Hooks>(
    State(service): State<Service<E, H>>,
    request: HttpRequest,
) -> Response {
    if websocket::is_upgrade(&request) {
        websocket::open(service, request)
    } else {
        http::respond(service, request).await
    }
}

/// A schema with its limits and hooks.
#[derive(Clone)]
pub struct Service<E, H> {
    schema: E,
    pub limits: Limits,
    pub hooks: H,
}

/// An operation within the limits.
pub struct Operation {
    request: Request,
    pub details: Details,
}

/// The part of an operation that its responses need.
pub struct Details {
    query: String,
    name: Option<String>,
    pub kind: OperationType,
    /// The measured cost, as `extensions` report it.
    cost: Value,
    is_expensive: bool,
}

/// The responses to an operation.
pub type Responses = BoxStream<'static, Result<Executed, Rejection>>;

impl Operation {
    /// Returns a receiver that resolves when a subscription is accepted. It fails if that does not happen.
    fn accepted(&mut self) -> oneshot::Receiver<()> {
        let (ack, accepted) = SubscriptionAck::channel();
        self.request.data.insert(ack);
        accepted
    }
}

impl Details {
    /// Completes a response. Rejects the operation if nothing was executed: only the error of a field has a path.
    fn complete(&self, mut response: Executed, limits: &Limits) -> Result<Executed, Rejection> {
        add_missing_codes(&mut response.errors);
        null_propagation::propagate(
            &mut response,
            limits.types(),
            &self.query,
            self.name.as_deref(),
        );
        sort(&mut response.data);
        let is_rejected = response.errors.iter().all(|error| error.path.is_empty());
        if !response.errors.is_empty() && is_rejected {
            return Err(Rejection::documents(response.errors));
        }
        Ok(response.extension("cost", self.cost.clone()))
    }
}

/// Sorts the fields, which the executor leaves in the order in which they resolved, so that equal requests get equal
/// responses. Removes the placeholders of empty objects.
fn sort(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.swap_remove(crate::limits::PLACEHOLDER);
            fields.sort_unstable_keys();
            fields.values_mut().for_each(sort);
        }
        Value::List(items) => items.iter_mut().for_each(sort),
        _ => {}
    }
}

impl<E: Executor, H: Hooks> Service<E, H> {
    /// Checks the parameters of a request against the limits.
    pub fn check(&self, mut parameters: Parameters) -> Result<Operation, Rejection> {
        let query = parameters.take_query(&self.limits)?;
        let name = parameters.operation_name.as_deref();
        let CheckedDocument {
            document,
            variables,
            operation,
            cost,
            is_expensive,
        } = self.limits.check(&query, name, &parameters.variables)?;
        let mut request = Request::new("").variables(variables);
        request
            .operation_name
            .clone_from(&parameters.operation_name);
        request.set_parsed_query(document);
        let details = Details {
            query,
            name: parameters.operation_name,
            kind: operation,
            cost,
            is_expensive,
        };
        Ok(Operation { request, details })
    }

    /// Begins any operation. Returns its responses when a query or a mutation is executed, or a subscription is
    /// accepted.
    pub async fn begin(
        &self,
        sender: H::Sender,
        mut operation: Operation,
    ) -> Result<Responses, Rejection> {
        if operation.details.kind != OperationType::Subscription {
            let response = self.execute(sender, operation).await?;
            return Ok(stream::iter([Ok(response)]).boxed());
        }
        let accepted = operation.accepted();
        let mut responses = self.clone().stream(sender, operation).boxed();
        let first = select! {
            biased;
            Ok(()) = accepted => None,
            first = responses.next() => first.transpose()?,
        };
        Ok(stream::iter(first.map(Ok)).chain(responses).boxed())
    }

    /// Executes a query or a mutation. An expensive query waits for its turn.
    pub async fn execute(
        &self,
        sender: H::Sender,
        operation: Operation,
    ) -> Result<Executed, Rejection> {
        let details = &operation.details;
        let waits = details.is_expensive && details.kind == OperationType::Query;
        // Boxed, because nested futures are on the stack at once.
        let executed = self.execute_now(sender.clone(), operation).boxed();
        if !waits {
            return executed.await;
        }
        self.hooks.admit_expensive(&sender, executed).await?
    }

    async fn execute_now(
        &self,
        sender: H::Sender,
        operation: Operation,
    ) -> Result<Executed, Rejection> {
        let Operation { request, details } = operation;
        let (request, mut execution) = self.hooks.prepare(sender, details.kind, request).await?;
        let resolvers = self.schema.execute(request).boxed();
        let response = execution.loads().run(resolvers).await;
        let response = execution.complete(response)?;
        details.complete(response, &self.limits)
    }

    /// Executes any operation and streams its responses.
    fn stream(
        self,
        sender: H::Sender,
        operation: Operation,
    ) -> impl Stream<Item = Result<Executed, Rejection>> + Send + use<E, H> {
        try_stream! {
            let Operation { request, details } = operation;
            let (request, mut execution) = self.hooks.prepare(sender, details.kind, request).await?;
            let mut responses = self.schema.execute_stream(request, None);
            while let Some(response) = execution.loads().run(responses.next()).await {
                let response = execution.complete(response)?;
                yield details.complete(response, &self.limits)?;
            }
        }
    }

    /// Returns true if an operation without further responses is complete. A subscription is not if the program is
    /// stopping: its client gets no `complete`, and resumes at another instance.
    pub fn is_complete(&self, kind: OperationType) -> bool {
        kind != OperationType::Subscription || !self.hooks.is_stopping()
    }
}
