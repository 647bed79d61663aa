//! Which operation can follow which: from an answer that shows a thing to what can be done with it.

use utoipa::openapi::{Content, RefOr, Response, link::Link, path::Operation};

/// An operation on a thing: its id, the parameter that names the thing, and the field of the answer to take for it.
type Next = (&'static str, &'static str, &'static str);

/// What can follow where a thing is shown.
const OPERATIONS: [(&str, &[Next]); 3] = [
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

/// Adds the links to the answers of an operation.
pub fn describe(operation: &mut Operation) {
    for response in operation.responses.responses.values_mut() {
        let RefOr::T(response) = response else {
            continue;
        };
        let shown = OPERATIONS
            .iter()
            .find(|(name, _)| thing(response) == Some(name))
            .map(|(_, operations)| *operations);
        for (id, parameter, field) in shown.unwrap_or_default() {
            let link = Link::builder()
                .operation_id(*id)
                .parameter(*parameter, format!("$response.body#/{field}"))
                .build();
            response.links.insert((*id).to_owned(), link.into());
        }
    }
}

/// The name of the schema of the body.
fn thing(response: &Response) -> Option<&str> {
    match response.content.get(super::JSON)? {
        RefOr::T(Content {
            schema: Some(RefOr::Ref(schema)),
            ..
        }) => schema.ref_location.rsplit('/').next(),
        _ => None,
    }
}
