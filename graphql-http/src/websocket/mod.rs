//! WebSockets: many operations over one connection, by the protocol graphql-transport-ws. [`protocol`] has its messages
//! and close codes, [`socket`] the connection with its limits, [`operation`] the admission of an operation.
//!
//! The sender is named by the first message, by the headers of the handshake, or by both if they agree (see
//! [`crate::Identity`]), and is authenticated again for each operation. When that fails, the connection is closed, and
//! the client reconnects with new credentials.

mod operation;
mod protocol;
mod socket;

use std::time::Duration;

use async_graphql::Executor;
use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, Uri, header},
    response::Response,
};
use futures_util::StreamExt;
use platform::stream::spawn_stream;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};
use tokio_stream::{StreamMap, wrappers::ReceiverStream};
use tokio_tungstenite::tungstenite::Message;

pub use self::protocol::Close;
use self::{
    operation::Reply,
    protocol::{FromClient, Init, ToClient},
    socket::{Gone, Socket},
};
use crate::{Hooks, Rejection, media_type::MediaType, parameters::Parameters, service::Service};

/// The longest wait for `connection_init`.
const INIT_TIMEOUT: Duration = Duration::from_secs(5);
/// The interval of pings, which keep the connection alive for the client and the proxies between.
const PING: Duration = Duration::from_secs(20);
/// The most operations in progress on one connection.
const MAX_OPERATIONS: usize = 32;
/// The room for the members around the parameters in a message, in bytes.
const ENVELOPE: usize = 1024;

/// Returns true if the request asks for a WebSocket. Any other upgrade is ignored (RFC 9110, section 7.8), such as the
/// `h2c` of Java's HttpClient and of `curl --http2`.
#[must_use]
pub fn is_upgrade(request: &Request) -> bool {
    let headers = request.headers();
    request.method() == Method::GET
        && socket::lists(headers, &header::CONNECTION, "upgrade")
        && socket::lists(headers, &header::UPGRADE, "websocket")
}

/// Opens a connection.
pub fn open<E: Executor, H: Hooks>(service: Service<E, H>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let hooks = &service.hooks;
    let sender = hooks.sender(&parts.headers, &parts.extensions);
    let permit = check_origin(hooks, &parts.headers).and_then(|()| hooks.connect(&sender));
    let response = permit.and_then(|permit| {
        let offers_protocol = socket::offers_protocol(&parts.headers);
        let max_message = service.limits.max_body() + ENVELOPE;
        socket::open(&mut parts, max_message, move |socket| {
            Connection::new(service, sender, socket, permit).run(offers_protocol)
        })
    });
    response.unwrap_or_else(|rejection| rejection.into_response(MediaType::Json))
}

/// Accepts connections of programs and of pages of this host, and asks the hooks about pages of other origins: a
/// browser lets any page connect.
fn check_origin(hooks: &impl Hooks, headers: &HeaderMap) -> Result<(), Rejection> {
    let Some(origin) = headers.get(header::ORIGIN) else {
        return Ok(());
    };
    let host = headers.get(header::HOST).and_then(text);
    let page = text(origin).and_then(|origin| origin.parse::<Uri>().ok());
    let page = page.as_ref().and_then(Uri::authority);
    if page.is_some_and(|page| Some(page.as_str()) == host) {
        return Ok(());
    }
    hooks.check_origin(origin)
}

fn text(value: &HeaderValue) -> Option<&str> {
    value.to_str().ok()
}

/// The next thing that happens on a connection.
enum Next<M> {
    Received(Result<Option<Message>, Close>),
    Reply(Reply<M>),
    /// No operation is in progress any more.
    Idle,
    Ping,
    /// No `connection_init` came in time.
    InitTimeout,
    Stopping,
}

/// The end of a connection.
enum End {
    /// This side closes it.
    Closed(Close),
    /// The client is gone, or counts as gone.
    Gone,
}

struct Connection<E, H: Hooks> {
    service: Service<E, H>,
    sender: H::Sender,
    socket: Socket,
    /// True after `connection_init` was acknowledged.
    acknowledged: bool,
    /// The messages of the operations in progress.
    operations: StreamMap<String, ReceiverStream<Reply<H::Message>>>,
    _permit: H::Connection,
}

impl<E: Executor, H: Hooks> Connection<E, H> {
    fn new(
        service: Service<E, H>,
        sender: H::Sender,
        socket: Socket,
        permit: H::Connection,
    ) -> Self {
        Self {
            service,
            sender,
            socket,
            acknowledged: false,
            operations: StreamMap::new(),
            _permit: permit,
        }
    }

