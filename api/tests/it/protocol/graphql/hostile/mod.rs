//! Hostile documents are refused with a code and the exceeded limit, in a number of steps linear in their length.
//! [`measured`] measures time and memory.

mod documents;
mod measured;

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use axum::http::Request;
use serde_json::json;
use tracing::{
    Event, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
};

use self::documents::Hostile;
use super::error;
use crate::support::{
    TestApp,
    http::{Answer, Client},
    tracing::listen,
};

/// The log of the limits: tokens of the last document, and the number of visited selections.
#[derive(Clone, Default)]
struct Work(Arc<[AtomicU64; 2]>);

impl Work {
    fn last(&self) -> [u64; 2] {
        [0, 1].map(|place: usize| self.0[place].load(Ordering::Relaxed))
    }
}

impl<S: Subscriber> Layer<S> for Work {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event
            .metadata()
            .target()
            .starts_with("graphql_http::limits")
        {
            event.record(&mut &*self);
        }
    }
}

impl Visit for &Work {
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}

    fn record_u64(&mut self, field: &Field, value: u64) {
        let place = ["tokens", "visits"]
            .iter()
            .position(|name| *name == field.name());
        if let Some(place) = place {
            self.0[place].store(value, Ordering::Relaxed);
        }
    }
}

/// The longest refusal, in bytes.
const LONGEST: usize = 64 * 1024;

async fn send(client: &Client, hostile: &Hostile) -> Answer {
    let request = Request::post("/graphql")
        .header("content-type", "application/json")
        .body(hostile.body.clone().into());
    client.send(request.unwrap()).await
}

#[tokio::test]
async fn hostile_document_is_refused_in_linear_steps() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let corpus = documents::all();
    assert!(corpus.len() >= 40, "{}", corpus.len());
    let work = Work::default();
    let listening = listen(Registry::default().with(work.clone()));
    let mut wrong = Vec::new();
    for hostile in &corpus {
        let answer = send(&client, hostile).await;
        let [tokens, visits] = work.last();
        let error = &answer.body["errors"][0]["extensions"];
        let (code, cost) = (&error["code"], &error["cost"]);
        let refused = code == hostile.code && answer.body.get("data").is_none();
        let measured = cost["measure"].as_str() == hostile.measure
            && (hostile.measure.is_none() || cost["measured"].as_u64() > cost["limit"].as_u64());
        if !refused || !measured || visits > tokens || answer.text.len() > LONGEST {
            let told: String = answer.text.chars().take(200).collect();
            wrong.push(format!(
                "{}: {visits} visits for {tokens} tokens, {told}",
                hostile.name
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    drop(listening);
    let ordinary = client.graphql("{ __typename }", json!({})).await;
    assert_eq!(
        ordinary.expect(200)["data"],
        json!({"__typename": "Query"}),
        "and lives on"
    );
}
