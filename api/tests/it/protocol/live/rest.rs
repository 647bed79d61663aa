//! `GET /events`.

use axum::{body::Body, http::Request};
use chrono::TimeDelta;
use outbox::feed::EventFeed;
use serde_json::json;

use super::{Live, ids};
use crate::support::{
    described, eventually,
    http::{Client, Event, Events},
};

/// Opens the stream and reads up to the event that names the newest one.
async fn listen(client: &Client, query: &str) -> (Events, Event) {
    let request = Request::get(format!("/events{query}")).body(Body::empty());
    let mut events = client.listen(request.unwrap()).await;
    let first = events.next().await.unwrap();
    assert_eq!((first.event.as_str(), first.data.as_str()), ("", ""));
    (events, first)
}

async fn take(events: &mut Events, count: usize) -> Vec<Event> {
    let mut taken = Vec::new();
    while taken.len() < count {
        taken.push(events.next().await.unwrap());
    }
    taken
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_sends_both_parties_their_view_in_order() {
    let live = Live::new().await;
    let mut ends = Vec::new();
    for person in [&live.ann, &live.bob] {
        ends.push(listen(&person.client(), "").await.0);
    }
    let offer = live.offers().await;
    live.rejects(offer).await;
    let [anns, bobs] = ends.as_mut_slice() else {
        unreachable!()
    };
    let (anns, bobs) = (take(anns, 2).await, take(bobs, 2).await);
    assert_eq!(ids(&anns), live.event_ids().await);
    assert_eq!(ids(&anns), ids(&bobs));
    for event in anns.iter().chain(&bobs) {
        let body = event.body();
        described::check_event(&body);
        assert_eq!(body["id"], event.id);
        assert_eq!(body["type"], event.event);
        assert_eq!(body["offer"]["id"], json!(offer));
    }
    let kinds: Vec<_> = anns.iter().map(|event| event.event.as_str()).collect();
    assert_eq!(kinds, ["offer.created", "offer.rejected"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn event_links_to_the_actions_of_its_listener() {
    let live = Live::new().await;
    let (mut anns, _) = listen(&live.ann.client(), "").await;
    let (mut bobs, _) = listen(&live.bob.client(), "").await;
    live.offers().await;
    let links = |event: Event| event.body()["offer"]["_links"].clone();
    let (anns, bobs) = (
        links(anns.next().await.unwrap()),
        links(bobs.next().await.unwrap()),
    );
    assert!(anns["cancel"].is_object() && anns["accept"].is_null());
    assert!(bobs["accept"].is_object() && bobs["cancel"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_sends_offers_of_others_only_when_asked_for_one() {
    let live = Live::new().await;
    let offer = live.offers().await;
    live.published().await;
    let (mut cleos, _) = listen(&live.cleo.client(), "").await;
    let (mut looks_on, _) = listen(&live.test.anonymous(), &format!("?offer_id={offer}")).await;
    let other = live.offers().await;
    live.rejects(offer).await;
    live.rejects(other).await;
    // The first event that Cleo gets is her own.
    let (hers, anns) = (live.cleo.lists("Ico").await, live.ann.lists("Doom").await);
    let own = live.cleo.offers(&[hers], &[anns]).await.unwrap().id;
    assert_eq!(
        cleos.next().await.unwrap().body()["offer"]["id"],
        json!(own)
    );
    let heard = looks_on.next().await.unwrap();
    assert_eq!(heard.event, "offer.rejected");
    assert_eq!(heard.body()["offer"]["id"], json!(offer));
}

#[tokio::test(flavor = "multi_thread")]
async fn reconnect_to_another_instance_loses_and_repeats_nothing() {
    let live = Live::new().await;
    let another = Client::anonymous(&live.another()).with("x-user-id", live.ann.id);
    let here = live.ann.client();
    let (mut heard, mut offers) = (Vec::new(), Vec::new());
    let (first, begin) = listen(&here, "").await;
    drop(first);
    let mut last = begin.id;
    for (round, client) in [&another, &here, &another, &here].into_iter().enumerate() {
        // Without a listener, and with one.
        offers.push(live.offers().await);
        let client = client.with("last-event-id", &last);
        let (mut events, again) = listen(&client, "").await;
        assert_eq!(again.id, last);
        live.rejects(offers[round]).await;
        offers.push(live.offers().await);
        let part = take(&mut events, 3).await;
        last = part.last().unwrap().id.clone();
        heard.extend(part);
    }
    assert_eq!(ids(&heard), live.event_ids().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_misses_nothing_when_the_instance_is_starting() {
    let live = Live::new().await;
    let starting = live.starting();
    let ann = Client::anonymous(&starting).with("x-user-id", live.ann.id);
    let (mut events, _) = listen(&ann, "").await;
    live.offers().await;
    live.published().await;
    live.tails(&starting);
    assert_eq!(ids(&take(&mut events, 1).await), live.event_ids().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn reconnect_resumes_from_last_event_id_not_from_the_url() {
    let live = Live::new().await;
    let begin = "?after=00000000-0000-0000-0000-000000000000";
    let ann = live.ann.client();
    let (mut events, _) = listen(&ann, begin).await;
    for _ in 0..2 {
        live.offers().await;
    }
    let heard = take(&mut events, 2).await;
    let again = ann.with("last-event-id", &heard[0].id);
    let (mut events, first) = listen(&again, begin).await;
    assert_eq!(first.id, heard[0].id);
    assert_eq!(take(&mut events, 1).await, heard[1..]);
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_misses_nothing_when_the_client_reads_slowly() {
    let live = Live::with(EventFeed::with_capacity(2, 8)).await;
    let (mut anns, _) = listen(&live.ann.client(), "").await;
    let (mut watch, _) = listen(&live.bob.client(), "").await;
    for _ in 0..20 {
        let offer = live.offers().await;
        live.rejects(offer).await;
    }
    // Bob's stream has sent all of them, so they have left the memory.
    assert_eq!(ids(&take(&mut watch, 40).await), live.event_ids().await);
    assert_eq!(ids(&take(&mut anns, 40).await), live.event_ids().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn resume_from_an_expired_event_is_refused() {
    let live = Live::new().await;
    let ann = live.ann.client();
    let from = async |id: &str| ann.get(&format!("/events?after={id}")).await;
    let nil = "00000000-0000-0000-0000-000000000000";
    let (mut events, _) = listen(&ann, &format!("?after={nil}")).await;
    for _ in 0..3 {
        live.offers().await;
    }
    let heard = take(&mut events, 3).await;
    listen(&ann, &format!("?after={}", heard[0].id)).await;
    live.published().await;
    live.test.forward(TimeDelta::days(8));
    assert_eq!(live.test.retention().delete_expired().await.unwrap(), 2);
    listen(&ann, &format!("?after={}", heard[2].id)).await;
    for gone in [nil, &heard[0].id, "0199c0a0-0000-7000-8000-000000000001"] {
        assert_eq!(from(gone).await.problem(409), "resume_expired", "{gone}");
    }
    assert_eq!(from("1").await.problem(400), "malformed");
    let odd = ann.with("last-event-id", "1").get("/events").await;
    assert_eq!(odd.problem(400), "malformed");
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_of_own_offers_needs_a_user_and_an_event_stream() {
    let live = Live::new().await;
    let anonymous = live.test.anonymous();
    let answer = anonymous.get("/events").await;
    assert_eq!(answer.problem(401), "not_identified");
    let answer = anonymous.get("/events?offer_id=9").await;
    assert_eq!(answer.problem(404), "offer_not_found");
    let json = live.ann.client().with("accept", "application/json");
    assert_eq!(json.get("/events").await.problem(406), "not_acceptable");
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_with_the_session() {
    let live = Live::new().await;
    for end in ["log-out", "new password", "token's end"] {
        let (dora, session) = live.logs_in(&end.replace([' ', '\''], "-")).await;
        let (mut events, _) = listen(&dora, "").await;
        match end {
            "log-out" => {
                let body = json!({"refresh_token": session["refresh_token"]});
                dora.post("/auth/logout", body).await.expect(204);
            }
            "new password" => {
                let path = format!("/users/{}/password", session["user_id"]);
                let body = json!({"current_password": "pass123", "new_password": "pass1234"});
                dora.put(&path, body).await.expect(200);
            }
            _ => live.test.forward(TimeDelta::minutes(16)),
        }
        let last = events.next().await.unwrap();
        assert_eq!(last.event, "problem", "{end}");
        assert_eq!(last.body()["code"], "bad_token", "{end}");
        assert_eq!(events.next().await, None, "{end}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_sends_no_event_after_log_out() {
    let live = Live::new().await;
    let (dora, session) = live.logs_in("dora").await;
    let (mut events, _) = listen(&dora, "").await;
    let game = json!({"name": "Ico", "publisher": "Sony", "year_published": 2001,
        "gaming_system": "PlayStation 2", "condition": "good"});
    let hers = dora.post("/games", game).await.expect(201)["id"].clone();
    let anns = live.ann.lists("Doom").await;
    let body = json!({"refresh_token": session["refresh_token"]});
    dora.post("/auth/logout", body).await.expect(204);
    let offer = json!({"offered_game_id": anns, "requested_game_id": hers});
    live.ann.client().post("/offers", offer).await.expect(201);
    let last = events.next().await.unwrap();
    assert_eq!(
        (last.event.as_str(), events.next().await),
        ("problem", None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_is_refused_when_all_slots_are_taken() {
    let live = Live::with(EventFeed::with_capacity(8, 1)).await;
    let ann = live.ann.client();
    let (events, _) = listen(&ann, "").await;
    let answer = ann.get("/events").await;
    assert_eq!(answer.header("retry-after"), "1");
    assert_eq!(answer.problem(503), "too_many_listeners");
    drop(events);
    eventually(async || live.test.app.feed.slots_taken() == 0).await;
    listen(&ann, "").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_end_when_the_instance_stops() {
    let live = Live::new().await;
    let (mut events, _) = listen(&live.ann.client(), "").await;
    live.test.app.feed.close();
    assert_eq!(events.next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_starts_now_when_last_event_id_is_empty() {
    let live = Live::new().await;
    let ann = live.ann.client();
    for (path, last) in [("/events?after=", None), ("/events", Some(""))] {
        let client = last.map_or_else(|| ann.clone(), |id| ann.with("last-event-id", id));
        let request = Request::get(path).body(Body::empty()).unwrap();
        let mut events = client.listen(request).await;
        assert!(!events.next().await.unwrap().id.is_empty(), "{path}");
    }
    for (path, last, told) in [
        ("/events?after=x", None, "after"),
        ("/events", Some("x"), "Last-Event-ID"),
    ] {
        let client = last.map_or_else(|| ann.clone(), |id| ann.with("last-event-id", id));
        let answer = client.get(path).await;
        let detail = answer.body["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(told), "{detail}");
        assert!(detail.contains("must be the id of an event"), "{detail}");
        assert_eq!(answer.problem(400), "malformed");
    }
}
