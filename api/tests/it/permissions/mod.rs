//! Who may do what, as literal tables: [`offers`] for what can be done to an offer, [`writes`] for everything else. What
//! is advertised is what succeeds, on both surfaces. Never compute a cell from `permit`.

mod offers;
mod writes;

use std::collections::BTreeSet;

use rules::Action;
use serde_json::{Value, json};

use crate::support::{TestApp, http::Answer};

/// The relations of the links that change something, each with its method and address.
fn advertised(body: &Value) -> BTreeSet<(String, String, String)> {
    let links = body["_links"].as_object().unwrap();
    let actions = links.iter().filter_map(|(relation, link)| {
        let method = link["method"].as_str()?.to_owned();
        Some((
            relation.clone(),
            method,
            link["href"].as_str().unwrap().to_owned(),
        ))
    });
    actions.collect()
}

/// The answer of a mutation in REST's terms: its status, and the code of what went wrong.
fn in_rest_terms(answer: &Answer, mutation: &str) -> Option<String> {
    let payload = &answer.body["data"][mutation];
    let code = match answer.body["errors"].as_array() {
        Some(errors) => &errors[0]["extensions"]["code"],
        None => &payload["userErrors"][0]["code"],
    };
    let code = code.as_str().map(str::to_owned);
    assert!(
        code.is_some() || payload["userErrors"] == json!([]),
        "{}",
        answer.text
    );
    code
}

#[tokio::test]
async fn table_has_every_action_route_and_mutation() {
    let actions: Vec<_> = offers::ACTIONS.iter().map(|(action, ..)| *action).collect();
    assert_eq!(
        actions,
        Action::ALL,
        "an action without its column in ACTIONS"
    );
    let cells: BTreeSet<_> = offers::OFFERS
        .iter()
        .map(|(state, role, _)| format!("{state:?} {role:?}"))
        .collect();
    assert_eq!(cells.len(), offers::OFFERS.len(), "a row twice");

    let mut routes: BTreeSet<_> = writes::WRITES
        .iter()
        .map(|(method, path, ..)| format!("{method} {path}"))
        .collect();
    for (_, _, path, _) in offers::ACTIONS {
        routes.insert(format!("PUT {path}"));
    }
    routes.insert("PATCH /offers/{offer_id}".to_owned());
    let api: Value = serde_json::from_str(api::rest::openapi::json()).unwrap();
    let mut described = BTreeSet::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        // The aliases are the same handlers.
        let path = path
            .replace("/trade-offers", "/offers")
            .replace("{trade_offer", "{offer");
        for method in item
            .as_object()
            .unwrap()
            .keys()
            .filter(|method| !["get", "head"].contains(&method.as_str()))
        {
            described.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    assert_eq!(
        described, routes,
        "a route without its row, or a row without its route"
    );

    let mut mutations: BTreeSet<_> = writes::WRITES
        .iter()
        .filter_map(|(_, _, mutation, _)| *mutation)
        .collect();
    mutations.extend(offers::ACTIONS.map(|(.., mutation)| mutation));
    let test = TestApp::new().await;
    let query = "{ __schema { mutationType { fields { name } } } }";
    let answer = test.anonymous().graphql(query, json!({})).await.expect(200);
    let fields = answer["data"]["__schema"]["mutationType"]["fields"]
        .as_array()
        .unwrap()
        .iter();
    let fields: BTreeSet<_> = fields
        .map(|field| field["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        fields, mutations,
        "a mutation without its row, or a row without its mutation"
    );
}
