//! Calls the service in process, without a socket.

use std::{net::IpAddr, time::Duration};

use api::{
    admission::Admission,
    app::App,
    http::Peer,
    server::{self, Exposure, limits::Limits},
};
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header},
    response::Response,
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{awaited, described};

/// A client with fixed headers.
#[derive(Clone)]
pub struct Client {
    router: Router,
    headers: Vec<(String, String)>,
    address: Option<IpAddr>,
}

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    /// The body if it is JSON, else null.
    pub body: Value,
}

impl Client {
    /// Creates a client of a service with a long queue, for tests with many requests at once.
    pub fn anonymous(app: &App) -> Self {
        let patient = |admission| Admission {
            max_queued: 1000,
            max_wait: Duration::from_secs(60),
            ..admission
        };
        let limits = Limits {
            general: patient(Admission::GENERAL),
            passwords: patient(Admission::PASSWORDS),
            streams: Admission::STREAMS,
            body: Duration::from_secs(60),
            time: Duration::from_secs(60),
        };
        Self::exposed(
            app,
            Exposure {
                limits,
                ..Exposure::default()
            },
        )
    }

    /// Creates a client of this service.
    pub fn new(router: Router) -> Self {
        Self {
            router,
            headers: Vec::new(),
            address: None,
        }
    }

    /// Returns the same client with another address.
    #[must_use]
    pub fn at(&self, address: &str) -> Self {
        let address = Some(address.parse().unwrap());
        Self {
            address,
            ..self.clone()
        }
    }

    /// Creates a client of a service with this exposure.
    pub fn exposed(app: &App, exposure: Exposure) -> Self {
        Self::new(server::router(app.clone(), exposure))
    }

    /// Returns the same client with one more header.
    #[must_use]
    pub fn with(&self, name: &str, value: impl ToString) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_string()));
        client
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// Sends a PUT without a body, for actions on an offer.
    pub async fn act(&self, path: &str) -> Answer {
        self.call(Method::PUT, path, None).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None).await
    }

    /// Sends a GraphQL operation.
    pub async fn graphql(&self, query: &str, variables: Value) -> Answer {
        self.post(
            "/graphql",
            json!({ "query": query, "variables": variables }),
        )
        .await
    }

    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = match body {
            Some(body) => request
                .header(header::CONTENT_TYPE, "application/json")
                .body(Body::from(body.to_string())),
            None => request.body(Body::empty()),
        };
        self.send(request.unwrap()).await
    }

    /// Sends a request with this client's headers added.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        read(&method, &path, self.dispatch(request).await).await
    }

    /// Opens a stream of server-sent events. Returns the answer if it is refused.
    pub async fn begin(&self, request: Request<Body>) -> Result<Events, Answer> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let response = self.dispatch(request).await;
        if is_stream(response.headers()) {
            Ok(Events::from_response(response))
        } else {
            Err(read(&method, &path, response).await)
        }
    }

    /// Opens a stream of server-sent events.
    pub async fn listen(&self, request: Request<Body>) -> Events {
        let response = self.dispatch(request).await;
        assert!(is_stream(response.headers()), "{:?}", response.headers());
        Events::from_response(response)
    }

    async fn dispatch(&self, mut request: Request<Body>) -> Response {
        for (name, value) in &self.headers {
            let name = name.parse::<header::HeaderName>().unwrap();
            request.headers_mut().append(name, value.parse().unwrap());
        }
        let host = request.headers_mut().entry(header::HOST);
        host.or_insert(HeaderValue::from_static("localhost"));
        if let Some(address) = self.address {
            request.extensions_mut().insert(Peer(address));
        }
        self.router.clone().oneshot(request).await.unwrap()
    }
}

/// Reads an answer to its end.
async fn read(method: &Method, path: &str, response: Response) -> Answer {
    let (parts, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    let body = serde_json::from_str(&text).unwrap_or_default();
    let answer = Answer {
        status: parts.status,
        headers: parts.headers,
        text,
        body,
    };
    described::check(method, path, &answer);
    answer
}

/// A stream of server-sent events.
pub struct Events {
    body: Body,
    /// Received text that is not parsed yet.
    text: String,
}

/// A server-sent event; missing fields are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    pub id: String,
    pub event: String,
    pub data: String,
}

impl Events {
    fn from_response(response: Response) -> Self {
        Self {
            body: response.into_body(),
            text: String::new(),
        }
    }

    /// Returns the next event, or `None` at the end. Skips comments.
    pub async fn next(&mut self) -> Option<Event> {
        awaited(self.read()).await
    }

    async fn read(&mut self) -> Option<Event> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let block = block.to_owned();
                self.text = rest.to_owned();
                if let Some(event) = Event::read(&block) {
                    return Some(event);
                }
                continue;
            }
            let frame = self.body.frame().await?.unwrap().into_data().unwrap();
            self.text += std::str::from_utf8(&frame).unwrap();
        }
    }
}

impl Event {
    fn read(block: &str) -> Option<Self> {
        let mut event = Self::default();
        for line in block.lines().filter(|line| !line.starts_with(':')) {
            let (field, value) = line.split_once(':').unwrap();
            let value = value.strip_prefix(' ').unwrap_or(value).to_owned();
            match field {
                "id" => event.id = value,
                "event" => event.event = value,
                "data" => event.data += &value,
                other => panic!("{other} in {block}"),
            }
        }
        (event != Self::default()).then_some(event)
    }

    /// Returns the data as JSON.
    pub fn body(&self) -> Value {
        serde_json::from_str(&self.data).unwrap()
    }
}

fn is_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind == "text/event-stream")
}

impl Answer {
    /// Asserts the status. Returns the body.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.body
    }

    /// Asserts the status and that the answer is a problem document. Returns its code.
    #[track_caller]
    pub fn problem(self, status: u16) -> String {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text
        );
        assert_eq!(self.body["status"], status, "{}", self.text);
        assert_eq!(
            self.body["request_id"],
            self.header("x-request-id"),
            "{}",
            self.text
        );
        self.body["code"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }
}
