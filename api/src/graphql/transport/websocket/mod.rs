//! WebSockets: many operations over one connection, by the protocol graphql-transport-ws. [`protocol`] has its messages and
//! close codes, [`socket`] the connection with its limits, [`operation`] the way of an operation through the gate that requests
//! pass as well.
//!
//! The sender is named by the first message, by the headers that opened the connection, or by both if they agree (see
//! [`crate::http::credentials`]); it is looked at again for each operation. A connection whose sender is known no more is closed, and the client comes back with a
//! new token.

mod operation;
mod protocol;
mod socket;

use std::time::Duration;

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    response::Response,
};
use exchange::{error::Error, operation::ReplayFlag};
use futures_util::StreamExt;
use platform::{quota::QuotaGuard, trace};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};
use tokio_stream::{StreamMap, wrappers::ReceiverStream};
use tokio_tungstenite::tungstenite::Message;

use self::{
    operation::Reply,
    protocol::{Close, FromClient, Init, ToClient},
    socket::{Gone, Socket},
};
use super::{Endpoint, Rejection, Sender};
use crate::{
    graphql::parameters::{MediaType, Parameters},
    http::clients::{Client, SOCKETS},
    http::credentials,
    http::sse::spawn_stream,
};

/// How long a client may take to say who it is.
const INIT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a connection is shown to be alive, to the client and to proxies between.
const PING: Duration = Duration::from_secs(20);
/// How many operations may be under way at once on one connection.
const MAX_OPERATIONS: usize = 32;

/// Does the request ask for a WebSocket? Any other upgrade is ignored (RFC 9110, 7.8), such as the `h2c` of Java's HttpClient and of
/// `curl --http2`.
pub fn is_upgrade(request: &Request) -> bool {
    let headers = request.headers();
    request.method() == Method::GET
        && socket::lists(headers, &header::CONNECTION, "upgrade")
        && socket::lists(headers, &header::UPGRADE, "websocket")
}

/// Opens a connection.
pub async fn open(endpoint: Endpoint, request: Request) -> Response {
    let (sender, parent) = (Sender::from_request(&request), trace::current());
    let (mut parts, _) = request.into_parts();
    let opened = admit(&endpoint, &sender, &parts).and_then(|share| {
        let offers_protocol = socket::offers_protocol(&parts.headers);
        socket::open(&mut parts, move |socket| {
            let connection = Connection::new(endpoint, sender, socket, share);
            trace::scope(parent, connection.run(offers_protocol))
        })
    });
    opened.unwrap_or_else(|rejection| rejection.answer(MediaType::Json))
}

/// The share of a client that may connect.
fn admit(
    endpoint: &Endpoint,
    sender: &Sender,
    parts: &Parts,
) -> Result<QuotaGuard<Client>, Rejection> {
    if !is_allowed_origin(parts, &endpoint.origins) {
        return Err(Rejection::transport(
            StatusCode::FORBIDDEN,
            "origin_not_allowed",
            "Pages of this origin may not connect. Add it to CORS_ORIGINS.",
        ));
    }
    let share = endpoint
        .app
        .clients
        .sockets
        .take(sender.client.rate_limit_key());
    let failure = Error::TooManySockets { limit: SOCKETS };
    share.ok_or_else(|| Rejection::sender(&failure, sender.request_id.as_ref()))
}

/// Was the connection opened by a program, by a page of this host, or by one that may? A browser lets any page connect.
fn is_allowed_origin(parts: &Parts, origins: &[HeaderValue]) -> bool {
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
    Came(Result<Option<Message>, Close>),
    Answer(Reply),
    /// No operation is under way any more.
    Ended,
    Ping,
    /// Nobody said who is asking, in time.
    InitTimeout,
    /// This instance stops.
    Stopping,
}

/// Reason why a connection ends.
enum End {
    /// This side closes it.
    Closed(Close),
    /// The client is gone, or is to be treated so.
    Gone,
}

struct Connection {
    endpoint: Endpoint,
    sender: Sender,
    socket: Socket,
    /// Has the client said who is asking?
    acknowledged: bool,
    /// The answers to the operations under way.
    operations: StreamMap<String, ReceiverStream<Reply>>,
    _share: QuotaGuard<Client>,
}

impl Connection {
    fn new(endpoint: Endpoint, sender: Sender, socket: Socket, share: QuotaGuard<Client>) -> Self {
        Self {
            endpoint,
            sender,
            socket,
            acknowledged: false,
            operations: StreamMap::new(),
            _share: share,
        }
    }

    /// Serves until either side closes, or the operations under way are finished where this instance stops.
    async fn run(mut self, offers_protocol: bool) {
        let end = if offers_protocol {
            self.serve().await
        } else {
            End::Closed(Close::PROTOCOL)
        };
        self.operations.clear();
        if let End::Closed(why) = end {
            self.socket.close(why).await;
        }
    }

