//! Adds an example to each body. They are in `examples.json`, by the names of the schemas, and use the users and games of
//! the demo, so a request can be tried as it is. The examples of problems come from the catalogue.

use std::{collections::HashMap, sync::LazyLock};

use entity::{OfferStatus, UserId};
use rules::{Actor, OfferState, permitted};
use serde_json::{Value, json};
use utoipa::openapi::{Content, RefOr, path::Operation};

use crate::{
    http::{hypermedia::paths, problem::catalogue},
    operations,
};

static EXAMPLES: LazyLock<HashMap<String, Value>> = LazyLock::new(|| {
    let mut examples = serde_json::from_str(include_str!("examples.json")).unwrap_or_default();
    link_actions(&mut examples);
    examples
});

/// Adds to the offer of the examples, which is pending, the links to the actions of its offerer.
fn link_actions(examples: &mut HashMap<String, Value>) {
    let (offerer_id, receiver_id) = (UserId(1), UserId(2));
    let offer = OfferState {
        offerer_id,
        receiver_id,
        status: OfferStatus::Pending,
    };
    for (schema, links) in [
        ("Offer", "/_links"),
        ("OfferCollection", "/_embedded/offers/0/_links"),
    ] {
        let example = examples.get_mut(schema);
        let Some(links) = example.and_then(|example| example.pointer_mut(links)) else {
            continue;
        };
        for action in permitted(offer, &Actor::themself(offerer_id)) {
            let route = operations::for_action(action);
            let link = json!({"href": route.href(1), "method": route.methods[0]});
            links[route.relation] = link;
        }
    }
}

/// Adds the examples to the bodies of an operation.
pub fn add(operation: &mut Operation) {
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.content
            .values_mut()
            .for_each(|content| add_example(content, find));
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            let example = |name: &str| match name {
                "Problem" => problem_example(status),
                name => find(name),
            };
            response
                .content
                .values_mut()
                .for_each(|content| add_example(content, example));
        }
    }
}

fn find(schema: &str) -> Option<Value> {
    EXAMPLES.get(schema).cloned()
}

fn add_example(content: &mut RefOr<Content>, example: impl Fn(&str) -> Option<Value>) {
    if let RefOr::T(content) = content
        && let Some(RefOr::Ref(schema)) = &content.schema
        && let Some(name) = schema.ref_location.rsplit('/').next()
    {
        content.example = example(name);
    }
}

/// Makes an example of the first problem in the catalogue with this status.
fn problem_example(status: &str) -> Option<Value> {
    let kind = catalogue::ALL
        .iter()
        .find(|kind| kind.status.as_str() == status)?;
    Some(json!({
        "type": paths::problem(kind.code),
        "title": kind.title(),
        "status": kind.status.as_u16(),
        "code": kind.code,
        "detail": kind.meaning(),
        "request_id": "0199c0a0-0000-7000-8000-000000000001",
    }))
}
