//! Actions on an offer, in each state, by each role: the link and the entry of `viewerActions` exist exactly where the
//! table says 200.

use std::collections::BTreeSet;

use api::operations::{self, Route};
use axum::http::Method;
use entity::{OfferId, OfferStatus};
use exchange::offers::{self, AcceptOffer, CancelOffer, RejectOffer};
use rules::Action;
use serde_json::{Value, json};

use super::{
    advertised, in_rest_terms,
    table::{Actions, Role, TABLE},
};
use crate::support::{Person, TestApp, http::Client};

use OfferStatus::{Accepted, Cancelled, Pending, Rejected};
use Role::{Anonymous, Offerer, Other, Receiver};

/// An action on an offer.
pub struct OnOffer {
    pub action: Action,
    /// Its operation in REST. The relation of that names the action in the table and in GraphQL.
    pub operation: &'static Route,
    /// Its mutation in GraphQL: `acceptOffer` for the operation `accept_offer`.
    pub mutation: String,
}

/// Returns all actions.
pub fn actions() -> impl Iterator<Item = OnOffer> {
    Action::ALL.into_iter().map(|action| {
        let operation = operations::for_action(action);
        OnOffer {
            action,
            operation,
            mutation: operation.id().replace("_offer", "Offer"),
        }
    })
}

/// Returns the actions that succeed by these cells of the table.
fn allowed(cells: &Actions) -> impl Iterator<Item = OnOffer> {
    actions().filter(move |one| cells[one.operation.relation] == 200)
}

/// Returns the actions that the table allows somebody on a pending offer.
pub fn allowed_while_pending(role: Role) -> impl Iterator<Item = OnOffer> {
    let rows = TABLE.offers().into_iter();
    let row = rows.filter(move |(state, of, _)| (*state, *of) == (Pending, role));
    row.flat_map(|(.., cells)| allowed(cells))
}

/// Returns `viewerActions` of a pending offer by the table.
pub fn viewer_actions(role: Role) -> Value {
    let names = allowed_while_pending(role).map(|one| one.operation.relation.to_uppercase());
    names.collect()
}

/// Returns the links to the actions on an offer that succeed: relation, method and address of each.
fn links(cells: &Actions, id: OfferId) -> BTreeSet<(String, String, String)> {
    let link = |one: OnOffer| {
        let (relation, method) = (one.operation.relation, one.operation.methods[0]);
        (
            relation.to_owned(),
            method.to_owned(),
            one.operation.href(id),
        )
    };
    allowed(cells).map(link).collect()
}

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
            Cancelled => app.execute(self.ann.actor, CancelOffer::new(id)).await,
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
        let links = links(cells, id);
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
        let names: Vec<_> = allowed(cells)
            .map(|one| one.operation.relation.to_uppercase())
            .collect();
        let each: String = actions()
            .map(|one| {
                format!(
                    "{} {{ allowed reason {{ code }} }} ",
                    one.operation.relation
                )
            })
            .collect();
        let query = format!(
            "query($id: Int!) {{ offer(by: {{databaseId: $id}}) {{ viewerActions viewerCan {{ {each} }} }} }}"
        );
        let answer = client.graphql(&query, json!({"id": id})).await.expect(200);
        assert_eq!(
            answer["data"]["offer"]["viewerActions"],
            json!(names),
            "{state:?} {role:?}"
        );
        let can = &answer["data"]["offer"]["viewerCan"];
        for one in actions() {
            let name = one.operation.relation;
            let (permission, expected) = (&can[name], cells[name] == 200);
            assert_eq!(
                (&permission["allowed"], permission["reason"].is_null()),
                (&json!(expected), expected),
                "{state:?} {role:?} {name}"
            );
        }
    }
}

/// Tries an action in REST, by each of its methods. Returns the error code.
async fn tries_in_rest(
    market: &Market,
    state: OfferStatus,
    role: Role,
    one: &OnOffer,
    expected: u16,
) -> Option<String> {
    let mut code = None;
    for method in one.operation.methods {
        let id = market.offer(state).await;
        let before = market.test.offer(id).await;
        let body = (one.action == Action::Update).then(|| json!({"message": "Please"}));
        let method: Method = method.parse().unwrap();
        let path = one.operation.href(id);
        let rest = market.client(role).call(method.clone(), &path, body).await;
        let cell = format!("{method} {state:?} {role:?} {:?}", one.action);
        assert_eq!(rest.status, expected, "{cell}: {}", rest.text);
        let untouched = market.test.offer(id).await == before;
        assert_eq!(
            untouched,
            expected != 200,
            "{cell}: a refusal changes nothing"
        );
        code = rest.body["code"].as_str().map(ToOwned::to_owned);
    }
    code
}

/// Tries an action in GraphQL. Returns the error code.
async fn tries_in_graphql(
    market: &Market,
    state: OfferStatus,
    role: Role,
    one: &OnOffer,
    expected: u16,
) -> Option<String> {
    let (client, cell) = (
        market.client(role),
        format!("{state:?} {role:?} {:?}", one.action),
    );
    let (name, mutation) = (one.operation.relation, &one.mutation);
    let id = market.offer(state).await;
    let can = format!(
        "query($id: Int!) {{ offer(by: {{databaseId: $id}}) {{ viewerCan {{ {name} {{ reason {{ code message }} }} }} }} }}"
    );
    let can = client.graphql(&can, json!({"id": id})).await.expect(200);
    let foretold = can["data"]["offer"]["viewerCan"][name]["reason"].clone();
    let before = market.test.offer(id).await;
    let message = if one.action == Action::Update {
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
    let code = in_rest_terms(&graphql, mutation);
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
    code
}

#[tokio::test(flavor = "multi_thread")]
async fn offer_actions_end_as_in_the_table_on_both_surfaces() {
    let market = Market::open().await;
    for (state, role, cells) in TABLE.offers() {
        for one in actions() {
            let expected = cells[one.operation.relation];
            let rest = tries_in_rest(&market, state, role, &one, expected).await;
            let graphql = tries_in_graphql(&market, state, role, &one, expected).await;
            assert_eq!(graphql, rest, "{state:?} {role:?} {:?}", one.action);
        }
    }
}

/// The example of an offer is as its offerer sees it while it is pending.
#[test]
fn openapi_example_of_an_offer_links_to_its_actions() {
    let api: Value = serde_json::from_str(api::rest::openapi::json()).unwrap();
    let example = |path: &str| {
        let response = &api["paths"][path]["get"]["responses"]["200"];
        response["content"]["application/json"]["example"].clone()
    };
    let offers = TABLE.offers();
    let (.., cells) = offers
        .iter()
        .find(|(state, role, _)| (*state, *role) == (Pending, Offerer))
        .unwrap();
    let links = links(cells, OfferId(1));
    assert_eq!(advertised(&example("/offers/{offer_id}")), links);
    let list = example("/offers");
    assert_eq!(advertised(&list["_embedded"]["offers"][0]), links);
}
