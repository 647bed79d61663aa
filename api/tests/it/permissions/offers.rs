//! Actions on an offer, in each state, by each role: the link and the entry of `viewerActions` exist exactly where the
//! table says 200.

use std::collections::BTreeSet;

use axum::http::Method;
use entity::{OfferId, OfferStatus};
use exchange::offers::{self, AcceptOffer, CancelOffer, RejectOffer};
use rules::Action;
use serde_json::json;

use super::{
    advertised, in_rest_terms,
    table::{Role, TABLE},
};
use crate::support::{Person, TestApp, http::Client};

use Action::{Accept, Cancel, Reject, Update};
use OfferStatus::{Accepted, Cancelled, Pending, Rejected};
use Role::{Anonymous, Offerer, Other, Receiver};

/// Each action with its relation and its path in REST, where all are a PUT (and updating a PATCH, too), and its mutation in
/// GraphQL. The cells of the table are in this order.
pub const ACTIONS: [(Action, &str, &str, &str); 4] = [
    (Update, "update", "/offers/{offer_id}", "updateOffer"),
    (Accept, "accept", "/offers/{offer_id}/accept", "acceptOffer"),
    (Reject, "reject", "/offers/{offer_id}/reject", "rejectOffer"),
    (Cancel, "cancel", "/offers/{offer_id}/cancel", "cancelOffer"),
];

struct Market {
    test: TestApp,
    ann: Person,
    bob: Person,
    eve: Person,
}

impl Market {
    async fn open() -> Self {
        let test = TestApp::new().await;
        let [ann, bob, eve] = test.people(["ann", "bob", "eve"]).await;
        Self {
            test,
            ann,
            bob,
            eve,
        }
    }

    fn client(&self, role: Role) -> Client {
        match role {
            Offerer => self.ann.client(),
            Receiver => self.bob.client(),
            Other => self.eve.client(),
            Anonymous => self.test.anonymous(),
        }
    }

    /// Makes an offer of ann's to bob, in this state.
    async fn offer(&self, state: OfferStatus) -> OfferId {
        let (mine, theirs) = (
            self.ann.lists("Metroid").await,
            self.bob.lists("Zelda").await,
        );
        let id = self.ann.offers(&[mine], &[theirs]).await.unwrap().id;
        let app = &self.test.app;
        let reached = match state {
            Pending => offers::find(app, id).await,
            Accepted => app.execute(self.bob.actor, AcceptOffer { offer: id }).await,
            Rejected => app.execute(self.bob.actor, RejectOffer { offer: id }).await,
            Cancelled => app.execute(self.ann.actor, CancelOffer { offer: id }).await,
        };
        assert_eq!(reached.unwrap().status, state);
        id
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn offer_advertises_the_actions_in_the_table() {
    let market = Market::open().await;
    for (state, role, cells) in TABLE.offers() {
        let id = market.offer(state).await;
        let client = market.client(role);
        let allowed = || {
            ACTIONS
                .iter()
                .zip(cells)
                .filter(|(_, status)| *status == 200)
        };
        let links: BTreeSet<_> = allowed()
            .map(|((_, relation, path, _), _)| {
                let href = path.replace("{offer_id}", &id.to_string());
                ((*relation).to_owned(), "PUT".to_owned(), href)
            })
            .collect();
        let alone = client.get(&format!("/offers/{id}")).await.expect(200);
        assert_eq!(advertised(&alone), links, "{state:?} {role:?}");
        let alias = client.get(&format!("/trade-offers/{id}")).await.expect(200);
        assert_eq!(
            advertised(&alias),
            links,
            "{state:?} {role:?}, by its other name"
        );
        let list = format!("/offers?game_id={}", alone["offered_game_id"]);
        let list = client.get(&list).await.expect(200);
        assert_eq!(
            advertised(&list["_embedded"]["offers"][0]),
            links,
            "{state:?} {role:?}, in a list"
        );
        let names: Vec<_> = allowed()
            .map(|((_, name, ..), _)| name.to_uppercase())
            .collect();
        let query = "query($id: Int!) { offer(by: {databaseId: $id}) { viewerActions viewerCan {
            update { ...P } accept { ...P } reject { ...P } cancel { ...P } } } }
            fragment P on Permission { allowed reason { code } }";
        let answer = client.graphql(query, json!({"id": id})).await.expect(200);
        assert_eq!(
            answer["data"]["offer"]["viewerActions"],
            json!(names),
            "{state:?} {role:?}"
        );
        let can = &answer["data"]["offer"]["viewerCan"];
        for ((action, name, ..), expected) in ACTIONS.into_iter().zip(cells) {
            let permission = &can[name];
            assert_eq!(
                (&permission["allowed"], permission["reason"].is_null()),
                (&json!(expected == 200), expected == 200),
                "{state:?} {role:?} {action:?}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn offer_actions_end_as_in_the_table_on_both_surfaces() {
    let market = Market::open().await;
    for (state, role, cells) in TABLE.offers() {
        for ((action, name, path, mutation), expected) in ACTIONS.into_iter().zip(cells) {
            let cell = format!("{state:?} {role:?} {action:?}");
            let client = market.client(role);
            let methods: &[Method] = match action {
                Update => &[Method::PUT, Method::PATCH],
                _ => &[Method::PUT],
            };
            let mut code = None;
            for method in methods {
                let id = market.offer(state).await;
                let before = market.test.offer(id).await;
                let path = path.replace("{offer_id}", &id.to_string());
                let body = (action == Update).then(|| json!({"message": "Please"}));
                let rest = client.call(method.clone(), &path, body).await;
                assert_eq!(rest.status, expected, "{method} {cell}: {}", rest.text);
                let untouched = market.test.offer(id).await == before;
                assert_eq!(
                    untouched,
                    expected != 200,
                    "{method} {cell}: a refusal changes nothing"
                );
                code = rest.body["code"].as_str().map(ToOwned::to_owned);
            }

            let id = market.offer(state).await;
            let can = format!(
                "query($id: Int!) {{ offer(by: {{databaseId: $id}}) {{ viewerCan {{ {name} {{ reason {{ code message }} }} }} }} }}"
            );
            let can = client.graphql(&can, json!({"id": id})).await.expect(200);
            let foretold = can["data"]["offer"]["viewerCan"][name]["reason"].clone();
            let before = market.test.offer(id).await;
            let message = if action == Update {
                ", message: \"Please\""
            } else {
                ""
            };
            let mutation_text = format!(
                "mutation($id: ID!) {{ {mutation}(input: {{offerId: $id{message}}}) {{ offer {{ id }} userErrors {{ code message }} }} }}"
            );
            let graphql = client
                .graphql(&mutation_text, json!({"id": id.to_string()}))
                .await;
            let refusal = in_rest_terms(&graphql, mutation);
            assert_eq!(refusal, code, "{cell}: {}", graphql.text);
            assert_eq!(
                foretold["code"].as_str(),
                code.as_deref(),
                "{cell}: why not is what doing it answers"
            );
            if let Some(message) = foretold["message"].as_str() {
                assert!(graphql.text.contains(message), "{cell}: {}", graphql.text);
            }
            let untouched = market.test.offer(id).await == before;
            assert_eq!(
                untouched,
                expected != 200,
                "{cell}: a refusal changes nothing"
            );
        }
    }
}
