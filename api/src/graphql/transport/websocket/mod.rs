//! WebSockets: many operations over one connection, by the protocol graphql-transport-ws. [`protocol`] has its messages and
//! close codes.
//!
//! The sender is named by the first message, by the headers that opened the connection, or by both if they agree (see
//! [`crate::identity::Credentials`]); it is looked at again for each operation. A connection whose sender is known no more is closed, and the client comes back with a
//! new token.

mod protocol;

use std::{future::pending, pin::pin, time::Duration};

use async_graphql::parser::types::OperationType;
use async_stream::stream;
use axum::{
    extract::{
        FromRequestParts, Request,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    http::{HeaderName, HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};
use tokio_stream::{StreamMap, wrappers::ReceiverStream};

use self::protocol::{Close, FromClient, Init, PROTOCOL, ToClient};
use super::{Endpoint, Refusal, Sender};
use crate::{
    exchange::{call::Replayed, live},
    graphql::request::{MediaType, Parameters},
    http::{detached, size::MAX_FRAME},
    outbox::tail::Seat,
    trace,
};

/// How long a client may take to say who it is.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a connection is shown to be alive, to the client and to proxies between.
const PING: Duration = Duration::from_secs(20);
/// How many operations may be under way at once on one connection.
const MAX_OPERATIONS: usize = 32;

/// Does the request ask for a WebSocket? Any other upgrade is ignored (RFC 9110, 7.8), such as the `h2c` of Java's HttpClient and of
/// `curl --http2`.
pub fn is_asked_for(request: &Request) -> bool {
    let names = |header: &HeaderName, protocol: &str| {
        let values = request.headers().get_all(header).iter();
        let mut names = values
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','));
        names.any(|name| name.trim().eq_ignore_ascii_case(protocol))
    };
    request.method() == Method::GET
        && names(&header::CONNECTION, "upgrade")
        && names(&header::UPGRADE, "websocket")
}

/// Opens a connection.
pub async fn open(endpoint: Endpoint, request: Request) -> Response {
    let (sender, parent) = (Sender::of(&request), trace::current());
    let (mut parts, _) = request.into_parts();
    if !from_here(&parts, &endpoint.origins) {
        let refusal = Refusal::transport(
            StatusCode::FORBIDDEN,
            "origin_not_allowed",
            "Pages of this origin may not connect. Add it to CORS_ORIGINS.",
        );
        return refusal.answer(MediaType::Json);
    }
    let seat = match live::seat(&endpoint.app) {
        Ok(seat) => seat,
        Err(failure) => {
            let refusal = Refusal::sender(&failure, sender.request_id.as_ref());
            return refusal.answer(MediaType::Json);
        }
    };
    match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => {
            let upgrade = upgrade
                .protocols([PROTOCOL])
                .max_message_size(MAX_FRAME)
                .max_frame_size(MAX_FRAME);
            let mut response = upgrade.on_upgrade(move |socket| {
                let connection = Connection::new(endpoint, sender, socket, seat);
                trace::scope(parent, connection.run())
            });
            // Repeats the names of headers as the client spells them: gql for Python finds Sec-WebSocket-Protocol by no other spelling.
            response.extensions_mut().extend(parts.extensions);
            response
        }
        Err(rejection) => rejection.into_response(),
    }
}

/// Was the connection opened by a program, by a page of this host, or by one that may? A browser lets any page connect.
fn from_here(parts: &Parts, origins: &[HeaderValue]) -> bool {
    let Some(origin) = parts.headers.get(header::ORIGIN) else {
        return true;
    };
    let host = parts
        .headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let page = origin
        .to_str()
        .ok()
        .and_then(|origin| origin.parse::<Uri>().ok());
    let page = page.as_ref().and_then(Uri::authority);
    origins.contains(origin) || page.is_some_and(|page| Some(page.as_str()) == host)
}

/// What happens next on a connection.
enum Next {
    Came(Option<Result<Message, axum::Error>>),
    Answer(ToClient),
    /// No operation is under way any more.
    Ended,
    Ping,
    /// Nobody said who is asking, in time.
    Silence,
    /// This instance stops.
    Stopping,
}

struct Connection {
    endpoint: Endpoint,
    sender: Sender,
    socket: WebSocket,
    /// Has the client said who is asking?
    acknowledged: bool,
    /// The answers to the operations under way.
    operations: StreamMap<String, ReceiverStream<ToClient>>,
    _seat: Seat,
}

impl Connection {
    fn new(endpoint: Endpoint, sender: Sender, socket: WebSocket, seat: Seat) -> Self {
        Self {
            endpoint,
            sender,
            socket,
            acknowledged: false,
            operations: StreamMap::new(),
            _seat: seat,
        }
    }

    /// Serves until either side closes, or the operations under way are finished where this instance stops.
    async fn run(mut self) {
        if let Err(close) = self.serve().await {
            // A client that is gone need not be told.
            let _ = self.socket.send(Message::Close(Some(close.frame()))).await;
        }
    }

