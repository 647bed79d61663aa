//! Unreadable records.

use std::collections::BTreeSet;

use outbox::kafka::Record;

use super::{events, ids, in_the_inbox};
use crate::support::{
    TestNotifier,
    kafka::{Broker, Place, record_of, records_of},
};

/// Spoils a record in one of several ways. Returns the expected reason.
fn spoil(record: &mut Record, nth: usize) -> &'static str {
    let set = |record: &mut Record, name: &str, value: &str| {
        for (_, old) in record.headers.iter_mut().filter(|(known, _)| known == name) {
            *old = value.as_bytes().to_vec();
        }
    };
    match nth % 6 {
        0 => {
            record.headers.clear();
            "the header ce_specversion is missing or not valid UTF-8"
        }
        1 => {
            set(record, "ce_type", "offer.expired");
            "the header ce_type has an unknown value"
        }
        2 => {
            set(record, "ce_id", "17");
            "the header ce_id has an unknown value"
        }
        3 => {
            record.payload = b"\xff\x00 no JSON".to_vec();
            "the payload does not match its type, at line 1, column 1"
        }
        4 => {
            record.payload = br#"{"user_id": 1, "name": "\u0000"}"#.to_vec();
            "the payload contains a NUL character"
        }
        _ => {
            record.payload = Vec::new();
            "the payload does not match its type, at line 1, column 0"
        }
    }
}

fn header(record: &Record, name: &str) -> String {
    let (_, value) = record
        .headers
        .iter()
        .find(|(known, _)| known == name)
        .unwrap();
    String::from_utf8(value.clone()).unwrap()
}

fn origin(dead: &Record) -> Place {
    assert_eq!(header(dead, "dead_topic"), "events");
    let number = |name| header(dead, name).parse::<i64>().unwrap();
    (number("dead_partition") as i32, number("dead_offset"))
}

#[tokio::test(flavor = "multi_thread")]
async fn unreadable_records_go_to_the_dead_letter_topic() {
    let (test, broker) = (TestNotifier::new().await, Broker::start(3));
    let events = events(&test, 500);
    let mut records = records_of(&events);
    let mut spoilt = Vec::new();
    for (nth, record) in records.iter_mut().step_by(10).enumerate() {
        spoilt.push((spoil(record, nth), record.clone()));
    }
    let places = broker.put(&records).await;
    let consumer = broker.consumer(&test);
    consumer.takes_in(450).await;
    let dead = broker.dead(50).await;
    broker.commits_all(&places).await;
    assert_eq!(consumer.metrics.unreadable.get(), 50);
    consumer.stop().await;

    let read: Vec<_> = events
        .iter()
        .enumerate()
        .filter(|(nth, _)| nth % 10 != 0)
        .map(|(_, event)| event.clone())
        .collect();
    assert_eq!(in_the_inbox(&test).await, ids(&read));
    let origins: BTreeSet<_> = dead.iter().map(origin).collect();
    assert_eq!((dead.len(), origins.len()), (50, 50), "each once");
    for ((reason, came), place) in spoilt.iter().zip(places.iter().step_by(10)) {
        let dead = dead.iter().find(|dead| origin(dead) == *place).unwrap();
        assert_eq!(header(dead, "dead_reason"), *reason);
        assert_eq!((&dead.key, &dead.payload), (&came.key, &came.payload));
        let own = &dead.headers[..dead.headers.len() - 4];
        assert_eq!(own, came.headers, "as it came");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_unreadable_record_leaves_a_placeholder() {
    let (test, broker) = (TestNotifier::new().await, Broker::start(1));
    let event = test.event_of(entity::UserId(1));
    let huge = Record {
        key: b"huge".to_vec(),
        payload: vec![b'x'; 1_200_000],
        headers: vec![("own".to_owned(), b"1".to_vec())],
    };
    let places = broker.put(&[huge, record_of(&event)]).await;
    let consumer = broker.consumer(&test);
    consumer.takes_in(1).await;
    let [dead] = &broker.dead(1).await[..] else {
        panic!("one record")
    };
    assert_eq!(
        (dead.key.len(), dead.payload.len(), dead.headers.len()),
        (0, 0, 4)
    );
    assert_eq!(origin(dead), places[0]);
    assert_eq!(
        header(dead, "dead_reason"),
        "the header ce_specversion is missing or not valid UTF-8"
    );
    broker.commits_all(&places).await;
    consumer.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn record_with_a_non_utf_8_header_goes_to_the_dead_letter_topic() {
    let (test, broker) = (TestNotifier::new().await, Broker::start(1));
    let events = events(&test, 2);
    let odd = record_of(&events[0]);
    broker.put_raw(&odd, &[b"\xff\xfe", "gr\u{f6}\u{df}e".as_bytes()]);
    let places = broker.put(&[record_of(&events[1])]).await;
    let consumer = broker.consumer(&test);
    consumer.takes_in(1).await;
    let [dead] = &broker.dead(1).await[..] else {
        panic!("one record")
    };
    broker.commits_all(&places).await;
    consumer.stop().await;

    assert_eq!(in_the_inbox(&test).await, ids(&events[1..]));
    assert_eq!(origin(dead), (0, 0));
    assert_eq!(
        header(dead, "dead_reason"),
        "a header has a name that is not UTF-8; it is omitted here"
    );
    assert_eq!((&dead.key, &dead.payload), (&odd.key, &odd.payload));
    let own = &dead.headers[..dead.headers.len() - 4];
    let (known, odd_one) = own.split_at(odd.headers.len());
    assert_eq!(known, odd.headers, "as it came");
    assert_eq!(odd_one, [("gr\u{f6}\u{df}e".to_owned(), b"1".to_vec())]);
}
