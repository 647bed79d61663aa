//! What is made to do harm is refused before it can: with a code, with what there is too much of, and after a number of
//! steps that grows with its length alone. What it takes in time and memory is measured by `api/tests/measure`.

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

/// What the guard says about its work: the tokens of the last document, and how many selections it visited.
#[derive(Clone, Default)]
struct Work(Arc<[AtomicU64; 2]>);

impl Work {
    fn last(&self) -> [u64; 2] {
        [0, 1].map(|place: usize| self.0[place].load(Ordering::Relaxed))
    }
}

impl<S: Subscriber> Layer<S> for Work {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target().starts_with("api::graphql::guard") {
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

async fn send(client: &Client, hostile: &Hostile) -> Answer {
    let request = Request::post("/graphql")
        .header("content-type", "application/json")
        .body(hostile.body.clone().into());
    client.send(request.unwrap()).await
}

#[tokio::test]
async fn hostile_document_is_refused_in_as_many_steps_as_it_has_tokens() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let corpus = documents::all();
    assert!(corpus.len() >= 40, "{}", corpus.len());
    let work = Work::default();
    let listening = listen(Registry::default().with(work.clone()));
    for hostile in &corpus {
        let name = hostile.name;
        let answer = send(&client, hostile).await;
        assert_eq!(error(&answer), hostile.code, "{name}: {}", answer.text);
        assert_eq!(
            answer.body.get("data"),
            None,
            "{name}: nothing was executed"
        );
        assert!(
            answer.text.len() < 64 * 1024,
            "{name}: {}",
            answer.text.len()
        );
        let cost = &answer.body["errors"][0]["extensions"]["cost"];
        assert_eq!(
            cost["measure"].as_str(),
            hostile.measure,
            "{name}: {}",
            answer.text
        );
        if hostile.measure.is_some() {
            assert!(
                cost["measured"].as_u64() > cost["limit"].as_u64(),
                "{name}: {cost}"
            );
        }
        let [tokens, visits] = work.last();
        assert!(
            visits <= tokens,
            "{name}: {visits} visits for {tokens} tokens"
        );
    }
    drop(listening);
    let ordinary = client.graphql("{ __typename }", json!({})).await;
    assert_eq!(
        ordinary.expect(200)["data"],
        json!({"__typename": "Query"}),
        "and lives on"
    );
}
