//! Content and recipients of letters. The letters, one of each kind, are in `snapshots`: read a change as a recipient
//! would. `INSTA_UPDATE=always cargo test -p notifier letters` writes them anew.

mod content;
mod privacy;
mod tokens;

use entity::{OfferId, OfferStatus, UserId, event::Event, offer};
use sea_orm::{ActiveValue::Set, EntityTrait};

use crate::support::TestNotifier;

/// Creates Ann (1) and Bob (2) of the golden events, with confirmed addresses.
async fn with_ann_and_bob() -> TestNotifier {
    let test = TestNotifier::new().await;
    for (id, name, street) in [
        (1, "Ann", "1 Pine Street\nSpringfield"),
        (2, "Bob", "Calle Mayor 2"),
    ] {
        test.somebody(id, name, |person| {
            person.street_address = Set(Some(street.to_owned()));
        })
        .await;
    }
    test
}

/// Inserts the row of an offer as it is after the event.
async fn row_of(test: &TestNotifier, event: &Event, message: Option<&str>) {
    let facts = event.offer().unwrap();
    let (now, accepted) = (test.clock.now(), facts.status == OfferStatus::Accepted);
    let address = |of: &str| accepted.then(|| of.to_owned());
    let row = offer::ActiveModel {
        id: Set(facts.offer_id),
        offerer_id: Set(facts.offerer.user_id),
        receiver_id: Set(facts.receiver.user_id),
        status: Set(facts.status),
        closed_reason: Set(facts.closed_reason),
        closed_by_offer_id: Set(None),
        message: Set(message.map(str::to_owned)),
        offerer_address: Set(address("1 Pine Street\nSpringfield")),
        receiver_address: Set(address("Calle Mayor 2")),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
        ..Default::default()
    };
    offer::Entity::delete_by_id(OfferId(7))
        .exec(test.database.reader())
        .await
        .unwrap();
    offer::Entity::insert(row)
        .exec_without_returning(test.database.reader())
        .await
        .unwrap();
}

const ANN: UserId = UserId(1);
const BOB: UserId = UserId(2);
