//! Who may do what to an offer, as a literal table. Never compute a cell from `permit`.

use api::exchange::{
    lifecycle::{Action, permitted},
    offers::{self, OfferChange},
};
use api::identity::Actor;
use entity::OfferStatus;

use crate::support::TestApp;

use Action::{Accept, Cancel, Reject, Update};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Offerer,
    Receiver,
    Other,
    Anonymous,
}
use Role::{Anonymous, Offerer, Other, Receiver};

/// Each state and role, with exactly the actions that it may do.
const TABLE: &[(OfferStatus, Role, &[Action])] = &[
    (OfferStatus::Pending, Offerer, &[Update, Cancel]),
    (OfferStatus::Pending, Receiver, &[Accept, Reject]),
    (OfferStatus::Pending, Other, &[]),
    (OfferStatus::Pending, Anonymous, &[]),
    (OfferStatus::Accepted, Offerer, &[]),
    (OfferStatus::Accepted, Receiver, &[]),
    (OfferStatus::Accepted, Other, &[]),
    (OfferStatus::Accepted, Anonymous, &[]),
    (OfferStatus::Rejected, Offerer, &[]),
    (OfferStatus::Rejected, Receiver, &[]),
    (OfferStatus::Rejected, Other, &[]),
    (OfferStatus::Rejected, Anonymous, &[]),
    (OfferStatus::Cancelled, Offerer, &[]),
    (OfferStatus::Cancelled, Receiver, &[]),
    (OfferStatus::Cancelled, Other, &[]),
    (OfferStatus::Cancelled, Anonymous, &[]),
];

#[tokio::test(flavor = "multi_thread")]
async fn actions_advertised_are_those_that_succeed() {
    for (state, role, allowed) in TABLE {
        for action in Action::ALL {
            let test = TestApp::new().await;
            let (ann, bob, eve) = (
                test.with_user("ann").await,
                test.with_user("bob").await,
                test.with_user("eve").await,
            );
            let (mine, theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
            let id = ann.offers(&[mine], &[theirs]).await.unwrap().id;
            let app = &test.app;
            match state {
                OfferStatus::Pending => {}
                OfferStatus::Accepted => drop(offers::accept(app, bob.actor, id).await.unwrap()),
                OfferStatus::Rejected => drop(offers::reject(app, bob.actor, id).await.unwrap()),
                OfferStatus::Cancelled => drop(offers::cancel(app, ann.actor, id).await.unwrap()),
            }
            let actor = match role {
                Offerer => ann.actor,
                Receiver => bob.actor,
                Other => eve.actor,
                Anonymous => Actor::Anonymous,
            };
            let offer = test.offer(id).await;
            let advertised = permitted(&offer, &actor).any(|one| one == action);
            let outcome = match action {
                Update => offers::update(app, actor, id, OfferChange::default()).await,
                Accept => offers::accept(app, actor, id).await,
                Reject => offers::reject(app, actor, id).await,
                Cancel => offers::cancel(app, actor, id).await,
            };
            let expected = allowed.contains(&action);
            assert_eq!(
                advertised, expected,
                "advertised: {state:?} {role:?} {action:?}"
            );
            assert_eq!(
                outcome.is_ok(),
                expected,
                "done: {state:?} {role:?} {action:?} {outcome:?}"
            );
            if !expected {
                assert_eq!(test.offer(id).await, offer, "a refusal changes nothing");
            }
        }
    }
}
