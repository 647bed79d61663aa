//! WebSockets: graphql-transport-ws.

use std::net::Ipv4Addr;

use axum::Router;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Message, client::IntoClientRequest, protocol::CloseFrame},
};

use super::service;

pub const TRANSPORT_WS: &str = "graphql-transport-ws";

/// The client's end of a connection.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Connects to a new server and asks for this subprotocol.
    pub async fn open(service: Router, protocol: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, service).await });
        let mut request = format!("ws://{address}/graphql")
            .into_client_request()
            .unwrap();
        let header = protocol.parse().unwrap();
        request
            .headers_mut()
            .insert("sec-websocket-protocol", header);
        Self(connect_async(request).await.unwrap().0)
    }

    /// Connects and sends `connection_init`.
    async fn init() -> Self {
        let mut socket = Self::open(service(), TRANSPORT_WS).await;
        socket.send(json!({"type": "connection_init"})).await;
        assert_eq!(socket.receive().await, json!({"type": "connection_ack"}));
        socket
    }

    pub async fn send(&mut self, message: Value) {
        let message = Message::text(message.to_string());
        self.0.send(message).await.unwrap();
    }

    pub async fn subscribe(&mut self, id: &str, document: &str) {
        let payload = json!({"query": document});
        self.send(json!({"id": id, "type": "subscribe", "payload": payload}))
            .await;
    }

    pub async fn receive(&mut self) -> Value {
        match self.0.next().await.unwrap().unwrap() {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => json!(format!("{other:?}")),
        }
    }

    /// Returns true if the server violates the WebSocket protocol.
    pub async fn fails(&mut self) -> bool {
        self.0.next().await.unwrap().is_err()
    }

    /// The code with which the server closes.
    pub async fn close_code(&mut self) -> u16 {
        match self.0.next().await.unwrap().unwrap() {
            Message::Close(Some(CloseFrame { code, .. })) => code.into(),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn subscribe_sends_each_response_and_completes() {
    let mut socket = Socket::init().await;
    socket.subscribe("a", "subscription { count(to: 2) }").await;
    for number in [1, 2] {
        let message = socket.receive().await;
        assert_eq!(
            (&message["type"], &message["id"]),
            (&json!("next"), &json!("a"))
        );
        assert_eq!(message["payload"]["data"], json!({"count": number}));
    }
    let message = socket.receive().await;
    assert_eq!(message, json!({"type": "complete", "id": "a"}));
}

#[tokio::test]
async fn subscribe_reports_an_invalid_document_as_an_error() {
    let mut socket = Socket::init().await;
    socket.subscribe("a", "{ papers }").await;
    let message = socket.receive().await;
    assert_eq!(message["type"], "error");
    assert!(message["payload"][0]["message"].is_string(), "{message}");
}

#[tokio::test]
async fn ping_is_answered_with_its_payload() {
    let mut socket = Socket::open(service(), TRANSPORT_WS).await;
    socket
        .send(json!({"type": "ping", "payload": {"a": 1}}))
        .await;
    let pong = json!({"type": "pong", "payload": {"a": 1}});
    assert_eq!(socket.receive().await, pong);
}

#[tokio::test]
async fn violation_of_the_protocol_closes_with_its_code() {
    let init = json!({"type": "connection_init"});
    let subscribe =
        json!({"id": "a", "type": "subscribe", "payload": {"query": "subscription { silence }"}});
    for (messages, code) in [
        (vec![subscribe.clone()], 4401),
        (vec![json!({"type": "unknown"})], 4400),
        (vec![init.clone(), init.clone()], 4429),
        (vec![init, subscribe.clone(), subscribe], 4409),
    ] {
        let mut socket = Socket::open(service(), TRANSPORT_WS).await;
        let acknowledged = messages.len() > 1;
        for message in messages {
            socket.send(message).await;
        }
        if acknowledged {
            assert_eq!(socket.receive().await["type"], "connection_ack");
        }
        assert_eq!(socket.close_code().await, code);
    }
}

#[tokio::test]
async fn another_subprotocol_closes_with_4406() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, service()).await });
    let (socket, _) = connect_async(format!("ws://{address}/graphql"))
        .await
        .unwrap();
    assert_eq!(Socket(socket).close_code().await, 4406);
}
