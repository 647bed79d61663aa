//! GraphQL over WebSockets: closing a connection, and its codes.

use std::time::Duration;

use api::server::{self, Exposure, connections::Connections};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use super::{
    Live, from_the_beginning,
    socket::{ASKS, Socket, begin, dial, serve},
    websocket::MY_OFFERS,
};
use crate::{quality::limits::all_connections, support::awaited};

#[tokio::test(flavor = "multi_thread")]
async fn messages_out_of_order_close_with_the_specified_codes() {
    let live = Live::new().await;
    let mut socket = Socket::open(&live).await;
    socket.subscribe("1", "{ viewer { id } }", json!({})).await;
    assert_eq!(
        socket.closed().await,
        4401,
        "the sender is not identified yet"
    );

    let mut socket = Socket::new(&live, 1).await;
    socket.send(json!({"type": "connection_init"})).await;
    assert_eq!(socket.closed().await, 4429);

    let mut socket = Socket::new(&live, 1).await;
    socket.subscribe("1", MY_OFFERS, json!({})).await;
    socket.subscribe("1", MY_OFFERS, json!({})).await;
    assert_eq!(socket.closed().await, 4409);

    let host = serve(&live, Exposure::default()).await;
    let socket = dial(&host, &[]).await.unwrap();
    assert_eq!(socket.closed().await, 4406);
    let old = ("sec-websocket-protocol", "graphql-ws");
    let refused = dial(&host, &[old]).await;
    assert!(
        refused.is_err(),
        "the client sees that its protocol was not chosen"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_init_closes_with_4408() {
    let live = Live::new().await;
    let socket = Socket::open(&live).await;
    assert_eq!(socket.closed().await, 4408);
}

#[tokio::test(flavor = "multi_thread")]
async fn socket_closes_when_the_session_ends() {
    let live = Live::new().await;
    for listening in [true, false] {
        let (dora, session) = live.logs_in(&format!("dora{listening}")).await;
        let bearer = format!("Bearer {}", session["access_token"].as_str().unwrap());
        let mut socket = Socket::open(&live).await;
        socket.init(json!({"authorization": bearer})).await;
        if listening {
            socket.subscribe("1", MY_OFFERS, json!({})).await;
        }
        let body = json!({"refresh_token": session["refresh_token"]});
        dora.post("/auth/logout", body).await.expect(204);
        if !listening {
            socket
                .subscribe("1", "{ viewer { name } }", json!({}))
                .await;
        }
        assert_eq!(socket.closed().await, 4403, "{listening}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn socket_closes_when_the_instance_stops_and_resumes_elsewhere() {
    let live = Live::new().await;
    let mut bob = Socket::new(&live, live.bob.id.0).await;
    bob.subscribe("1", MY_OFFERS, from_the_beginning()).await;
    live.offers().await;
    let last = bob.receive().await["payload"]["data"]["myOffers"]["id"].clone();
    live.test.app.feed.close();
    assert_eq!(bob.closed().await, 1012);

    live.offers().await;
    let another = server::router(live.another(), Exposure::default());
    let (host, _) = begin(&live, another, Connections::default()).await;
    let mut bob = dial(&host, &[ASKS]).await.unwrap();
    bob.init(json!({"x-user-id": live.bob.id.to_string()}))
        .await;
    bob.subscribe("1", MY_OFFERS, json!({"after": last})).await;
    let next = bob.receive().await["payload"]["data"]["myOffers"]["id"].clone();
    assert_eq!(json!(live.event_ids().await), json!([last, next]));
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_in_flight_are_answered_before_closing() {
    let live = Live::new().await;
    let mut bob = Socket::new(&live, live.bob.id.0).await;
    let taken = all_connections(&live.test).await;
    bob.subscribe("1", "{ viewer { name } }", json!({})).await;
    bob.subscribe("2", MY_OFFERS, json!({})).await;
    // Messages are handled in order: once this one is answered, those before it are in flight.
    bob.send(json!({"type": "ping"})).await;
    assert_eq!(bob.receive().await["type"], "pong");
    live.test.app.feed.close();
    // Messages are still read, but no operation starts.
    bob.subscribe("3", "{ viewer { name } }", json!({})).await;
    bob.send(json!({"type": "ping"})).await;
    assert_eq!(bob.receive().await["type"], "pong");
    drop(taken);
    assert_eq!(
        bob.receive().await["payload"]["data"]["viewer"]["name"],
        "bob"
    );
    assert_eq!(bob.receive().await, json!({"type": "complete", "id": "1"}));
    assert_eq!(bob.closed().await, 1012);
}

#[tokio::test(flavor = "multi_thread")]
async fn socket_counts_as_a_connection_and_delays_the_drain() {
    let live = Live::new().await;
    let limits = Connections {
        max_open: 1,
        drain_timeout: Duration::from_secs(3600),
        ..Connections::default()
    };
    let router = server::router(live.test.app.clone(), Exposure::default());
    let (host, serving) = begin(&live, router, limits).await;
    let mut bob = dial(&host, &[ASKS]).await.unwrap();
    bob.init(json!({"x-user-id": live.bob.id.to_string()}))
        .await;
    assert!(dial(&host, &[ASKS]).await.is_err(), "one too many");

    live.stop.cancel();
    bob.subscribe("1", "{ viewer { name } }", json!({})).await;
    assert_eq!(bob.receive().await["id"], "1", "it is still served");
    live.test.app.feed.close();
    assert_eq!(bob.receive().await["type"], "complete");
    assert_eq!(bob.closed().await, 1012);
    serving.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_messages_close_with_4400() {
    let live = Live::new().await;
    for text in [
        "",
        "{",
        "[]",
        "\"connection_init\"",
        r#"{"type": "start"}"#,
        r#"{"id": "1"}"#,
        r#"{"type": "connection_init", "payload": 1}"#,
        r#"{"type": "connection_init", "payload": {"authorization": []}}"#,
        r#"{"type": "ping", "payload": "x"}"#,
        r#"{"type": "subscribe", "id": "1"}"#,
        r#"{"type": "subscribe", "id": 1, "payload": {"query": "{ viewer { id } }"}}"#,
        r#"{"type": "subscribe", "id": "", "payload": {"query": "{ viewer { id } }"}}"#,
        r#"{"type": "subscribe", "payload": {"query": "{ viewer { id } }"}}"#,
        r#"{"type": "subscribe", "id": "1", "payload": {"query": 1}}"#,
        r#"{"type": "subscribe", "id": "1", "payload": {"query": "{ viewer { id } }", "variables": 1}}"#,
        r#"{"type": "complete"}"#,
    ] {
        let mut socket = Socket::open(&live).await;
        socket.text(text).await;
        assert_eq!(socket.closed().await, 4400, "{text}");
    }
    let mut socket = Socket::open(&live).await;
    socket.0.send(Message::binary(vec![1])).await.unwrap();
    assert_eq!(socket.closed().await, 4400);
}

#[tokio::test(flavor = "multi_thread")]
async fn close_frame_is_answered() {
    let live = Live::new().await;
    let mut socket = Socket::new(&live, 1).await;
    socket.0.close(None).await.unwrap();
    let told = awaited(socket.0.next()).await;
    assert!(matches!(told, Some(Ok(Message::Close(_)))), "{told:?}");
}
