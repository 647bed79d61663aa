//! Reading an event returns what was written.

use serde_json::{Value, json};

use super::*;
use crate::{
    ClosedReason, GameId, OfferId, OfferStatus, UserId,
    event::{GameFacts, OfferEvent, OfferFacts, UserFacts},
};

type Headers = Vec<(&'static str, String)>;

fn cancelled() -> CloudEvent {
    let person = |id, name: &str| UserFacts {
        user_id: UserId(id),
        name: name.to_owned(),
    };
    let game = |id, name: &str| GameFacts {
        game_id: GameId(id),
        name: name.to_owned(),
    };
    CloudEvent {
        id: Uuid::from_u128(0x01a2_123d_a743_7e2c_af23_12ef_c76e_bef1),
        time: DateTime::from_timestamp_micros(1_795_602_360_131_464).unwrap_or_default(),
        sequence: 3,
        traceparent: Some("00-7c0e03cbd8acf7cb68e189436586dd07-ef2312efc76ebef1-01".to_owned()),
        event: Event::Offer(
            OfferEvent::Cancelled,
            OfferFacts {
                offer_id: OfferId(7),
                offerer: person(1, "Ann \"the\nfirst\" 🎮"),
                receiver: person(2, "Bob"),
                status: OfferStatus::Cancelled,
                closed_reason: Some(ClosedReason::GameUnavailable),
                closed_by_offer_id: Some(OfferId(9)),
                offered_games: vec![game(11, "Super Metroid"), game(12, "Ico")],
                requested_games: vec![game(21, "Zelda")],
            },
        ),
    }
}

fn read(headers: &Headers, data: &str) -> Result<CloudEvent, Unreadable> {
    let headers = headers
        .iter()
        .map(|(name, value)| (*name, Some(value.as_bytes())));
    CloudEvent::read(headers, data.as_bytes())
}

/// Returns the headers, one of them with another value.
fn with(name: &str, value: &str) -> Headers {
    let mut headers = cancelled().headers();
    for (_, old) in headers.iter_mut().filter(|(known, _)| *known == name) {
        *old = value.to_owned();
    }
    headers
}

/// Reads the event after a change of its data.
fn with_data(change: impl FnOnce(&mut Value)) -> Result<CloudEvent, Unreadable> {
    let mut data = json!(cancelled().event)["data"].take();
    change(&mut data);
    read(&cancelled().headers(), &data.to_string())
}

#[test]
fn read_returns_the_written_event() {
    let event = cancelled();
    assert_eq!(read(&event.headers(), &event.data()), Ok(event));
}

#[test]
fn read_returns_the_written_event_without_a_trace() {
    let event = CloudEvent {
        traceparent: None,
        ..cancelled()
    };
    assert!(
        event
            .headers()
            .iter()
            .all(|(name, _)| *name != "traceparent")
    );
    assert_eq!(read(&event.headers(), &event.data()), Ok(event));
}

#[test]
fn read_ignores_unknown_headers() {
    let event = cancelled();
    let mut headers = event.headers();
    headers.insert(0, ("ce_later", "2.0".to_owned()));
    headers.push(("x-hop", "9".to_owned()));
    assert_eq!(read(&headers, &event.data()), Ok(event));
}

#[test]
fn read_ignores_newer_fields() {
    let read = with_data(|data| {
        data["expires_at"] = json!("2027-01-01");
        data["offerer"]["avatar"] = json!({"url": null});
        data["offered_games"][0]["gaming_system"] = json!("SNES");
    });
    assert_eq!(read, Ok(cancelled()));
}

#[test]
fn read_rejects_a_missing_field() {
    for field in [
        "offer_id",
        "offerer",
        "receiver",
        "status",
        "offered_games",
        "requested_games",
    ] {
        let read = with_data(|data| {
            data.as_object_mut().map(|fields| fields.remove(field));
        });
        assert!(matches!(read, Err(Unreadable::Data { .. })), "{field}");
    }
}

#[test]
fn read_rejects_a_missing_or_binary_header() {
    for name in [
        "ce_specversion",
        "ce_id",
        "ce_type",
        "ce_time",
        "ce_sequence",
        "ce_dataschema",
    ] {
        let (headers, data) = (cancelled().headers(), cancelled().data());
        for broken in [None, Some(&b"\xff"[..])] {
            let pairs = headers.iter().map(|(known, value)| {
                let value = Some(value.as_bytes());
                (*known, if *known == name { broken } else { value })
            });
            let read = CloudEvent::read(pairs, data.as_bytes());
            assert_eq!(read, Err(Unreadable::Header(name)));
        }
        let others: Headers = headers
            .into_iter()
            .filter(|(known, _)| *known != name)
            .collect();
        assert_eq!(read(&others, &data), Err(Unreadable::Header(name)));
    }
}

#[test]
fn read_rejects_a_header_with_a_wrong_value() {
    for (name, value) in [
        ("ce_specversion", "0.3"),
        ("ce_id", "17"),
        ("ce_type", "offer.expired"),
        ("ce_time", "yesterday"),
        ("ce_sequence", "3.5"),
        (
            "ce_dataschema",
            "urn:video-game-exchange:event:offer.cancelled:2",
        ),
        (
            "ce_dataschema",
            "urn:video-game-exchange:event:offer.created:1",
        ),
    ] {
        let refusal = read(&with(name, value), &cancelled().data());
        assert_eq!(refusal, Err(Unreadable::Unknown(name)), "{value}");
    }
}

#[test]
fn read_rejects_invalid_data_and_names_the_place_only() {
    let refusal = read(
        &cancelled().headers(),
        "{\"offer_id\": 7,\n \"secret\": oops}",
    );
    let refusal = refusal.map_err(|reason| reason.to_string());
    assert_eq!(
        refusal,
        Err("the payload does not match its type, at line 2, column 12".to_owned())
    );
    for data in ["", "[]", "null", "{}", "{\"offer_id\": \"seven\"}"] {
        let refusal = read(&cancelled().headers(), data);
        assert!(matches!(refusal, Err(Unreadable::Data { .. })), "{data}");
    }
    let unknown_state = with_data(|data| data["status"] = json!("expired"));
    assert!(matches!(unknown_state, Err(Unreadable::Data { .. })));
}

#[test]
fn read_rejects_nul_but_not_escaped_backslashes() {
    let refusal = with_data(|data| data["offerer"]["name"] = json!("Ann\0"));
    assert_eq!(refusal, Err(Unreadable::Nul));
    let literal = with_data(|data| data["offerer"]["name"] = json!(r"\u0000 and \\u0000"));
    let Ok(Event::Offer(OfferEvent::Cancelled, facts)) = literal.map(|event| event.event) else {
        panic!("these are backslashes and digits");
    };
    assert_eq!(facts.offerer.name, r"\u0000 and \\u0000");
}
