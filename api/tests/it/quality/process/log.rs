//! The log of a process.

use serde_json::Value;

use super::{
    directory,
    server::{Server, status},
};

#[test]
fn log_has_one_trace_from_request_to_letters() {
    let directory = directory();
    let mut server = Server::start(directory.path(), &["--demo"], &[("LOG_FORMAT", "json")]);
    let trace = "0af7651916cd43dd8448eb211c80319c";
    let headers = format!(
        "X-User-ID: 3\r\nContent-Type: application/json\r\nX-Request-ID: one-request\r\n\
         traceparent: 00-{trace}-b7ad6b7169203331-01\r\n"
    );
    let body = r#"{"offered_game_id": 9, "requested_game_id": 3}"#;
    let answer = server.call("POST", "/offers", &headers, body);
    assert_eq!(status(&answer), "201", "{answer}");
    let lines = server.log.by_ref().map(Result::unwrap);
    let lines = lines.map(|line| serde_json::from_str::<Value>(&line).unwrap());
    let of_trace = lines.filter(|line| line["span"]["trace_id"] == trace);
    // The letters may be logged before the answer.
    let (mut answered, mut sent) = (0, 0);
    for line in of_trace {
        if line["message"] == "answered" {
            assert_eq!(line["span"]["request_id"], "one-request");
            answered += 1;
        } else if line["message"] == "letter" {
            assert_eq!(line["outcome"], "sent");
            sent += 1;
        }
        if (answered, sent) == (1, 2) {
            return;
        }
    }
    panic!("{answered} answer and {sent} letters of the trace, not one and one to each party");
}

#[test]
fn log_omits_health_checks_and_scrapes() {
    let directory = directory();
    let mut server = Server::start(directory.path(), &[], &[("LOG_FORMAT", "json")]);
    for path in [
        "/health",
        "/health/live",
        "/health/ready",
        "/metrics",
        "/health/nothing",
        "/whoami",
    ] {
        server.call("GET", path, "", "");
    }
    let lines = server.log.by_ref().map(Result::unwrap);
    let lines = lines.map(|line| serde_json::from_str::<Value>(&line).unwrap());
    let answers = lines.filter(|line| line["message"] == "answered");
    let paths: Vec<_> = answers
        .take(2)
        .map(|line| line["span"]["path"].clone())
        .collect();
    assert_eq!(paths, ["/health/nothing", "/whoami"]);
}
