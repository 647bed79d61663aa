//! The event contract on the producer's side: recorded events have the shape of the golden files, which the notifier's
//! tests read.

use std::{collections::BTreeSet, fs, path::Path};

use entity::event::{Event, cloud::CloudEvent};
use exchange::users::mailbox;
use serde_json::{Map, Value, json};

use crate::support::{TestApp, http::Client};

/// Reduces a value to the names of its fields and the types of their values.
fn shape(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), shape(value)));
            Value::Object(fields.collect())
        }
        Value::Array(items) => json!([items.first().map(shape)]),
        Value::String(_) => json!("text"),
        Value::Number(_) => json!("number"),
        other => other.clone(),
    }
}

fn golden(kind: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../entity/golden");
    let text = fs::read_to_string(folder.join(format!("{kind}.json")));
    serde_json::from_str(&text.unwrap_or_else(|_| panic!("no entity/golden/{kind}.json"))).unwrap()
}

/// Performs every operation that records an event, as Ann (1) and Bob (2), each with two games.
async fn everything_happens(test: &TestApp) {
    let request = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let anonymous = test.anonymous().with("traceparent", request);
    let [ann, bob] = [1, 2].map(|id| anonymous.with("x-user-id", id));
    for (name, client) in [("Ann", &ann), ("Bob", &bob)] {
        let body =
            json!({"name": name, "email": format!("{name}@example.com"), "password": "pass123"});
        anonymous.post("/users", body).await.expect(201);
        for name in ["Ico", "Zelda"] {
            let game = json!({"name": name, "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2",
                "condition": "good"});
            client.post("/games", game).await.expect(201);
        }
    }
    let confirmation = ann.post("/users/1/email-confirmation", json!({})).await;
    confirmation.expect(202);
    let reset = json!({"email": "ann@example.com"});
    anonymous
        .post("/auth/password-reset", reset)
        .await
        .expect(202);
    mailbox::send_resets(&test.app).await.unwrap();
    let password = json!({"new_password": "pass124"});
    ann.put("/users/1/password", password).await.expect(200);
    let offer = async |by: &Client, offered, requested| {
        let body = json!({"offered_game_ids": [offered], "requested_game_ids": [requested]});
        by.post("/offers", body).await.expect(201);
    };
    offer(&ann, 1, 3).await;
    bob.act("/offers/1/reject").await.expect(200);
    offer(&ann, 1, 3).await;
    let change = json!({"message": "Please"});
    ann.put("/offers/2", change).await.expect(200);
    offer(&bob, 3, 2).await;
    ann.act("/offers/3/accept").await.expect(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_events_match_the_golden_files() {
    let test = TestApp::new().await;
    everything_happens(&test).await;
    let mut seen = BTreeSet::new();
    for row in test.outbox().await {
        let event = CloudEvent::try_from(row).unwrap();
        let kind = event.event.type_name();
        let headers = event.headers().into_iter();
        let headers: Map<_, _> = headers
            .map(|(name, value)| (name.to_owned(), Value::String(value)))
            .collect();
        let data: Value = serde_json::from_str(&event.data()).unwrap();
        let event = json!({"headers": headers, "key": event.subject(), "data": data});
        let golden = golden(kind);
        assert_eq!(
            shape(&event),
            shape(&golden),
            "{kind} is not as in entity/golden: a field may be added to both, nothing may leave"
        );
        for fixed in [
            "ce_specversion",
            "ce_source",
            "ce_type",
            "ce_dataschema",
            "content-type",
        ] {
            assert_eq!(event["headers"][fixed], golden["headers"][fixed], "{kind}");
        }
        for fixed in ["status", "closed_reason"] {
            assert_eq!(event["data"][fixed], golden["data"][fixed], "{kind}");
        }
        seen.insert(kind);
    }
    let all: BTreeSet<_> = Event::types().collect();
    assert_eq!(seen, all, "each type happened");
}
