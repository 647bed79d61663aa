//! Privacy. No answer, event or log line has a password, a hash or an unrequested token.

mod graphql;
pub mod people;
mod refusals;
mod rest;

use chrono::TimeDelta;
use entity::{offer, outbox, refresh_token, user};
use sea_orm::EntityTrait;
use serde_json::json;

use self::people::Exchange;

#[tokio::test(flavor = "multi_thread")]
async fn accepted_offer_drops_addresses_after_ninety_days() {
    let exchange = Exchange::new().await;
    let ann = exchange.test.anonymous().with("x-user-id", 1);
    let query = "{ offer(by: {databaseId: 2}) { message offererAddress receiverAddress } }";
    let shown = async |expected: &str| {
        for answer in [
            ann.get("/offers/2").await,
            ann.get("/offers").await,
            ann.graphql(query, json!({})).await,
        ] {
            exchange.shows(&answer, expected, "as ann");
        }
    };
    exchange
        .test
        .forward(TimeDelta::days(90) - TimeDelta::minutes(10));
    shown("message ann-street bob-street").await;
    exchange.test.forward(TimeDelta::minutes(10));
    shown("message").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_account_leaves_nothing_that_identifies_the_user() {
    let exchange = Exchange::new().await;
    let [_, _, bob, ann] = exchange.clients();
    bob.act("/offers/3/accept").await.expect(200);
    let reader = exchange.test.app.database.reader();
    // As JSON, since Debug hides hashes.
    let tables = async || {
        let users = user::Entity::find().into_json().all(reader).await.unwrap();
        let offers = offer::Entity::find().into_json().all(reader).await.unwrap();
        let tokens = refresh_token::Entity::find()
            .into_json()
            .all(reader)
            .await
            .unwrap();
        let events = outbox::Entity::find()
            .into_json()
            .all(reader)
            .await
            .unwrap();
        let others = json!([users, offers])
            .to_string()
            .replace("\"bob\"", "")
            .replace("\"cleo\"", "");
        (others, json!([users, offers, tokens, events]).to_string())
    };
    let (people, all) = tables().await;
    let of_ann = ["message", "ann-email", "ann-street", "ann-hash", "any hash"];
    assert!(
        of_ann
            .iter()
            .all(|secret| exchange.private_in(&all).contains(secret)),
        "{all}"
    );
    assert!(people.contains("\"ann\""), "{people}");

    assert_eq!(ann.delete("/users/1").await.status, 204);
    let (people, all) = tables().await;
    let left: Vec<_> = exchange.private_in(&all).into_iter().collect();
    assert_eq!(
        left,
        [
            "any hash",
            "bob-email",
            "bob-hash",
            "bob-street",
            "cleo-email",
            "cleo-hash",
            "cleo-street"
        ],
        "{all}"
    );
    assert!(!people.contains("\"ann\""), "{people}");
    let sessions = refresh_token::Entity::find().all(reader).await.unwrap();
    assert!(sessions.iter().all(|token| token.user_id.0 != 1));
}
