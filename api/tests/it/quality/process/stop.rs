//! Stop on SIGTERM.

use std::io::{Read, Write};

use serde_json::Value;

use super::{
    directory,
    server::{Server, status},
};

#[test]
fn sigterm_finishes_requests_in_flight() {
    let directory = directory();
    let mut server = Server::start(directory.path(), &["--demo"], &[("LOG_FORMAT", "json")]);
    let game = r#"{"name":"Ico","publisher":"Sony","year_published":2001,"gaming_system":"PS2","condition":"mint"}"#;
    let mut socket = server.connect();
    let head = format!(
        "POST /games HTTP/1.1\r\nHost: localhost\r\nX-User-ID: 1\r\nContent-Type: application/json\r\n\
         Expect: 100-continue\r\nContent-Length: {}\r\n\r\n",
        game.len()
    );
    socket.write_all(head.as_bytes()).unwrap();
    // The server sends 100 Continue when the handler reads the body: from here on, the request is in flight.
    let mut interim = [0; 25];
    socket.read_exact(&mut interim).unwrap();
    assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
    server.signal("-TERM");
    let lines = server.log.by_ref().map(Result::unwrap);
    let mut log: Vec<String> = Vec::new();
    for line in lines {
        log.push(line);
        if log
            .last()
            .is_some_and(|line| line.contains("stopping: waiting"))
        {
            break;
        }
    }
    socket.write_all(game.as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    assert_eq!(status(&answer), "201", "{answer}");
    let (ended, rest) = server.end();
    assert_eq!(ended.code(), Some(0));
    for line in log.iter().chain(&rest) {
        let line: Value = serde_json::from_str(line).unwrap();
        assert!(
            line["level"].is_string() && line["timestamp"].is_string(),
            "{line}"
        );
    }
    assert!(
        rest.iter().any(|line| line.contains("\"status\":201")),
        "{rest:?}"
    );
}

#[test]
fn sigterm_clears_readiness_first() {
    let directory = directory();
    // Nobody reads the log, and a full pipe must not block.
    let grace = [("SHUTDOWN_GRACE", "5"), ("RUST_LOG", "off")];
    let server = Server::start(directory.path(), &[], &grace);
    let ready = || server.call("GET", "/health/ready", "", "");
    assert_eq!(status(&ready()), "200");
    server.signal("-TERM");
    let answer = loop {
        let answer = ready();
        if status(&answer) != "200" {
            break answer;
        }
    };
    assert_eq!(status(&answer), "503");
    assert!(answer.contains("\"stopping\""), "{answer}");
    for path in ["/health/live", "/whoami", "/games"] {
        assert_eq!(status(&server.call("GET", path, "", "")), "200", "{path}");
    }
    assert_eq!(status(&server.call("GET", "/health", "", "")), "503");
    assert_eq!(server.end().0.code(), Some(0));
}

#[test]
fn sigterm_ends_live_streams_and_waits_for_no_idle_client() {
    let directory = directory();
    let server = Server::start(directory.path(), &["--demo"], &[]);
    let mut events = server.connect();
    events
        .write_all(b"GET /events HTTP/1.1\r\nHost: localhost\r\nX-User-ID: 1\r\n\r\n")
        .unwrap();
    let mut head = [0; 15];
    events.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 200 OK");
    let _idle = server.connect();
    server.signal("-TERM");
    let mut rest = String::new();
    events.read_to_string(&mut rest).unwrap();
    assert!(rest.ends_with("0\r\n\r\n"), "it ends properly: {rest}");
    let (ended, log) = server.end();
    assert_eq!(ended.code(), Some(0));
    let log = log.join("\n");
    assert!(log.contains("no longer the leader: it shuts down"), "{log}");
    assert!(
        !log.contains("leaving it behind") && !log.contains("still"),
        "{log}"
    );
}
