//! Connections over real sockets: number, speed and shutdown.

use std::{io, time::Duration};

use api::server::{
    self, Exposure,
    connections::{self, Connections},
};
use axum::{Router, routing::get};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
    time::sleep,
};

use crate::support::{TestApp, awaited, eventually};

const AN_HOUR: Duration = Duration::from_secs(3600);
const REQUEST: &[u8] = b"GET /whoami HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// A service on a free port, until it is stopped.
struct Service {
    address: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Service {
    async fn begin(router: Router, limits: Connections) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (stop, stopped) = oneshot::channel();
        let stopped = async {
            stopped.await.unwrap();
        };
        Self {
            address,
            stop,
            serving: tokio::spawn(connections::serve(listener, router, limits, stopped)),
        }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).await.unwrap()
    }

    /// Stops the service and waits for its end.
    async fn end(self) {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
    }
}

/// Limits so generous that nothing ends by itself.
fn patient() -> Connections {
    Connections {
        max_open: 10,
        header_timeout: AN_HOUR,
        write_timeout: AN_HOUR,
        drain_timeout: AN_HOUR,
    }
}

fn ok() -> Router {
    Router::new().route("/whoami", get(async || "it is me"))
}

/// Sends a request and reads the whole answer of [`ok`].
async fn ask(socket: &mut TcpStream) -> io::Result<()> {
    socket.write_all(REQUEST).await?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"it is me") {
        if socket.read_buf(&mut answer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    assert!(answer.starts_with(b"HTTP/1.1 200 OK"));
    Ok(())
}

/// Reads until the other side closes.
async fn rest(mut socket: TcpStream) -> String {
    let mut rest = String::new();
    socket.read_to_string(&mut rest).await.unwrap();
    rest
}

#[tokio::test]
async fn connection_is_closed_when_headers_take_too_long() {
    let limits = Connections {
        header_timeout: Duration::from_millis(50),
        ..patient()
    };
    let service = Service::begin(ok(), limits).await;
    for begun in ["", "GET /whoami HTTP/1.1\r\nHost: loc"] {
        let mut slow = service.connect().await;
        slow.write_all(begun.as_bytes()).await.unwrap();
        assert!(!rest(slow).await.contains("200 OK"));
    }
    service.end().await;
}

#[tokio::test]
async fn connection_is_closed_when_the_client_reads_too_slowly() {
    let limits = Connections {
        write_timeout: Duration::from_millis(200),
        ..patient()
    };
    const MUCH: usize = 32 * 1024 * 1024;
    let router = Router::new().route("/whoami", get(async || vec![0; MUCH]));
    let service = Service::begin(router, limits).await;
    let mut slow = service.connect().await;
    slow.write_all(REQUEST).await.unwrap();
    slow.read_u8().await.unwrap();
    let reading = tokio::spawn(async move {
        let (mut read, mut part) = (0, vec![0; 128 * 1024]);
        // It makes progress all the time, so TCP's own timeouts do not apply.
        while let Ok(count @ 1..) = slow.read(&mut part).await {
            read += count;
            sleep(Duration::from_millis(10)).await;
        }
        read
    });
    service.end().await;
    let read = reading.await.unwrap();
    assert!(read < MUCH, "the connection was given up");
}

#[tokio::test]
async fn drain_does_not_wait_for_idle_connections() {
    let service = Service::begin(ok(), patient()).await;
    let mut idle = service.connect().await;
    ask(&mut idle).await.unwrap();
    ask(&mut idle).await.unwrap();
    let silent = service.connect().await;
    let mut last = service.connect().await;
    ask(&mut last).await.unwrap();
    service.end().await;
    for socket in [idle, silent, last] {
        assert_eq!(rest(socket).await, "");
    }
}

#[tokio::test]
async fn drain_finishes_requests_in_flight() {
    let (reached, is_reached) = oneshot::channel::<()>();
    let (release, released) = oneshot::channel::<()>();
    let once = std::sync::Mutex::new(Some((reached, released)));
    let once = std::sync::Arc::new(once);
    let wait = async move || {
        let (reached, released) = once.lock().unwrap().take().unwrap();
        reached.send(()).unwrap();
        released.await.unwrap();
        "it is me"
    };
    let router = Router::new().route("/whoami", get(wait));
    let service = Service::begin(router, patient()).await;
    let mut socket = service.connect().await;
    socket.write_all(REQUEST).await.unwrap();
    is_reached.await.unwrap();
    service.stop.send(()).unwrap();
    eventually(async || TcpStream::connect(&service.address).await.is_err()).await;
    assert!(!service.serving.is_finished());
    release.send(()).unwrap();
    assert!(rest(socket).await.ends_with("it is me"));
    service.serving.await.unwrap();
}

#[tokio::test]
async fn drain_abandons_slow_requests() {
    let limits = Connections {
        drain_timeout: Duration::from_millis(50),
        ..patient()
    };
    let service = Service::begin(ok(), limits).await;
    let mut socket = service.connect().await;
    ask(&mut socket).await.unwrap();
    socket.write_all(b"GET /whoami HT").await.unwrap();
    service.end().await;
}

#[tokio::test]
async fn connection_over_the_limit_is_closed_alone() {
    let limits = Connections {
        max_open: 2,
        ..patient()
    };
    let service = Service::begin(ok(), limits).await;
    let mut open = [service.connect().await, service.connect().await];
    for socket in &mut open {
        ask(socket).await.unwrap();
    }
    assert!(ask(&mut service.connect().await).await.is_err());
    let [mut stays, goes] = open;
    ask(&mut stays).await.unwrap();
    drop(goes);
    // The server notices with a delay.
    eventually(async || ask(&mut service.connect().await).await.is_ok()).await;
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn drain_ends_event_streams() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let router = server::router(test.app.clone(), Exposure::default());
    let service = Service::begin(router, patient()).await;
    let address = format!("http://{}/events", service.address);
    let request = reqwest::Client::new()
        .get(address)
        .header("x-user-id", ann.id.to_string());
    let mut events = request.send().await.unwrap();
    assert_eq!(events.status(), 200);
    test.app.feed.close();
    while events.chunk().await.unwrap().is_some() {}
    service.end().await;
}

/// Sends a request and reads until the other side closes.
async fn exchange(service: &Service, request: &[u8]) -> String {
    let mut socket = service.connect().await;
    socket.write_all(request).await.unwrap();
    awaited(rest(socket)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn request_is_refused_unless_it_names_one_host() {
    let test = TestApp::new().await;
    for loopback_names_only in [false, true] {
        let exposure = Exposure {
            loopback_names_only,
            ..Exposure::default()
        };
        let service = Service::begin(server::router(test.app.clone(), exposure), patient()).await;
        let misdirected = if loopback_names_only { 421 } else { 200 };
        for (version, hosts, status) in [
            ("1.1", "", 400),
            ("1.1", "Host: localhost\r\nHost: localhost\r\n", 400),
            ("1.1", "Host: localhost\r\nHost: other.example\r\n", 400),
            ("1.1", "Host: local host\r\n", 400),
            ("1.1", "Host: ann@localhost\r\n", 400),
            ("1.0", "Host: localhost\r\nHost: localhost\r\n", 400),
            ("1.1", "Host: [::1]:8080\r\n", 200),
            ("1.1", "Host: localhost\r\n", 200),
            ("1.1", "Host:\r\n", misdirected),
            ("1.0", "", misdirected),
            ("1.1", "Host: games.example:80\r\n", misdirected),
        ] {
            let request = format!("GET /whoami HTTP/{version}\r\n{hosts}Connection: close\r\n\r\n");
            let answer = exchange(&service, request.as_bytes()).await;
            assert!(answer.contains(&format!(" {status} ")), "{request}{answer}");
            let is_problem = answer.contains("application/problem+json");
            assert_eq!(is_problem, status != 200, "{request}{answer}");
        }
        service.end().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn head_has_the_headers_of_get_and_any_known_length() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let router = server::router(test.app.clone(), Exposure::default());
    let service = Service::begin(router, patient()).await;
    let ask = async |method: &str, path: &str| {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nX-User-ID: {}\r\nConnection: close\r\n\r\n",
            ann.id
        );
        let mut socket = service.connect().await;
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(awaited(socket.read_u8()).await.unwrap());
        }
        let own = ["transfer-encoding", "date", "x-request-id"];
        let lines = String::from_utf8(head).unwrap();
        let lines = lines.lines().map(str::to_owned);
        let mut told: Vec<_> = lines
            .filter(|line| !own.iter().any(|name| line.starts_with(name)))
            .collect();
        told.sort_unstable();
        told
    };
    for (path, known) in [
        ("/events", false),
        ("/whoami", true),
        ("/games/99", true),
        ("/nothing", true),
        ("/events?offer_id=99", true),
    ] {
        let head = ask("HEAD", path).await;
        assert_eq!(head, ask("GET", path).await, "{path}");
        let length = head.iter().find(|line| line.starts_with("content-length"));
        assert_eq!(length.is_some(), known, "{path}: {head:?}");
        assert_ne!(length.map(String::as_str), Some("content-length: 0"));
    }
    test.app.feed.close();
    service.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answer_is_readable_after_the_whole_body_is_sent() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    let router = server::router(test.app.clone(), Exposure::default());
    let service = Service::begin(router, patient()).await;
    let body = vec![b' '; 8 * 1024 * 1024];
    for (path, user, status) in [
        ("/games", ann.id.to_string(), 413),
        ("/graphql", ann.id.to_string(), 413),
        ("/games", "99".to_owned(), 401),
        ("/nothing", "1".to_owned(), 404),
    ] {
        let mut socket = service.connect().await;
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nX-User-ID: {user}\r\nContent-Type: application/json\r\n\
             Connection: close\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(&body).await.unwrap();
        let answer = awaited(rest(socket)).await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
    }
    service.end().await;
}
