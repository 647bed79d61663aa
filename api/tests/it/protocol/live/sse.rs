//! GraphQL over server-sent events.

use axum::{
    body::Body,
    http::{Request, header},
};
use serde_json::{Value, json};

use super::{Live, from_the_beginning};
use crate::{
    permissions::{offers::viewer_actions, table::Role},
    support::http::{Client, Event, Events},
};

const MY_OFFERS: &str = "subscription($after: ID) { myOffers(after: $after) { id type occurredAt offer { databaseId status viewerActions } } }";

fn request(query: &str, variables: &Value) -> Request<Body> {
    let body = json!({ "query": query, "variables": variables });
    Request::post("/graphql")
        .header(header::ACCEPT, "text/event-stream")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

async fn listen(client: &Client, query: &str, variables: Value) -> Events {
    client.listen(request(query, &variables)).await
}

fn data(event: Option<Event>) -> Value {
    let event = event.unwrap();
    assert_eq!(event.event, "next");
    event.body()["data"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn subscription_shows_each_party_their_actions() {
    let live = Live::new().await;
    let offer = live.offers().await;
    for (person, actions) in [
        (&live.ann, viewer_actions(Role::Offerer)),
        (&live.bob, viewer_actions(Role::Receiver)),
    ] {
        let mut events = listen(&person.client(), MY_OFFERS, from_the_beginning()).await;
        let told = &data(events.next().await)["myOffers"];
        assert_eq!(told["type"], "CREATED");
        assert_eq!(
            told["offer"],
            json!({"databaseId": offer, "status": "PENDING", "viewerActions": actions})
        );
    }
    live.rejects(offer).await;
    let mut events = listen(&live.ann.client(), MY_OFFERS, from_the_beginning()).await;
    let mut ids = Vec::new();
    for kind in ["CREATED", "REJECTED"] {
        let told = &data(events.next().await)["myOffers"];
        assert_eq!(
            (&told["type"], &told["offer"]["status"]),
            (&json!(kind), &json!("REJECTED"))
        );
        ids.push(told["id"].as_str().unwrap().to_owned());
    }
    assert_eq!(ids, live.event_ids().await);
    let mut rest = listen(&live.ann.client(), MY_OFFERS, json!({"after": ids[0]})).await;
    assert_eq!(data(rest.next().await)["myOffers"]["id"], ids[1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn newest_event_is_a_start_before_any_event() {
    let live = Live::new().await;
    let bob = live.bob.client();
    let newest = async || {
        let told = bob.graphql("{ newestEvent }", json!({})).await.expect(200);
        told["data"]["newestEvent"].clone()
    };
    let mut begins = Vec::new();
    let mut offers = Vec::new();
    for _ in 0..2 {
        begins.push(newest().await);
        offers.push(live.offers().await);
        live.published().await;
    }
    for (missed, begin) in begins.into_iter().enumerate() {
        let mut events = listen(&bob, MY_OFFERS, json!({"after": begin})).await;
        for offer in &offers[missed..] {
            let told = &data(events.next().await)["myOffers"]["offer"];
            assert_eq!(told["databaseId"], json!(offer));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn subscription_to_one_offer_is_open_to_anybody() {
    let live = Live::new().await;
    let offer = live.offers().await;
    let query = "subscription($id: ID!, $after: ID) { offerChanged(id: $id, after: $after) { type offer { message status offerer { name } } } }";
    live.published().await;
    let anonymous = live.test.anonymous();
    let variables = json!({"id": offer, "after": live.event_ids().await.last()});
    let mut events = listen(&anonymous, query, variables).await;
    live.offers().await;
    live.rejects(offer).await;
    assert_eq!(
        data(events.next().await)["offerChanged"],
        json!({"type": "REJECTED",
            "offer": {"message": null, "status": "REJECTED", "offerer": {"name": "ann"}}})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn subscription_starts_now_without_an_event_id() {
    let live = Live::new().await;
    let before = live.offers().await;
    live.published().await;
    let from = json!({"after": ""});
    let mut events = listen(&live.ann.client(), MY_OFFERS, from).await;
    let offering = async {
        loop {
            live.rejects(live.offers().await).await;
        }
    };
    // The subscription starts at an unknown time, so events are made until the first arrives.
    let first = tokio::select! {
        first = events.next() => data(first),
        () = offering => unreachable!(),
    };
    assert_ne!(first["myOffers"]["offer"]["databaseId"], json!(before));
}

#[tokio::test(flavor = "multi_thread")]
async fn failure_in_one_event_leaves_the_next_intact() {
    let live = Live::new().await;
    let query = "subscription($after: ID) { myOffers(after: $after) { offer { status offerer { games(first: 0) { nodes { name } } } } } }";
    let mut events = listen(&live.ann.client(), query, from_the_beginning()).await;
    live.offers().await;
    let first = events.next().await.unwrap().body();
    assert_eq!(first["errors"][0]["extensions"]["code"], "invalid");
    assert_eq!(first["data"], Value::Null, "nothing in between may be null");
}

#[tokio::test(flavor = "multi_thread")]
async fn query_over_sse_is_answered_once_and_completed() {
    let live = Live::new().await;
    let mut events = listen(&live.ann.client(), "{ viewer { name } }", json!({})).await;
    assert_eq!(
        data(events.next().await),
        json!({"viewer": {"name": "ann"}})
    );
    assert_eq!(events.next().await.unwrap().event, "complete");
    assert_eq!(events.next().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_is_not_completed_when_the_instance_stops() {
    let live = Live::new().await;
    let mut events = listen(&live.ann.client(), MY_OFFERS, from_the_beginning()).await;
    live.offers().await;
    assert_eq!(events.next().await.unwrap().event, "next");
    live.test.app.feed.close();
    assert_eq!(events.next().await, None);
    let mut answers = listen(&live.ann.client(), "{ viewer { name } }", json!({})).await;
    assert_eq!(answers.next().await.unwrap().event, "next");
    assert_eq!(answers.next().await.unwrap().event, "complete");
}

#[tokio::test(flavor = "multi_thread")]
async fn event_stream_is_refused_for_other_requests() {
    let live = Live::new().await;
    let refused = async |client: &Client, query: &str| {
        let answer = client.send(request(query, &json!({}))).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        answer.body["errors"][0]["extensions"]["code"].clone()
    };
    let ann = live.ann.client();
    assert_eq!(
        refused(&ann, "subscription { nothing }").await,
        "graphql_validation_failed"
    );
    let answer = ann
        .graphql("subscription { myOffers { id } }", json!({}))
        .await;
    assert_eq!(
        answer.body["errors"][0]["extensions"]["code"],
        "subscription_needs_a_stream"
    );
    let mut events = listen(
        &live.test.anonymous(),
        "subscription { myOffers { id } }",
        json!({}),
    )
    .await;
    let told = events.next().await.unwrap().body();
    assert_eq!(told["errors"][0]["extensions"]["code"], "not_identified");
    assert_eq!(events.next().await.unwrap().event, "complete");
}
