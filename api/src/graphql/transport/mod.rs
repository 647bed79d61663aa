//! The ways in which operations come and answers go: GraphQL over HTTP ([`http`]), server-sent events ([`sse`]) and
//! WebSockets ([`websocket`]).
//!
//! A thin layer over async-graphql's executor, the same for all ways: what [`super::request`] cannot read, [`super::guard`]
//! does not admit or [`identity`] does not know is not executed; each such [`Rejection`] has a code, like every other error.

mod http;
mod sse;
mod websocket;

use std::sync::Arc;

use async_graphql::{
    Request as Execution, Response as Executed, Value, parser::types::OperationType,
};
use async_stream::try_stream;
use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::HeaderValue,
    response::{IntoResponse, Redirect, Response},
    routing::any,
};
use exchange::{
    error::Error,
    identity::{self, Ended, credentials::Credentials},
    operation::{IdempotencyKey, ReplayFlag},
};
use futures_util::{
    FutureExt, Stream, StreamExt,
    stream::{self, BoxStream},
};
use tokio::{select, sync::oneshot};

use super::{
    batching::Loads,
    limits::{CheckedDocument, Limits, PLACEHOLDER},
    null_propagation,
    parameters::Parameters,
    rejection::Rejection,
    schema::{Schema, errors, loaders::Viewer, text::Size},
    subscription_ack::Announcement,
};
use crate::{
    admission::Gate,
    app::App,
    http::{
        ClientAddress, RequestId, caching::CacheScope, credentials, media_type::accepted,
        size::MAX_BODY,
    },
};

#[derive(Clone)]
struct Endpoint {
    app: App,
    /// The gate that operations over a WebSocket pass. A request has passed it before.
    gate: Arc<Gate>,
    schema: Schema,
    limits: Limits,
    /// The origins of other hosts whose pages may open a WebSocket.
    origins: Arc<[HeaderValue]>,
}

/// Who sends operations, and by which request or connection.
#[derive(Clone)]
struct Sender {
    credentials: Credentials,
    /// The address that limits by client count under.
    client: ClientAddress,
    request_id: Option<RequestId>,
    key: Option<IdempotencyKey>,
    /// Whether the write that is asked for had been done before.
    replayed: ReplayFlag,
}

/// An operation that may be executed.
struct Operation {
    execution: Execution,
    asked: Asked,
}

/// The answers to an operation, one after the other.
type Answers = BoxStream<'static, Result<Executed, Rejection>>;

/// What is still known of an operation when its answer goes out.
struct Asked {
    query: String,
    operation_name: Option<String>,
    kind: OperationType,
    /// The measured cost.
    cost: Value,
    is_expensive: bool,
}

/// `/graphql`.
pub fn router(
    app: App,
    gate: Arc<Gate>,
    schema: Schema,
    limits: Limits,
    origins: Vec<HeaderValue>,
) -> Router {
    let origins = origins.into();
    Router::new()
        .route("/graphql", any(answer))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .with_state(Endpoint {
            app,
            gate,
            schema,
            limits,
            origins,
        })
}

async fn answer(State(endpoint): State<Endpoint>, request: Request) -> Response {
    if websocket::is_upgrade(&request) {
        return websocket::open(endpoint, request).await;
    }
    let scope = CacheScope::for_request(&request);
    let mut response = if is_browser(&request) {
        Redirect::to("/graphiql").into_response()
    } else {
        http::answer(endpoint, request).await
    };
    scope.apply(&mut response);
    response
}

/// Does somebody look in with a browser, who has no query yet?
fn is_browser(request: &Request) -> bool {
    let pages = accepted(request.headers());
    request.method().is_safe()
        && request.uri().query().is_none()
        && pages
            .iter()
            .any(|(name, weight)| name == "text/html" && *weight > 0)
}

impl Sender {
    fn from_request(request: &Request) -> Self {
        Self {
            credentials: credentials::from_headers(request.headers()),
            client: ClientAddress::from_extensions(request.extensions()),
            request_id: request.extensions().get().cloned(),
            key: None,
            replayed: request.extensions().get().cloned().unwrap_or_default(),
        }
    }

    fn refused(&self, failure: &Error) -> Rejection {
        Rejection::sender(failure, self.request_id.as_ref())
    }

    /// Goes on unless the person is known no more, and did nothing before of what they asked for.
    fn still_known(&self, ended: Option<Ended>) -> Result<(), Rejection> {
        match ended {
            Some(ended) if !self.replayed.is_set() => Err(self.refused(&ended.into())),
            _ => Ok(()),
        }
    }

    /// The answer as it goes out, unless nothing was executed: only what went wrong in a field has a path.
    fn answer(&self, mut executed: Executed, asked: &Asked) -> Result<Executed, Rejection> {
        let request_id = self.request_id.as_ref();
        if let Some(failure) = errors::not_begun(&executed) {
            return Err(Rejection::sender(failure, request_id));
        }
        let name = asked.operation_name.as_deref();
        null_propagation::propagate(&mut executed, &asked.query, name);
        errors::settle(&mut executed, request_id);
        sort(&mut executed.data);
        let refused = executed.errors.iter().all(|error| error.path.is_empty());
        if !executed.errors.is_empty() && refused {
            return Err(Rejection::documents(executed.errors));
        }
        if self.replayed.is_set() {
            executed = executed.extension("idempotentReplayed", Value::Boolean(true));
        }
        Ok(executed.extension("cost", asked.cost.clone()))
    }
}