    async fn serve(&mut self) -> End {
        let mut init_timeout = Box::pin(sleep(INIT_TIMEOUT));
        let mut ping = interval_at(Instant::now() + PING, PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let feed = self.endpoint.app.feed.clone();
        loop {
            if feed.is_closing() && self.operations.is_empty() {
                return Close::RESTART.into();
            }
            let next = tokio::select! {
                () = tail.closing(), if !tail.is_closing() => Next::Stopping,
                () = &mut init_timeout, if !self.acknowledged => Next::InitTimeout,
                came = self.socket.receive() => Next::Came(came),
                next = self.operations.next(), if !self.operations.is_empty() => {
                    next.map_or(Next::Ended, |(_, answer)| Next::Answer(answer))
                }
                _ = ping.tick() => Next::Ping,
            };
            if let Err(end) = self.handle(next).await {
                return end;
            }
        }
    }

    async fn handle(&mut self, next: Next) -> Result<(), End> {
        match next {
            Next::Stopping | Next::Ended => Ok(()),
            Next::InitTimeout => Err(Close::INIT_TIMEOUT.into()),
            Next::Ping => Ok(self.socket.ping().await?),
            Next::Answer(answer) => self.send_result(answer).await,
            Next::Came(came) => match came? {
                None => Err(End::Gone),
                Some(Message::Text(text)) => self.handle_message(&text).await,
                Some(Message::Binary(_)) => Err(Close::invalid("a message is a text").into()),
                Some(_) => Ok(()),
            },
        }
    }

    /// Does what the client says.
    async fn handle_message(&mut self, text: &str) -> Result<(), End> {
        match FromClient::read(text)? {
            FromClient::ConnectionInit { .. } if self.acknowledged => Err(Close::INIT_TWICE.into()),
            FromClient::ConnectionInit { payload } => {
                self.init(payload.unwrap_or_default()).await?;
                self.send(&ToClient::ConnectionAck).await
            }
            FromClient::Ping { payload } => self.send(&ToClient::Pong { payload }).await,
            FromClient::Pong { .. } => Ok(()),
            FromClient::Subscribe { .. } if !self.acknowledged => Err(Close::UNAUTHORIZED.into()),
            // Its client asks elsewhere, once it is told to go.
            FromClient::Subscribe { .. } if self.endpoint.app.feed.is_closing() => Ok(()),
            FromClient::Subscribe { id, payload } => Ok(self.begin(id, payload)?),
            FromClient::Complete { id } => {
                self.operations.remove(&id);
                Ok(())
            }
        }
    }

    /// Takes who is asking.
    async fn init(&mut self, payload: Init) -> Result<(), Close> {
        for (name, value) in payload.credentials()? {
            credentials::add_from_payload(&mut self.sender.credentials, &name, &value);
        }
        known(&self.endpoint, &self.sender).await?;
        self.acknowledged = true;
        Ok(())
    }

    /// Begins an operation.
    fn begin(&mut self, id: String, parameters: Parameters) -> Result<(), Close> {
        if self.operations.contains_key(&id) {
            return Err(Close::duplicate(&id));
        }
        let (endpoint, has_room) = (
            self.endpoint.clone(),
            self.operations.len() < MAX_OPERATIONS,
        );
        let sender = Sender {
            replayed: ReplayFlag::default(),
            ..self.sender.clone()
        };
        let parameters = has_room.then_some(parameters).ok_or_else(too_many);
        let answers = operation::answers(endpoint, sender, id.clone(), parameters);
        self.operations.insert(id, spawn_stream(answers));
        Ok(())
    }

    /// Passes an answer on. One that failed may have failed because it is not known any more who is asking.
    async fn send_result(&mut self, answer: Reply) -> Result<(), End> {
        if answer.failed {
            known(&self.endpoint, &self.sender).await?;
        }
        if let Some(id) = &answer.ends {
            self.operations.remove(id);
        }
        Ok(self.socket.parcel(answer.text).await?)
    }

    async fn send(&mut self, message: &ToClient) -> Result<(), End> {
        Ok(self.socket.text(message.to_string()).await?)
    }
}

impl From<Close> for End {
    fn from(why: Close) -> Self {
        Self::Closed(why)
    }
}

impl From<Gone> for End {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}

/// Goes on if it is known who is asking, still.
async fn known(endpoint: &Endpoint, sender: &Sender) -> Result<(), Close> {
    let known = sender.credentials.identify(&endpoint.app).await;
    known
        .map(drop)
        .map_err(|failure| Close::forbidden(&failure))
}

fn too_many() -> Rejection {
    Rejection::document(
        "too_many_operations",
        format!(
            "{MAX_OPERATIONS} operations are under way on this connection, the most it may have. Complete one first."
        ),
        None,
    )
}
