//! OpenAPI links: from the response that shows a resource to the operations on it.

use utoipa::openapi::{Content, RefOr, Response, link::Link, path::Operation};

use crate::rest::http::json::JSON;

/// An operation on a resource: its id, its parameter, and the field of the response with the value of that parameter.
type NextOperation = (&'static str, &'static str, &'static str);

/// The operations that may follow, by the schema of the response.
const OPERATIONS: [(&str, &[NextOperation]); 3] = [
    (
        "Game",
        &[
            ("get_game", "game_id", "id"),
            ("update_game", "game_id", "id"),
            ("delete_game", "game_id", "id"),
            ("get_user", "user_id", "owner_id"),
        ],
    ),
    (
        "Offer",
        &[
            ("get_offer", "offer_id", "id"),
            ("update_offer", "offer_id", "id"),
            ("accept_offer", "offer_id", "id"),
            ("reject_offer", "offer_id", "id"),
            ("cancel_offer", "offer_id", "id"),
            ("get_game", "game_id", "offered_game_id"),
        ],
    ),
    (
        "User",
        &[
            ("get_user", "user_id", "id"),
            ("update_user", "user_id", "id"),
            ("get_user_games", "user_id", "id"),
            ("get_offers_sent", "user_id", "id"),
            ("get_offers_received", "user_id", "id"),
        ],
    ),
];

/// Adds the links to the responses of an operation.
pub fn add(operation: &mut Operation) {
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else {
            continue;
        };
        let next = OPERATIONS
            .iter()
            .find(|(name, _)| schema(response) == Some(name))
            .map(|(_, operations)| *operations);
        for (id, parameter, field) in next.unwrap_or_default() {
            let link = Link::builder()
                .operation_id(*id)
                .parameter(*parameter, format!("$response.body#/{field}"))
                .build();
            response.links.insert((*id).to_owned(), link.into());
        }
    }
}

/// Returns the name of the schema of the body.
fn schema(response: &Response) -> Option<&str> {
    match response.content.get(JSON)? {
        RefOr::T(Content {
            schema: Some(RefOr::Ref(schema)),
            ..
        }) => schema.ref_location.rsplit('/').next(),
        _ => None,
    }
}