    /// Serves until either side closes, or, when the program stops, until the operations in progress are complete.
    async fn run(mut self, offers_protocol: bool) {
        let end = if offers_protocol {
            self.serve().await
        } else {
            End::Closed(Close::PROTOCOL)
        };
        self.operations.clear();
        if let End::Closed(reason) = end {
            self.socket.close(reason).await;
        }
    }

    async fn serve(&mut self) -> End {
        let mut init_timeout = Box::pin(sleep(INIT_TIMEOUT));
        let mut ping = interval_at(Instant::now() + PING, PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let hooks = self.service.hooks.clone();
        loop {
            if hooks.is_stopping() && self.operations.is_empty() {
                return Close::RESTART.into();
            }
            let next = tokio::select! {
                () = hooks.stopping(), if !hooks.is_stopping() => Next::Stopping,
                () = &mut init_timeout, if !self.acknowledged => Next::InitTimeout,
                received = self.socket.receive() => Next::Received(received),
                next = self.operations.next(), if !self.operations.is_empty() => {
                    next.map_or(Next::Idle, |(_, reply)| Next::Reply(reply))
                }
                _ = ping.tick() => Next::Ping,
            };
            if let Err(end) = self.handle(next).await {
                return end;
            }
        }
    }

    async fn handle(&mut self, next: Next<H::Message>) -> Result<(), End> {
        match next {
            Next::Stopping | Next::Idle => Ok(()),
            Next::InitTimeout => Err(Close::INIT_TIMEOUT.into()),
            Next::Ping => Ok(self.socket.ping().await?),
            Next::Reply(reply) => self.send_result(reply).await,
            Next::Received(received) => match received? {
                None => Err(End::Gone),
                Some(Message::Text(text)) => self.handle_message(&text).await,
                Some(Message::Binary(_)) => {
                    Err(Close::invalid("send text, not binary data").into())
                }
                Some(_) => Ok(()),
            },
        }
    }

    async fn handle_message(&mut self, text: &str) -> Result<(), End> {
        match FromClient::parse(text)? {
            FromClient::ConnectionInit { .. } if self.acknowledged => Err(Close::INIT_TWICE.into()),
            FromClient::ConnectionInit { payload } => {
                self.init(payload.unwrap_or_default()).await?;
                self.send(&ToClient::ConnectionAck).await
            }
            FromClient::Ping { payload } => self.send(&ToClient::Pong { payload }).await,
            FromClient::Pong { .. } => Ok(()),
            FromClient::Subscribe { .. } if !self.acknowledged => Err(Close::UNAUTHORIZED.into()),
            // The client sends it again to another instance, after the close.
            FromClient::Subscribe { .. } if self.service.hooks.is_stopping() => Ok(()),
            FromClient::Subscribe { id, payload } => Ok(self.begin(id, payload)?),
            FromClient::Complete { id } => {
                self.operations.remove(&id);
                Ok(())
            }
        }
    }

    /// Adds the credentials of `connection_init`.
    async fn init(&mut self, payload: Init) -> Result<(), Close> {
        let hooks = &self.service.hooks;
        for (header, value) in payload.credentials(hooks)? {
            hooks.add_credential(&mut self.sender, header, value);
        }
        hooks.authenticate(&self.sender).await?;
        self.acknowledged = true;
        Ok(())
    }

    /// Begins an operation.
    fn begin(&mut self, id: String, parameters: Parameters) -> Result<(), Close> {
        if self.operations.contains_key(&id) {
            return Err(Close::duplicate(&id));
        }
        let sender = self.service.hooks.sender_of_operation(&self.sender);
        let has_room = self.operations.len() < MAX_OPERATIONS;
        let parameters = has_room.then_some(parameters).ok_or_else(too_many);
        let replies = operation::run(self.service.clone(), sender, id.clone(), parameters);
        self.operations.insert(id, spawn_stream(replies));
        Ok(())
    }

    /// Sends a result. A failed one may have failed because the sender can no longer be identified.
    async fn send_result(&mut self, reply: Reply<H::Message>) -> Result<(), End> {
        if reply.failed {
            self.service.hooks.authenticate(&self.sender).await?;
        }
        if let Some(id) = &reply.ends {
            self.operations.remove(id);
        }
        Ok(self.socket.message(reply.text).await?)
    }

    async fn send(&mut self, message: &ToClient) -> Result<(), End> {
        Ok(self.socket.text(message.to_string()).await?)
    }
}

impl From<Close> for End {
    fn from(reason: Close) -> Self {
        Self::Closed(reason)
    }
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

fn too_many() -> Rejection {
    Rejection::document(
        "too_many_operations",
        format!(
            "{MAX_OPERATIONS} operations are in progress on this connection, the most that it may have. Complete one first."
        ),
        None,
    )
}
