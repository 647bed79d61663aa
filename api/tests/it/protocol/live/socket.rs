//! A WebSocket client, and the server that it dials.

use api::server::{
    self, Exposure,
    connections::{self, Connections},
};
use axum::Router;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{
        self, Message,
        client::IntoClientRequest,
        http::{HeaderMap, HeaderValue},
    },
};

use super::Live;
use crate::support::awaited;

/// A WebSocket client of its own server.
pub struct Socket(pub WebSocketStream<MaybeTlsStream<TcpStream>>);

/// Serves on a free port. Returns the address.
pub async fn serve(live: &Live, exposure: Exposure) -> String {
    let router = server::router(live.test.app.clone(), exposure);
    begin(live, router, Connections::default()).await.0
}

/// Serves until the exchange is dropped. Returns the address and the task.
pub async fn begin(live: &Live, router: Router, limits: Connections) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    begin_on(listener, live, router, limits)
}

/// Serves on this listener until the exchange is dropped. Returns the address and the task.
pub fn begin_on(
    listener: TcpListener,
    live: &Live,
    router: Router,
    limits: Connections,
) -> (String, JoinHandle<()>) {
    let address = listener.local_addr().unwrap().to_string();
    let stop = live.stop.clone().cancelled_owned();
    let serving = connections::serve(listener, router, limits, stop);
    (address, tokio::spawn(serving))
}

pub async fn dial(host: &str, headers: &[(&'static str, &str)]) -> tungstenite::Result<Socket> {
    let mut request = format!("ws://{host}/graphql").into_client_request()?;
    let all: &mut HeaderMap = request.headers_mut();
    for (name, value) in headers {
        all.append(*name, HeaderValue::from_str(value).unwrap());
    }
    Ok(Socket(connect_async(request).await?.0))
}

/// The subprotocol that a client requests.
pub const ASKS: (&str, &str) = ("sec-websocket-protocol", "graphql-transport-ws");

impl Socket {
    /// Opens a connection without `connection_init`.
    pub async fn open(live: &Live) -> Self {
        let host = serve(live, Exposure::default()).await;
        dial(&host, &[ASKS]).await.unwrap()
    }

    /// Opens and initialises a connection for a user by X-User-ID.
    pub async fn new(live: &Live, person: i64) -> Self {
        let mut socket = Self::open(live).await;
        socket.init(json!({"X-User-ID": person.to_string()})).await;
        socket
    }

    pub async fn init(&mut self, payload: Value) {
        self.send(json!({"type": "connection_init", "payload": payload}))
            .await;
        assert_eq!(self.receive().await, json!({"type": "connection_ack"}));
    }

    pub async fn send(&mut self, message: Value) {
        self.text(&message.to_string()).await;
    }

    pub async fn text(&mut self, text: &str) {
        self.0.send(Message::text(text)).await.unwrap();
    }

    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({"query": query, "variables": variables});
        self.send(json!({"type": "subscribe", "id": id, "payload": payload}))
            .await;
    }

    /// Returns the next message that is not a ping.
    pub async fn receive(&mut self) -> Value {
        let received = async {
            loop {
                match self.0.next().await.unwrap().unwrap() {
                    Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                    Message::Ping(_) => {}
                    other => panic!("{other:?}"),
                }
            }
        };
        awaited(received).await
    }

    /// Returns the next message, or `None` when the connection closes with this code.
    pub async fn receive_or_close(&mut self, code: u16) -> Option<Value> {
        match awaited(self.0.next()).await.unwrap().unwrap() {
            Message::Text(text) => Some(serde_json::from_str(&text).unwrap()),
            Message::Close(Some(frame)) if u16::from(frame.code) == code => None,
            other => panic!("{other:?}"),
        }
    }

    /// Returns the code of the close frame, and skips all messages before it.
    pub async fn last_close(mut self) -> Option<u16> {
        let closed = async {
            while let Some(Ok(message)) = self.0.next().await {
                if let Message::Close(frame) = message {
                    return frame.map(|frame| frame.code.into());
                }
            }
            None
        };
        awaited(closed).await
    }

    /// Returns the code of the close frame, which must come next.
    pub async fn closed(mut self) -> u16 {
        match awaited(self.0.next()).await.unwrap().unwrap() {
            Message::Close(Some(frame)) => frame.code.into(),
            other => panic!("{other:?}"),
        }
    }
}
