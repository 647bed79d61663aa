//! GraphQL over WebSockets: the graphql-transport-ws protocol.

use api::server::Exposure;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{
    self,
    http::{HeaderValue, StatusCode},
};

use super::{
    Live, from_the_beginning,
    socket::{ASKS, Socket, dial, serve},
};
use crate::quality::limits::inputs::escaped;

pub const MY_OFFERS: &str =
    "subscription($after: ID) { myOffers(after: $after) { id type offer { databaseId } } }";

#[tokio::test(flavor = "multi_thread")]
async fn operations_of_every_kind_run_concurrently() {
    let live = Live::new().await;
    let mut bob = Socket::new(&live, live.bob.id.0).await;
    bob.subscribe("live", MY_OFFERS, from_the_beginning()).await;
    bob.subscribe("query", "{ viewer { name } }", json!({}))
        .await;
    let next =
        json!({"type": "next", "id": "query", "payload": {"data": {"viewer": {"name": "bob"}}}});
    let mut answer = bob.receive().await;
    answer["payload"]
        .as_object_mut()
        .unwrap()
        .retain(|name, _| name == "data");
    assert_eq!(answer, next);
    assert_eq!(
        bob.receive().await,
        json!({"type": "complete", "id": "query"})
    );

    let offer = live.offers().await;
    let told = bob.receive().await;
    assert_eq!(
        (&told["type"], &told["id"]),
        (&json!("next"), &json!("live"))
    );
    let told = &told["payload"]["data"]["myOffers"];
    assert_eq!(
        (&told["type"], &told["offer"]["databaseId"]),
        (&json!("CREATED"), &json!(offer))
    );

    let reject = "mutation($id: ID!) { rejectOffer(input: {offerId: $id}) { offer { status } userErrors { code } } }";
    bob.subscribe("mutation", reject, json!({"id": offer}))
        .await;
    let mut heard = [
        bob.receive().await,
        bob.receive().await,
        bob.receive().await,
    ];
    heard.sort_by_key(|message| message["id"].to_string());
    let [live_told, done, completed] = heard;
    assert_eq!(live_told["payload"]["data"]["myOffers"]["type"], "REJECTED");
    assert_eq!(
        done["payload"]["data"]["rejectOffer"]["offer"]["status"],
        "REJECTED"
    );
    assert_eq!(completed, json!({"type": "complete", "id": "mutation"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn completed_operation_stops_and_frees_its_id() {
    let live = Live::new().await;
    let mut bob = Socket::new(&live, live.bob.id.0).await;
    bob.subscribe("a", MY_OFFERS, from_the_beginning()).await;
    live.offers().await;
    let heard = bob.receive().await;
    assert_eq!(heard["id"], "a");
    let last = &heard["payload"]["data"]["myOffers"]["id"];
    bob.send(json!({"type": "complete", "id": "a"})).await;
    bob.subscribe("b", MY_OFFERS, json!({"after": last})).await;
    bob.subscribe("a", "{ viewer { name } }", json!({})).await;
    assert_eq!(
        bob.receive().await["payload"]["data"]["viewer"]["name"],
        "bob"
    );
    assert_eq!(bob.receive().await, json!({"type": "complete", "id": "a"}));
    live.offers().await;
    assert_eq!(bob.receive().await["id"], "b");
    bob.send(json!({"type": "complete", "id": "never was"}))
        .await;
    bob.send(json!({"type": "ping"})).await;
    assert_eq!(bob.receive().await["type"], "pong");
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_document_is_an_error_of_its_operation() {
    let live = Live::new().await;
    let mut bob = Socket::new(&live, live.bob.id.0).await;
    for (query, code) in [
        ("{", "graphql_parse_failed"),
        ("{ nothing }", "graphql_validation_failed"),
        ("subscription { nothing }", "graphql_validation_failed"),
    ] {
        bob.subscribe("x", query, json!({})).await;
        let told = bob.receive().await;
        assert_eq!(
            (&told["type"], &told["id"]),
            (&json!("error"), &json!("x")),
            "{query}"
        );
        assert_eq!(told["payload"][0]["extensions"]["code"], code, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pings_are_answered_with_their_payload() {
    let live = Live::new().await;
    let mut socket = Socket::open(&live).await;
    socket
        .send(json!({"type": "ping", "payload": {"a": 1}}))
        .await;
    assert_eq!(
        socket.receive().await,
        json!({"type": "pong", "payload": {"a": 1}})
    );
    socket.send(json!({"type": "pong"})).await;
    socket.send(json!({"type": "ping"})).await;
    assert_eq!(socket.receive().await, json!({"type": "pong"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn init_is_accepted_once_with_a_valid_identity() {
    let live = Live::new().await;
    let host = serve(&live, Exposure::default()).await;
    let name = async |headers: &[(&'static str, &str)], payload: Value| {
        let mut socket = dial(&host, headers).await.unwrap();
        socket.init(payload).await;
        socket
            .subscribe("1", "{ viewer { name } }", json!({}))
            .await;
        socket.receive().await["payload"]["data"]["viewer"].clone()
    };
    assert_eq!(name(&[ASKS], json!({})).await, Value::Null);
    assert_eq!(
        name(&[ASKS], json!({"x-user-id": 1, "theme": "dark"})).await["name"],
        "ann"
    );
    assert_eq!(
        name(&[ASKS, ("x-user-id", "2")], json!({})).await["name"],
        "bob"
    );
    let (_, session) = live.logs_in("dora").await;
    let bearer = format!("Bearer {}", session["access_token"].as_str().unwrap());
    assert_eq!(
        name(&[ASKS], json!({"Authorization": bearer})).await["name"],
        "dora"
    );
    for (headers, payload) in [
        (vec![ASKS], json!({"Authorization": "Bearer none"})),
        (vec![ASKS], json!({"X-User-ID": "99"})),
        (vec![ASKS], json!({"X-User-ID": "1", "x-user-id": "2"})),
        (
            vec![ASKS],
            json!({"Authorization": bearer, "x-user-id": "1"}),
        ),
        (vec![ASKS, ("x-user-id", "1")], json!({"x-user-id": "2"})),
    ] {
        let mut socket = dial(&host, &headers).await.unwrap();
        socket
            .send(json!({"type": "connection_init", "payload": payload}))
            .await;
        assert_eq!(socket.closed().await, 4403, "{headers:?} {payload}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operation_over_the_limit_is_refused_alone() {
    let live = Live::new().await;
    let mut bob = Socket::new(&live, live.bob.id.0).await;
    for number in 0..32 {
        bob.subscribe(&number.to_string(), MY_OFFERS, json!({}))
            .await;
    }
    bob.subscribe("more", MY_OFFERS, json!({})).await;
    let told = bob.receive().await;
    assert_eq!(
        (&told["type"], &told["id"]),
        (&json!("error"), &json!("more"))
    );
    assert_eq!(
        told["payload"][0]["extensions"]["code"],
        "too_many_operations"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn socket_is_refused_to_foreign_origins_unless_allowed() {
    let live = Live::new().await;
    let exposure = Exposure {
        cors_origins: vec![HeaderValue::from_static("https://friend.example")],
        ..Exposure::default()
    };
    let host = serve(&live, exposure).await;
    let own = format!("http://{host}");
    for (origin, let_in) in [
        (own.as_str(), true),
        ("https://friend.example", true),
        ("https://else.example", false),
        ("http://127.0.0.1", false),
        ("null", false),
    ] {
        match dial(&host, &[ASKS, ("origin", origin)]).await {
            Ok(_) => assert!(let_in, "{origin}"),
            Err(tungstenite::Error::Http(answer)) => {
                assert_eq!(answer.status(), StatusCode::FORBIDDEN);
                assert!(!let_in, "{origin}");
            }
            Err(other) => panic!("{origin}: {other}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn message_with_a_byte_order_mark_and_empty_parts_is_accepted() {
    let live = Live::new().await;
    let mut socket = Socket::open(&live).await;
    socket.text("\u{feff}{\"type\": \"connection_init\"}").await;
    assert_eq!(socket.receive().await, json!({"type": "connection_ack"}));
    let payload = json!({"query": "query Board { games { totalCount } }", "operationName": ""});
    socket
        .send(json!({"type": "subscribe", "id": "1", "payload": payload}))
        .await;
    assert_eq!(socket.receive().await["type"], "next");
}

#[tokio::test(flavor = "multi_thread")]
async fn largest_message_is_accepted_with_every_character_escaped() {
    let live = Live::new().await;
    let mut ann = Socket::new(&live, live.ann.id.0).await;
    let query = "mutation($m: String) { createOffer(input: {offeredGameIds: [1], requestedGameIds: [99], message: $m}) { userErrors { code } } }";
    let variables = json!({"m": "\u{1f600}".repeat(2000)});
    let payload = json!({"query": query, "variables": variables});
    let message = json!({"type": "subscribe", "id": "1", "payload": payload});
    ann.text(&escaped(&message)).await;
    let answer = &ann.receive().await["payload"]["data"]["createOffer"];
    assert_eq!(answer["userErrors"][0]["code"], "game_not_found");
}
