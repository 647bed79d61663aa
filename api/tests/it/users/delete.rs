//! Delete an account.

use entity::{ClosedReason, OfferStatus};
use serde_json::json;

use crate::support::TestApp;

#[tokio::test(flavor = "multi_thread")]
async fn delete_closes_offers_delists_games_and_erases_the_user() {
    let test = TestApp::new().await;
    let (ann, bob) = (test.with_user("ann").await, test.with_user("bob").await);
    let (mine, traded, theirs, swapped) = (
        ann.lists("Metroid").await,
        ann.lists("Ico").await,
        bob.lists("Zelda").await,
        bob.lists("Okami").await,
    );
    let settled = ann.offers(&[traded], &[swapped]).await.unwrap().id;
    bob.client()
        .act(&format!("/offers/{settled}/accept"))
        .await
        .expect(200);
    let sent = ann.offers(&[mine], &[theirs]).await.unwrap().id;
    let received = bob.offers(&[theirs], &[mine]).await.unwrap().id;
    ann.client()
        .put(&format!("/offers/{sent}"), json!({"message": "please"}))
        .await
        .expect(200);
    let before = test.outbox().await.len();

    assert_eq!(
        bob.client().delete("/users/1").await.problem(403),
        "only_self"
    );
    ann.client().delete("/users/1").await.expect(204);

    let (own, other) = (test.offer(sent).await, test.offer(received).await);
    assert_eq!(
        (own.status, own.closed_reason),
        (OfferStatus::Cancelled, Some(ClosedReason::Withdrawn))
    );
    assert_eq!(
        (other.status, other.closed_reason),
        (OfferStatus::Cancelled, Some(ClosedReason::GameUnavailable))
    );
    let events: Vec<_> = test.events().await.split_off(before);
    assert_eq!(
        events,
        [
            ("offer.cancelled".to_owned(), sent.0),
            ("offer.cancelled".to_owned(), received.0)
        ]
    );
    assert!(
        test.game(mine).await.deleted_at.is_some() && test.game(swapped).await.deleted_at.is_some()
    );
    assert_eq!(test.game(traded).await.deleted_at, None, "it is Bob's");

    assert_eq!(
        ann.client().get("/games").await.problem(401),
        "unknown_actor"
    );
    assert_eq!(
        bob.client().get("/users/1").await.problem(404),
        "user_not_found"
    );
    assert_eq!(
        bob.client()
            .get(&format!("/games/{mine}"))
            .await
            .problem(404),
        "game_not_found"
    );
    let offer = bob
        .client()
        .get(&format!("/offers/{sent}"))
        .await
        .expect(200);
    assert_eq!(
        offer["offerer"],
        json!({"id": 1, "node_id": "VXNlcjox", "name": "Deleted account", "_links": {}})
    );
    assert_eq!(
        offer["offered_games"],
        json!([{"id": mine, "node_id": "R2FtZTox", "name": "Metroid", "_links": {}}])
    );
    assert_eq!(
        (offer.get("message"), offer["_links"].get("offerer")),
        (None, None)
    );
    let settled = test.offer(settled).await;
    assert_eq!(
        (settled.offerer_address, settled.receiver_address.as_deref()),
        (None, Some("bob's street 1"))
    );
    let again = json!({"name": "Ann", "email": "ann@example.com", "password": "pass123"});
    test.anonymous().post("/users", again).await.expect(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_leaves_no_pending_offer_while_others_trade() {
    let test = TestApp::new().await;
    let (ann, bob) = (test.with_user("ann").await, test.with_user("bob").await);
    let mut pairs = Vec::new();
    for _ in 0..12 {
        pairs.push((ann.lists("Metroid").await, bob.lists("Zelda").await));
    }
    for (mine, theirs) in &pairs {
        bob.offers(&[*theirs], &[*mine]).await.unwrap();
    }
    let (leaver, rival) = (ann.client(), bob.client());
    let leaving = tokio::spawn(async move { leaver.delete("/users/1").await.status });
    let offering = tokio::spawn(async move {
        for (mine, theirs) in pairs {
            let body =
                json!({"offered_game_ids": [theirs], "requested_game_id": mine, "message": "now?"});
            let status = rival.post("/offers", body).await.status.as_u16();
            assert!([404, 409].contains(&status), "{status}");
            let status = rival
                .put(&format!("/games/{theirs}"), json!({"name": "Okami"}))
                .await
                .status;
            assert!(status.is_success(), "{status}");
        }
    });
    assert!(leaving.await.unwrap().is_success());
    offering.await.unwrap();
    let pending = test
        .anonymous()
        .get("/offers?status=pending")
        .await
        .expect(200);
    assert_eq!(pending["_embedded"]["offers"], json!([]));
}
