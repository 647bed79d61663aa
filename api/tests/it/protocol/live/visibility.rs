//! Private changes do not show in the events of strangers.

use axum::{body::Body, http::Request};
use chrono::TimeDelta;
use exchange::users::mailbox;
use serde_json::{Value, json};

use super::Live;
use crate::support::http::{Client, Events};

const NIL: &str = "00000000-0000-0000-0000-000000000000";

async fn listen(client: &Client, query: &str) -> (Events, String) {
    let request = Request::get(format!("/events{query}")).body(Body::empty());
    let mut events = client.listen(request.unwrap()).await;
    let first = events.next().await.unwrap();
    (events, first.id)
}

/// Returns the newest event id that a stranger can read, on both surfaces.
async fn place(live: &Live) -> (Value, String) {
    let anonymous = live.test.anonymous();
    let newest = anonymous.graphql("{ newestEvent }", json!({})).await;
    let (_, first) = listen(&anonymous, "?offer_id=1").await;
    (newest.body["data"]["newestEvent"].clone(), first)
}

#[tokio::test(flavor = "multi_thread")]
async fn newest_event_ignores_private_events() {
    let live = Live::new().await;
    let offer = live.offers().await;
    let (dora, session) = live.logs_in("dora").await;
    live.published().await;
    let before = place(&live).await;
    assert_eq!(before.0, json!(before.1));

    let reset = json!({"email": "dora@example.com"});
    live.test
        .anonymous()
        .post("/auth/password-reset", reset)
        .await
        .expect(202);
    mailbox::send_resets(&live.test.app).await.unwrap();
    let own = format!("/users/{}", session["user_id"]);
    dora.post(&format!("{own}/email-confirmation"), json!({}))
        .await;
    let message = json!({"message": "please"});
    live.ann
        .client()
        .put(&format!("/offers/{offer}"), message)
        .await
        .expect(200);
    let password = json!({"current_password": "pass123", "new_password": "pass1234"});
    dora.put(&format!("{own}/password"), password)
        .await
        .expect(200);
    let wanted = [
        "user.registered",
        "mailbox",
        "offer.updated",
        "user.password_changed",
    ];
    let events = live.test.events().await;
    assert!(events.len() >= wanted.len(), "{events:?}");
    live.published().await;
    assert_eq!(place(&live).await, before);

    live.rejects(live.offers().await).await;
    live.published().await;
    assert_ne!(place(&live).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn message_change_is_sent_to_the_parties_only() {
    let live = Live::new().await;
    let offer = live.offers().await;
    live.published().await;
    let query = format!("?offer_id={offer}");
    let (mut strangers, _) = listen(&live.test.anonymous(), &query).await;
    let (mut cleos, _) = listen(&live.cleo.client(), &query).await;
    let (mut bobs, _) = listen(&live.bob.client(), &query).await;
    let message = json!({"message": "please"});
    live.ann
        .client()
        .put(&format!("/offers/{offer}"), message)
        .await
        .expect(200);
    live.rejects(offer).await;
    assert_eq!(bobs.next().await.unwrap().event, "offer.updated");
    for events in [&mut strangers, &mut cleos] {
        assert_eq!(events.next().await.unwrap().event, "offer.rejected");
    }
    // A later listener does not see it either.
    let (mut late, _) = listen(&live.cleo.client(), &format!("{query}&after={NIL}")).await;
    let mut told = Vec::new();
    for _ in 0..2 {
        told.push(late.next().await.unwrap().event);
    }
    assert_eq!(told, ["offer.created", "offer.rejected"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn newest_event_survives_trimming() {
    let live = Live::new().await;
    live.offers().await;
    live.published().await;
    let before = place(&live).await;
    live.test.forward(TimeDelta::days(8));
    live.logs_in("dora").await;
    live.published().await;
    live.test.retention().delete_expired().await.unwrap();
    assert_eq!(place(&live).await, before);
    listen(
        &live.test.anonymous(),
        &format!("?offer_id=1&after={}", before.1),
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stream_resumes_after_private_events_are_trimmed() {
    let live = Live::new().await;
    live.logs_in("dora").await;
    live.logs_in("eve").await;
    live.published().await;
    let ann = live.ann.client();
    let newest = ann.graphql("{ newestEvent }", json!({})).await;
    assert_eq!(newest.body["data"]["newestEvent"], NIL);
    live.test.forward(TimeDelta::days(8));
    assert_eq!(live.test.retention().delete_expired().await.unwrap(), 1);
    listen(&ann, &format!("?after={NIL}")).await;
}
