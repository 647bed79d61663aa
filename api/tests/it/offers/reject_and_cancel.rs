//! Reject an offer, or cancel it.

use serde_json::json;

use crate::{
    protocol::graphql::trade::{act, offer},
    support::TestApp,
};

#[tokio::test(flavor = "multi_thread")]
async fn reject_and_cancel_set_the_closed_reason() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (
        json!(ann.lists("Metroid").await.0),
        json!(bob.lists("Zelda").await.0),
    );
    let (ann, bob) = (ann.client(), bob.client());
    let first = offer(&ann, &[&mine], &[&theirs]).await;
    let rejected = act(&bob, "rejectOffer", &first["databaseId"]).await;
    assert_eq!(
        (&rejected["status"], &rejected["closedReason"]),
        (&json!("REJECTED"), &json!("DECLINED"))
    );
    let second = offer(&ann, &[&mine], &[&theirs]).await;
    let cancelled = act(&ann, "cancelOffer", &second["id"]).await;
    assert_eq!(
        (&cancelled["status"], &cancelled["closedReason"]),
        (&json!("CANCELLED"), &json!("WITHDRAWN"))
    );
}
