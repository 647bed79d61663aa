//! Server-sent events.

use super::{JSON, post, send, service};

async fn events(document: &str) -> String {
    let headers = [("content-type", JSON), ("accept", "text/event-stream")];
    let body = format!(r#"{{"query": "{document}"}}"#);
    let answer = send(service(), post(&headers, body)).await;
    assert_eq!(answer.header("content-type"), "text/event-stream");
    answer.text
}

#[tokio::test]
async fn subscription_streams_each_response_and_completes() {
    let text = events("subscription { count(to: 2) }").await;
    let names: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("event: "))
        .collect();
    assert_eq!(names, ["next", "next", "complete"]);
    assert!(text.contains(r#""data":{"count":2}"#), "{text}");
}

#[tokio::test]
async fn query_is_streamed_when_events_are_preferred() {
    let text = events("{ books(first: 1) { title } }").await;
    assert!(
        text.contains(r#""data":{"books":[{"title":"Volume 1"}]}"#),
        "{text}"
    );
}
