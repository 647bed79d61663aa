//! The event contract: a golden file of each type.

use std::collections::{BTreeMap, BTreeSet};

use entity::event::Event;
use serde_json::{Value, json};

use crate::support::{
    TestNotifier,
    golden::{golden, goldens, recipients},
};

#[test]
fn golden_events_are_one_of_each_type() {
    let expected: BTreeSet<_> = Event::types().map(|kind| format!("{kind}.json")).collect();
    let found: BTreeSet<_> = goldens().into_keys().collect();
    assert_eq!(
        expected.difference(&found).next(),
        None,
        "each type of event has a golden event: write this one into entity/golden"
    );
    assert_eq!(
        found.difference(&expected).next(),
        None,
        "entity/golden has only golden events: add the kind of this one to entity/src/event, or remove it"
    );
}

#[test]
fn golden_event_survives_a_round_trip() {
    for (file, golden) in goldens() {
        let event = golden
            .read()
            .unwrap_or_else(|cause| panic!("{file}: {cause}"));
        assert_eq!(
            format!("{}.json", event.event.type_name()),
            file,
            "the file is named after its type"
        );
        let headers = event.headers().into_iter();
        let headers = headers.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(
            headers.collect::<BTreeMap<_, _>>(),
            golden.headers,
            "{file}"
        );
        assert_eq!(event.subject(), golden.key, "{file}");
        let data: Value = serde_json::from_str(&event.data()).unwrap();
        assert_eq!(data, golden.data, "{file}");
        let stored = json!({"type": golden.headers["ce_type"], "data": golden.data});
        assert_eq!(json!(event.event), stored, "{file}");
        let read: Event = serde_json::from_value(stored).unwrap();
        assert_eq!(read, event.event, "{file}");
    }
}

#[tokio::test]
async fn golden_event_is_a_letter_to_each_recipient() {
    let test = TestNotifier::new().await;
    test.person(1, "Ann").await;
    test.person(2, "Bob").await;
    for kind in Event::types() {
        let confirmed = match kind {
            "user.registered" | "user.email_confirmation_requested" => "NULL",
            _ => "created_at",
        };
        test.execute(&format!(
            "UPDATE users SET email_confirmed_at = {confirmed}"
        ))
        .await;
        let event = golden(kind);
        let people = recipients(kind);
        assert_eq!(
            test.receive(std::slice::from_ref(&event)).await,
            people.len() as u64,
            "{kind}"
        );
        for (id, _) in people {
            let letter = test.letter(&event, *id).await;
            assert!(!letter.subject.is_empty(), "{kind}");
            assert!(
                letter.text.contains("https://games.example/"),
                "{kind}: {}",
                letter.text
            );
            assert!(letter.html.contains("<a href="), "{kind}: {}", letter.html);
        }
    }
}