    async fn serve(&mut self) -> Result<(), Close> {
        if self
            .socket
            .protocol()
            .is_none_or(|protocol| protocol != PROTOCOL)
        {
            return Err(Close::PROTOCOL);
        }
        let tail = self.endpoint.app.tail.clone();
        let mut silence = Box::pin(sleep(PATIENCE));
        let mut ping = interval_at(Instant::now() + PING, PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            if tail.is_closing() && self.operations.is_empty() {
                return Err(Close::RESTART);
            }
            let next = tokio::select! {
                () = tail.closing(), if !tail.is_closing() => Next::Stopping,
                () = &mut silence, if !self.acknowledged => Next::Silence,
                came = self.socket.recv() => Next::Came(came),
                next = self.operations.next(), if !self.operations.is_empty() => {
                    next.map_or(Next::Ended, |(_, answer)| Next::Answer(answer))
                }
                _ = ping.tick() => Next::Ping,
            };
            let sent = match next {
                Next::Stopping | Next::Ended => Ok(()),
                Next::Silence => return Err(Close::SILENCE),
                Next::Ping => self.socket.send(Message::Ping(Default::default())).await,
                Next::Answer(answer) => self.say(answer).await?,
                Next::Came(None | Some(Err(_))) => return Ok(()),
                Next::Came(Some(Ok(Message::Close(_)))) => {
                    // Sends the answer that a close needs (RFC 6455, 5.5.1), else the client takes the connection for lost.
                    self.socket.recv().await;
                    return Ok(());
                }
                Next::Came(Some(Ok(Message::Text(text)))) => self.hear(&text).await?,
                Next::Came(Some(Ok(Message::Binary(_)))) => {
                    return Err(Close::invalid("a message is a text"));
                }
                Next::Came(Some(Ok(Message::Ping(_) | Message::Pong(_)))) => Ok(()),
            };
            if sent.is_err() {
                return Ok(());
            }
        }
    }

    /// Does what the client says.
    async fn hear(&mut self, text: &str) -> Result<Result<(), axum::Error>, Close> {
        match FromClient::read(text)? {
            FromClient::ConnectionInit { .. } if self.acknowledged => Err(Close::INIT_TWICE),
            FromClient::ConnectionInit { payload } => {
                self.init(payload.unwrap_or_default()).await?;
                Ok(self.send(&ToClient::ConnectionAck).await)
            }
            FromClient::Ping { payload } => Ok(self.send(&ToClient::Pong { payload }).await),
            FromClient::Pong { .. } => Ok(Ok(())),
            FromClient::Subscribe { .. } if !self.acknowledged => Err(Close::UNAUTHORIZED),
            // Its client asks elsewhere, once it is told to go.
            FromClient::Subscribe { .. } if self.endpoint.app.tail.is_closing() => Ok(Ok(())),
            FromClient::Subscribe { id, payload } => {
                self.begin(id, payload)?;
                Ok(Ok(()))
            }
            FromClient::Complete { id } => {
                self.operations.remove(&id);
                Ok(Ok(()))
            }
        }
    }

    /// Takes who is asking.
    async fn init(&mut self, payload: Init) -> Result<(), Close> {
        for (name, value) in payload.credentials()? {
            self.sender.credentials.add_from_payload(name, value);
        }
        known(&self.endpoint, &self.sender).await?;
        self.acknowledged = true;
        Ok(())
    }

    /// Begins an operation.
    fn begin(&mut self, id: String, parameters: Parameters) -> Result<(), Close> {
        if self.operations.contains_key(&id) {
            return Err(Close::taken(&id));
        }
        let operation = if self.operations.len() < MAX_OPERATIONS {
            self.endpoint.admit(parameters)
        } else {
            Err(too_many())
        };
        let (endpoint, of) = (self.endpoint.clone(), id.clone());
        let sender = Sender {
            replayed: Replayed::default(),
            ..self.sender.clone()
        };
        let answers = stream! {
            let operation = match operation {
                Ok(operation) => operation,
                Err(refusal) => {
                    yield ToClient::Error { id: of, payload: refusal.errors() };
                    return;
                }
            };
            let kind = operation.asked.kind;
            // A subscription is gone on with elsewhere, from the last event that was told.
            let gone = pin!(async {
                match kind {
                    OperationType::Subscription => endpoint.app.tail.closing().await,
                    OperationType::Query | OperationType::Mutation => pending().await,
                }
            });
            for await executed in endpoint.clone().stream(sender, operation).take_until(gone) {
                match executed {
                    Ok(executed) => {
                        yield ToClient::Next { id: of.clone(), payload: Box::new(executed) };
                    }
                    Err(refusal) => {
                        yield ToClient::Error { id: of, payload: refusal.errors() };
                        return;
                    }
                }
            }
            if endpoint.is_complete(kind) {
                yield ToClient::Complete { id: of };
            }
        };
        self.operations.insert(id, detached(answers));
        Ok(())
    }

    /// Passes an answer on. One that failed may have failed because it is not known any more who is asking.
    async fn say(&mut self, answer: ToClient) -> Result<Result<(), axum::Error>, Close> {
        if answer.failed() {
            known(&self.endpoint, &self.sender).await?;
        }
        if let ToClient::Complete { id } | ToClient::Error { id, .. } = &answer {
            self.operations.remove(id);
        }
        Ok(self.send(&answer).await)
    }

    async fn send(&mut self, message: &ToClient) -> Result<(), axum::Error> {
        self.socket
            .send(Message::Text(message.to_string().into()))
            .await
    }
}

/// Goes on if it is known who is asking, still.
async fn known(endpoint: &Endpoint, sender: &Sender) -> Result<(), Close> {
    let known = sender.credentials.identify(&endpoint.app).await;
    known
        .map(drop)
        .map_err(|failure| Close::forbidden(&failure))
}

fn too_many() -> Refusal {
    Refusal::document(
        "too_many_operations",
        format!(
            "{MAX_OPERATIONS} operations are under way on this connection, the most it may have. Complete one first."
        ),
        None,
    )
}
