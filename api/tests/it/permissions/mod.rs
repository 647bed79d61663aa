//! Permissions, from the literal tables of tests/permissions.toml: actions on an offer ([`offers`]) and all other
//! writes ([`writes`]). An action is advertised exactly where it succeeds, on both surfaces. Never compute a cell from
//! `permit`.

pub mod offers;
pub mod table;
mod writes;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use self::table::TABLE;
use crate::support::{TestApp, http::Answer};

/// The links that change something: relation, method and address of each.
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

/// The error code of a mutation, in its payload or at the top level; `None` where it succeeded.
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
    let mut routes: BTreeSet<_> = TABLE.writes.keys().cloned().collect();
    for one in offers::actions() {
        let methods = one.operation.methods.iter();
        routes.extend(methods.map(|method| format!("{method} {}", one.operation.path)));
    }
    let actions: BTreeSet<_> = offers::actions()
        .map(|one| one.operation.relation.to_owned())
        .collect();
    for (state, role, cells) in TABLE.offers() {
        assert!(
            actions.iter().eq(cells.keys()),
            "{state:?} {role:?}: an action without its cell, or a cell without its action"
        );
    }
    let api: Value = serde_json::from_str(api::rest::openapi::json()).unwrap();
    let (mut described, mut deployed) = (BTreeSet::new(), BTreeSet::new());
    for (path, item) in api["paths"].as_object().unwrap() {
        // The aliases have the same handlers.
        let original = path
            .replace("/trade-offers", "/offers")
            .replace("{trade_offer", "{offer");
        for method in item.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            deployed.insert(format!("{method} {path}"));
            if !["GET", "HEAD"].contains(&method.as_str()) {
                described.insert(format!("{method} {original}"));
            }
        }
    }
    assert_eq!(
        described, routes,
        "a write without its row, or a row without its write"
    );
    assert!(
        deployed.iter().eq(TABLE.routes.keys()),
        "a route without its row in `routes`, or a row without its route"
    );

    let writes = TABLE.writes.values();
    let mut mutations: BTreeSet<_> = writes
        .filter_map(|write| write.mutation.as_deref())
        .collect();
    let on_offers: Vec<_> = offers::actions().map(|one| one.mutation).collect();
    mutations.extend(on_offers.iter().map(String::as_str));
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
    let deployed: BTreeSet<_> = TABLE.mutations.keys().map(String::as_str).collect();
    assert_eq!(
        fields, deployed,
        "a mutation without its row in `mutations`"
    );
}

#[test]
fn rules_page_has_a_row_for_every_action() {
    let page = include_str!("../../../../docs/rules.md");
    for one in offers::actions() {
        let row = format!("| {} |", one.operation.relation);
        assert!(page.contains(&row), "docs/rules.md has no row `{row}`");
    }
}
