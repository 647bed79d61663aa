//! Limits of WebSockets: the request limit, and the limits of one client.

use std::time::Duration;

use api::{
    admission::Admission,
    http::clients::{SOCKETS, unread::Unread},
    server::{self, Exposure, connections::Connections, limits::Limits},
};
use axum::body::Bytes;
use exchange::identity::passwords::Passwords;
use futures_util::SinkExt;
use outbox::feed::EventFeed;
use serde_json::json;
use tokio::net::TcpSocket;
use tokio_tungstenite::tungstenite::{self, Message, http::StatusCode};

use super::{
    Live, from_the_beginning,
    socket::{ASKS, Socket, begin, begin_on, dial, serve},
    websocket::MY_OFFERS,
};
use crate::{
    quality::limits::all_connections,
    support::{eventually, http::Client},
};

#[tokio::test(flavor = "multi_thread")]
async fn message_flood_closes_with_1008() {
    let live = Live::new().await;
    for flood in [
        Message::Ping(Bytes::from_static(b"?")),
        Message::text(r#"{"type": "ping"}"#),
        Message::text(r#"{"type": "complete", "id": "1"}"#),
    ] {
        let mut socket = Socket::new(&live, 1).await;
        for _ in 0..150 {
            // The connection may be closed by then.
            let _ = socket.0.send(flood.clone()).await;
        }
        assert_eq!(socket.last_close().await, Some(1008), "{flood:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_count_toward_the_request_limit() {
    let live = Live::new().await;
    let one = Admission {
        concurrency: 1,
        max_queued: 0,
        ..Admission::GENERAL
    };
    let limits = Limits {
        general: one,
        time: Duration::from_secs(60),
        ..Limits::default()
    };
    let router = server::router(
        live.test.app.clone(),
        Exposure {
            limits,
            ..Exposure::default()
        },
    );
    let client = Client::new(router.clone());
    let (host, _) = begin(&live, router, Connections::default()).await;
    let mut bob = dial(&host, &[ASKS]).await.unwrap();
    bob.init(json!({"X-User-ID": live.bob.id.to_string()}))
        .await;

    let taken = all_connections(&live.test).await;
    bob.subscribe("1", "{ viewer { name } }", json!({})).await;
    bob.subscribe("2", "{ viewer { name } }", json!({})).await;
    let told = bob.receive().await;
    assert_eq!(told["type"], "error", "one of the two gets no connection");
    let why = &told["payload"][0]["extensions"];
    assert_eq!(*why, json!({"code": "overloaded", "retryAfter": 1}));
    assert_eq!(client.get("/games").await.problem(503), "overloaded");
    client.get("/health/live").await.expect(200);
    drop(taken);
    assert_eq!(
        bob.receive().await["payload"]["data"]["viewer"]["name"],
        "bob"
    );
    assert_eq!(bob.receive().await["type"], "complete");
    client.get("/games").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_operation_times_out() {
    let live = Live::new().await;
    let limits = Limits {
        time: Duration::from_millis(200),
        ..Limits::default()
    };
    let host = serve(
        &live,
        Exposure {
            limits,
            ..Exposure::default()
        },
    )
    .await;
    let mut bob = dial(&host, &[ASKS]).await.unwrap();
    bob.init(json!({"X-User-ID": live.bob.id.to_string()}))
        .await;
    let taken = all_connections(&live.test).await;
    let leave = "mutation { deleteUser(input: {}) { userErrors { code } } }";
    for (query, says) in [
        ("{ viewer { name } }", "Nothing was changed"),
        (leave, "Idempotency-Key"),
    ] {
        bob.subscribe("1", query, json!({})).await;
        let told = bob.receive().await;
        assert_eq!(told["payload"][0]["extensions"]["code"], "timed_out");
        assert!(
            told["payload"][0]["message"]
                .as_str()
                .unwrap()
                .contains(says),
            "{told}"
        );
    }
    drop(taken);
}

#[tokio::test(flavor = "multi_thread")]
async fn queued_password_check_on_a_socket_releases_its_permit() {
    let mut live = Live::new().await;
    let nobody_works = Passwords::new(0, 1, live.test.app.random.clone()).unwrap();
    live.test
        .identity(|identity| identity.passwords = nobody_works.clone());
    let one = Admission {
        concurrency: 1,
        max_queued: 0,
        ..Admission::GENERAL
    };
    let limits = Limits {
        general: one,
        ..Limits::default()
    };
    let host = serve(
        &live,
        Exposure {
            limits,
            ..Exposure::default()
        },
    )
    .await;
    let mut socket = dial(&host, &[ASKS]).await.unwrap();
    socket.init(json!({})).await;
    let query = r#"mutation { login(input: {email: "ann@example.com", password: "pass123"}) { userErrors { code } } }"#;
    socket.subscribe("1", query, json!({})).await;
    eventually(async || nobody_works.waiting() > 0).await;
    socket.subscribe("2", "{ __typename }", json!({})).await;
    assert_eq!(
        socket.receive().await["payload"]["data"]["__typename"],
        "Query"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn query_needs_no_subscriber_slot() {
    let live = Live::with(EventFeed::with_capacity(8, 0)).await;
    let mut bob = Socket::new(&live, live.bob.id.0).await;
    bob.subscribe("1", "{ viewer { name } }", json!({})).await;
    assert_eq!(
        bob.receive().await["payload"]["data"]["viewer"]["name"],
        "bob"
    );
    assert_eq!(bob.receive().await["type"], "complete");
    bob.subscribe("1", MY_OFFERS, json!({})).await;
    let told = bob.receive().await;
    assert_eq!((&told["type"], &told["id"]), (&json!("error"), &json!("1")));
    assert_eq!(
        told["payload"][0]["extensions"]["code"],
        "too_many_listeners"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn socket_limit_is_per_client() {
    let live = Live::new().await;
    let exposure = Exposure {
        trusted_proxies: "127.0.0.1".parse().unwrap(),
        ..Exposure::default()
    };
    let host = serve(&live, exposure).await;
    let from = |address: &'static str| [ASKS, ("x-forwarded-for", address)];
    let mut open = Vec::new();
    for _ in 0..SOCKETS {
        open.push(dial(&host, &from("10.0.0.1")).await.unwrap());
    }
    match dial(&host, &from("10.0.0.1")).await {
        Err(tungstenite::Error::Http(answer)) => {
            assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
            assert_eq!(answer.headers()["retry-after"], "5");
        }
        other => panic!("{:?}", other.map(|_| "opened")),
    }
    dial(&host, &from("10.0.0.2")).await.unwrap();
    drop(open);
    eventually(async || dial(&host, &from("10.0.0.1")).await.is_ok()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn large_answer_is_whole_in_several_frames() {
    let live = Live::new().await;
    let name = "🎮".repeat(200);
    for _ in 0..60 {
        live.bob.lists(&name).await;
    }
    let mut bob = Socket::new(&live, live.bob.id.0).await;
    bob.subscribe("1", "{ games(first: 60) { nodes { name } } }", json!({}))
        .await;
    let nodes = bob.receive().await["payload"]["data"]["games"]["nodes"].clone();
    assert_eq!(nodes, json!(vec![json!({"name": name}); 60]));
    let many = "{ games(first: 60) { nodes { owner { games(first: 60) { nodes { a: name b: name } } } } } }";
    assert_eq!(bob.receive().await["type"], "complete");
    bob.subscribe("1", many, json!({})).await;
    let told = bob.receive().await;
    assert_eq!((&told["type"], &told["id"]), (&json!("error"), &json!("1")));
    assert_eq!(told["payload"][0]["extensions"]["code"], "answer_too_large");
}

#[tokio::test(flavor = "multi_thread")]
async fn socket_is_dropped_when_its_client_takes_no_frame() {
    let live = Live::new().await;
    for _ in 0..60 {
        live.bob.lists(&"🎮".repeat(200)).await;
    }
    // The connection itself waits longer than the socket.
    let patient = Connections {
        write_timeout: Duration::from_secs(3600),
        ..Connections::default()
    };
    let router = server::router(live.test.app.clone(), Exposure::default());
    // The answer, of 2.9 MB, exceeds the buffers of the system.
    let listener = TcpSocket::new_v4().unwrap();
    listener.set_send_buffer_size(64 * 1024).unwrap();
    listener.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = listener.listen(1).unwrap();
    let (host, _) = begin_on(listener, &live, router, patient);
    let mut deaf = dial(&host, &[ASKS]).await.unwrap();
    deaf.init(json!({"X-User-ID": live.bob.id.to_string()}))
        .await;
    let large = "{ games(first: 60) { nodes { owner { games(first: 60) { nodes { name } } } } } }";
    deaf.subscribe("1", large, json!({})).await;
    let unread = &live.test.app.clients.unread;
    eventually(async || unread.held() > 0).await;
    eventually(async || unread.held() == 0).await;
    assert_eq!(deaf.last_close().await, None, "without a close frame");
}

#[tokio::test(flavor = "multi_thread")]
async fn subscription_ends_when_its_client_has_unread_answers() {
    let mut live = Live::new().await;
    live.test
        .rebuild(|app| app.clients.unread = Unread::new(1_000_000, 1_000));
    let mut bob = Socket::new(&live, live.bob.id.0).await;
    bob.subscribe("1", MY_OFFERS, from_the_beginning()).await;
    live.offers().await;
    assert_eq!(bob.receive().await["type"], "next");
    let unread = live.test.app.clients.unread.clone();
    let _unread = unread.hold("127.0.0.1".parse().unwrap(), vec![0; 1_000].into());
    live.offers().await;
    let told = bob.receive().await;
    assert_eq!((&told["type"], &told["id"]), (&json!("error"), &json!("1")));
    assert_eq!(told["payload"][0]["extensions"]["code"], "answers_unread");
}
