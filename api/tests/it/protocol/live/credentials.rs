//! Credentials on every transport: HTTP, WebSocket and server-sent events, where X-User-ID is trusted because the
//! listener is loopback, trusted because a proxy sets it, or not trusted. The table is in [`super::spellings`].

use api::server::Exposure;
use axum::{
    body::Body,
    http::{Request, header},
};
use exchange::identity::log_in_rate;
use serde_json::{Map, Value, json};

use super::{
    Live,
    socket::{ASKS, Socket, dial, serve},
    spellings::{
        BY_HEADERS, BY_PAYLOAD, Said, TRUSTS,
        Taken::{self, Dora, Nobody, Refused},
    },
};
use crate::support::http::Client;

const VIEWER: &str = "{ viewer { name } }";

/// Dora and Earl, logged in, on an exchange with a given trust in X-User-ID.
struct People {
    live: Live,
    words: Vec<(&'static str, String)>,
}

impl People {
    async fn new() -> Self {
        let live = Live::new().await;
        let (_, dora) = live.logs_in("dora").await;
        let (_, earl) = live.logs_in("earl").await;
        let body = json!({"email": "dora@example.com", "password": "pass123"});
        let again = live.test.anonymous().post("/auth/login", body).await;
        let token = |session: &Value| session["access_token"].as_str().unwrap().to_owned();
        let words = vec![
            ("DORA", dora["user_id"].to_string()),
            ("EARL", earl["user_id"].to_string()),
            ("<dora>", token(&dora)),
            ("<dora-2>", token(&again.expect(200))),
            ("<earl>", token(&earl)),
        ];
        Self { live, words }
    }

    fn fill_in(&self, said: Said) -> Vec<(&'static str, String)> {
        let filled = |text: &str| {
            let words = self.words.iter();
            words.fold(text.to_owned(), |text, (word, value)| {
                text.replace(word, value)
            })
        };
        said.iter()
            .map(|(name, text)| (*name, filled(text)))
            .collect()
    }

    fn client(&self, headers: Said) -> Client {
        let anonymous = self.live.test.anonymous();
        let headers = self.fill_in(headers);
        headers
            .into_iter()
            .fold(anonymous, |client, (name, value)| client.with(name, value))
    }

    /// Returns the user that a WebSocket client is identified as.
    async fn by_socket(&self, host: &str, headers: Said, payload: Said) -> Taken {
        let headers = self.fill_in(headers);
        let headers = headers.iter().map(|(name, value)| (*name, value.as_str()));
        let headers: Vec<_> = [ASKS].into_iter().chain(headers).collect();
        let payload = self.fill_in(payload).into_iter();
        let payload: Map<_, _> = payload
            .map(|(name, value)| (name.to_owned(), value.into()))
            .collect();
        let mut socket = dial(host, &headers).await.unwrap();
        socket
            .send(json!({"type": "connection_init", "payload": payload}))
            .await;
        let Some(acknowledged) = socket.receive_or_close(4403).await else {
            return Refused;
        };
        assert_eq!(acknowledged["type"], "connection_ack");
        socket.subscribe("1", VIEWER, json!({})).await;
        named(&socket.receive().await["payload"]["data"]["viewer"])
    }
}

fn named(viewer: &Value) -> Taken {
    match viewer["name"].as_str() {
        None => Nobody,
        Some("dora") => Dora,
        Some(other) => panic!("taken for {other}"),
    }
}

/// Returns the user that a REST client is identified as: users see their own e-mail address.
async fn by_rest(client: &Client, dora: &str) -> Taken {
    let answer = client.get(&format!("/users/{dora}")).await;
    match (answer.status.as_u16(), answer.body.get("email")) {
        (200, None) => Nobody,
        (200, Some(_)) => Dora,
        (401, _) => Refused,
        _ => panic!("{}", answer.text),
    }
}

async fn by_graphql(client: &Client) -> Taken {
    let answer = client.graphql(VIEWER, json!({})).await;
    match answer.status.as_u16() {
        200 => named(&answer.body["data"]["viewer"]),
        401 => Refused,
        _ => panic!("{}", answer.text),
    }
}

/// Returns the user that a client of GraphQL over server-sent events is identified as.
async fn by_graphql_events(client: &Client) -> Taken {
    let request = Request::post("/graphql")
        .header(header::ACCEPT, "text/event-stream")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(json!({ "query": VIEWER }).to_string()));
    let answer = client.send(request.unwrap()).await;
    match answer.status.as_u16() {
        200 => {
            let data = answer
                .text
                .lines()
                .find_map(|line| line.strip_prefix("data: "));
            let data: Value = serde_json::from_str(data.unwrap()).unwrap();
            named(&data["data"]["viewer"])
        }
        401 => Refused,
        _ => panic!("{}", answer.text),
    }
}

/// Returns the user that a client of `/events` is identified as: only a user has offers of their own.
async fn by_events(client: &Client) -> Taken {
    let request = Request::get("/events").body(Body::empty()).unwrap();
    match client.begin(request).await {
        Ok(_stream) => Dora,
        Err(answer) => match answer.problem(401).as_str() {
            "not_identified" => Nobody,
            _ => Refused,
        },
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn actor_is_the_one_named_by_the_headers() {
    let mut people = People::new().await;
    for (place, trust) in TRUSTS.into_iter().enumerate() {
        people
            .live
            .test
            .identity(|identity| identity.user_id_header = trust);
        let host = serve(&people.live, Exposure::default()).await;
        for (headers, taken) in BY_HEADERS {
            let client = people.client(headers);
            let seen = [
                by_rest(&client, &people.words[0].1).await,
                by_graphql(&client).await,
                by_graphql_events(&client).await,
                by_events(&client).await,
                people.by_socket(&host, headers, &[]).await,
            ];
            assert_eq!(seen, [taken[place]; 5], "{trust:?}: {headers:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn actor_is_the_one_named_by_header_and_payload() {
    let mut people = People::new().await;
    for (place, trust) in TRUSTS.into_iter().enumerate() {
        people
            .live
            .test
            .identity(|identity| identity.user_id_header = trust);
        let host = serve(&people.live, Exposure::default()).await;
        for (headers, payload, taken) in BY_PAYLOAD {
            let seen = people.by_socket(&host, headers, payload).await;
            assert_eq!(seen, taken[place], "{trust:?}: {headers:?}, {payload:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn log_ins_over_every_transport_share_one_limit() {
    const LOG_IN: &str = r#"mutation { login(input: {email: "nobody@example.com", password: "guess1"}) { accessToken } }"#;
    let live = Live::new().await;
    live.test.stop_the_clock();
    let mut socket = Socket::open(&live).await;
    socket.init(json!({})).await;
    let here = "127.0.0.1".parse().unwrap();
    while log_in_rate::take(&live.test.app, here).await.is_ok() {}
    let anonymous = live.test.anonymous();
    let by_rest = json!({"email": "nobody@example.com", "password": "guess1"});
    let by_rest = anonymous.post("/auth/login", by_rest).await;
    let by_graphql = anonymous.graphql(LOG_IN, json!({})).await;
    socket.subscribe("1", LOG_IN, json!({})).await;
    let by_socket = socket.receive().await["payload"].clone();
    assert_eq!(by_rest.problem(429), "too_many_log_ins");
    assert_eq!(by_graphql.header("retry-after"), "1");
    for errors in [&by_graphql.body["errors"], &by_socket["errors"]] {
        let extensions = &errors[0]["extensions"];
        assert_eq!(extensions["code"], "too_many_log_ins");
        assert_eq!(extensions["retryAfter"], 1);
    }
}