/// Sorts the fields: the executor leaves them as they happened to resolve, and the same request would get another text each
/// time. Leaves out those that nobody asked for.
fn sort(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.swap_remove(PLACEHOLDER);
            fields.sort_unstable_keys();
            fields.values_mut().for_each(sort);
        }
        Value::List(items) => items.iter_mut().for_each(sort),
        _ => {}
    }
}

impl Operation {
    /// Resolves when a subscription has begun; with an error where it does not, or is none.
    fn announce(&mut self) -> oneshot::Receiver<()> {
        let (announcement, begun) = Announcement::new();
        self.execution.data.insert(announcement);
        begun
    }
}

impl Endpoint {
    /// The operation that came, if it may be executed.
    fn admit(&self, mut parameters: Parameters) -> Result<Operation, Rejection> {
        let query = parameters.take_query()?;
        let name = parameters.operation_name.as_deref();
        let CheckedDocument {
            document,
            variables,
            operation,
            cost,
            is_expensive,
        } = self.limits.check(&query, name, &parameters.variables)?;
        let mut execution = Execution::new("").variables(variables);
        execution
            .operation_name
            .clone_from(&parameters.operation_name);
        execution.set_parsed_query(document);
        let asked = Asked {
            query,
            operation_name: parameters.operation_name,
            kind: operation,
            cost,
            is_expensive,
        };
        Ok(Operation { execution, asked })
    }

    /// Begins any operation: gives its answers, once a query or a mutation is answered, or a subscription listens.
    async fn begin(&self, sender: Sender, mut operation: Operation) -> Result<Answers, Rejection> {
        if operation.asked.kind != OperationType::Subscription {
            let executed = self.execute(sender, operation).await?;
            return Ok(stream::iter([Ok(executed)]).boxed());
        }
        let begun = operation.announce();
        let mut answers = self.clone().stream(sender, operation).boxed();
        let first = select! {
            biased;
            Ok(()) = begun => None,
            first = answers.next() => first.transpose()?,
        };
        Ok(stream::iter(first.map(Ok)).chain(answers).boxed())
    }

    /// Executes a query or a mutation. A query that is dear waits for its turn.
    async fn execute(&self, sender: Sender, operation: Operation) -> Result<Executed, Rejection> {
        let (client, asked) = (sender.client.rate_limit_key(), &operation.asked);
        let waits = asked.is_expensive && asked.kind == OperationType::Query;
        // Boxed, since what is inside one another is on the stack at once.
        let executed = self.execute_now(sender, operation).boxed();
        if !waits {
            return executed.await;
        }
        let executed = self.gate.run_expensive(client, executed).await;
        executed.unwrap_or_else(|reason| Err(Rejection::shed(reason, true)))
    }

    async fn execute_now(
        &self,
        sender: Sender,
        operation: Operation,
    ) -> Result<Executed, Rejection> {
        let Operation { execution, asked } = operation;
        let (execution, mut loads, size, ended) =
            self.prepare(sender.clone(), asked.kind, execution).await?;
        let executed = loads.during(self.schema.execute(execution).boxed()).await;
        sender.still_known(ended)?;
        size.end().map_err(|failure| Rejection::unsent(&failure))?;
        sender.answer(executed, &asked)
    }

    /// Executes any operation: what it gives, one answer after the other.
    fn stream(
        self,
        sender: Sender,
        operation: Operation,
    ) -> impl Stream<Item = Result<Executed, Rejection>> + Send + use<> {
        try_stream! {
            let Operation { execution, asked } = operation;
            let (execution, mut loads, size, ended) =
                self.prepare(sender.clone(), asked.kind, execution).await?;
            let mut answers = Box::pin(self.schema.execute_stream(execution));
            while let Some(executed) = loads.during(answers.next()).await {
                sender.still_known(ended)?;
                size.end().map_err(|failure| Rejection::unsent(&failure))?;
                yield sender.answer(executed, &asked)?;
            }
        }
    }

    /// Whether what has no more answers has come to its end. A subscription has not where this instance stops: its client, told
    /// nothing, goes on elsewhere.
    fn is_complete(&self, kind: OperationType) -> bool {
        kind != OperationType::Subscription || !self.app.feed.is_closing()
    }

    /// Finds out who asks, and gives the resolvers what they work with. Who is known no more may ask for a mutation: one that was
    /// done before under its key is answered again, and any other is refused, see [`Sender::still_known`].
    async fn prepare(
        &self,
        sender: Sender,
        kind: OperationType,
        execution: Execution,
    ) -> Result<(Execution, Loads, Size, Option<Ended>), Rejection> {
        let known = sender
            .credentials
            .sender(&self.app)
            .await
            .map_err(|failure| sender.refused(&failure))?;
        let ended = match known {
            identity::Sender::Known(_) => None,
            identity::Sender::Ended(ended) if kind == OperationType::Mutation => Some(ended),
            identity::Sender::Ended(ended) => return Err(sender.refused(&ended.into())),
        };
        // What was loaded is good as long as nothing changes: in a query.
        let keep = kind == OperationType::Query;
        let (viewer, loads) = Viewer::new(
            self.app.clone(),
            known,
            sender.client,
            sender.key,
            sender.replayed,
            keep,
        );
        let (size, client) = (Size::default(), sender.client.rate_limit_key());
        let execution = execution
            .data(viewer)
            .data(sender.credentials)
            .data(client)
            .data(size.clone());
        Ok((execution, loads, size, ended))
    }
}
