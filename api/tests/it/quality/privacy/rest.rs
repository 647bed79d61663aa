//! Every REST route, called by four viewers.

use std::collections::BTreeSet;

use axum::http::Method;
use rules::Action;
use serde_json::{Value, json};

use super::people::{Exchange, Log, VIEWERS};
use crate::{
    permissions::{offers::allowed_while_pending, table::Role},
    protocol::rest::requests::with_id,
};

/// A method, the path of openapi.json, the path to call, and the private values that each of [`VIEWERS`] may see there.
type Step = (&'static str, &'static str, &'static str, [&'static str; 4]);

/// Users see their own e-mail and street addresses.
const OWN: [&str; 4] = [
    "",
    "cleo-email cleo-street",
    "bob-email bob-street",
    "ann-email ann-street",
];
const ANN: [&str; 4] = ["", "", "", "ann-email ann-street"];
const BOB: [&str; 4] = ["", "", "bob-email bob-street", ""];
/// The parties of an offer see its message and, once it is accepted, both addresses.
const MESSAGE: [&str; 4] = ["", "", "message", "message"];
const ACCEPTED: [&str; 4] = [
    "",
    "",
    "message ann-street bob-street",
    "message ann-street bob-street",
];
/// The receiver's action: a refused or repeated one shows nothing private.
const RECEIVER: [&str; 4] = ["", "", "message", ""];
const RECEIVER_ACCEPTS: [&str; 4] = ["", "", "message ann-street bob-street", ""];
const OFFERER: [&str; 4] = ["", "", "", "message"];
/// An expanded offer shows each party their own account.
const ACCEPTED_AND_OWN: [&str; 4] = [
    "",
    "",
    "message ann-street bob-street bob-email",
    "message ann-street bob-street ann-email",
];
const NOBODY: [&str; 4] = [""; 4];

/// All routes; those that change several accounts come last. A new route gets a row.
const WALK: &[Step] = &[
    ("GET", "/", "/", RECEIVER),
    ("GET", "/health", "/health", NOBODY),
    ("GET", "/health/live", "/health/live", NOBODY),
    ("GET", "/health/ready", "/health/ready", NOBODY),
    ("GET", "/problems", "/problems", NOBODY),
    ("GET", "/problems/{code}", "/problems/stale", NOBODY),
    ("GET", "/whoami", "/whoami", NOBODY),
    ("GET", "/users", "/users", OWN),
    ("GET", "/users/{user_id}", "/users/1", ANN),
    ("GET", "/users/{user_id}", "/users/2", BOB),
    ("GET", "/users/{user_id}/games", "/users/1/games", NOBODY),
    ("GET", "/games", "/games", NOBODY),
    ("GET", "/games/facets", "/games/facets", NOBODY),
    ("GET", "/games/{game_id}", "/games/1", NOBODY),
    ("GET", "/titles", "/titles?q=game", NOBODY),
    ("GET", "/titles/{key}", "/titles/game1", NOBODY),
    ("GET", "/systems", "/systems", NOBODY),
    (
        "GET",
        "/events",
        "/events?offer_id=2&after=00000000-0000-0000-0000-000000000000",
        [
            "",
            "",
            "message ann-street bob-street",
            "message ann-street bob-street",
        ],
    ),
    (
        "GET",
        "/events",
        "/events?after=00000000-0000-0000-0000-000000000000",
        [
            "",
            "",
            "message ann-street bob-street",
            "message ann-street bob-street",
        ],
    ),
    ("GET", "/offers", "/offers", ACCEPTED),
    ("GET", "/offers/{offer_id}", "/offers/1", MESSAGE),
    ("GET", "/offers/{offer_id}", "/offers/2", ACCEPTED),
    (
        "GET",
        "/offers/{offer_id}",
        "/offers/2?expand=offerer,receiver,offered_games,requested_games",
        ACCEPTED_AND_OWN,
    ),
    ("GET", "/trade-offers", "/trade-offers", ACCEPTED),
    (
        "GET",
        "/trade-offers/user/{user_id}/sent",
        "/trade-offers/user/1/sent",
        ACCEPTED,
    ),
    (
        "GET",
        "/trade-offers/user/{user_id}/received",
        "/trade-offers/user/2/received",
        ACCEPTED,
    ),
    (
        "GET",
        "/trade-offers/{trade_offer_id}",
        "/trade-offers/2",
        ACCEPTED,
    ),
    // The first one registers; for the others the address is taken.
    (
        "POST",
        "/users",
        "/users",
        ["dee-email dee-street", "", "", ""],
    ),
    ("PUT", "/users/{user_id}", "/users/1", ANN),
    ("PATCH", "/users/{user_id}", "/users/1", ANN),
    ("POST", "/games", "/games", NOBODY),
    ("PUT", "/games/{game_id}", "/games/1", NOBODY),
    ("PATCH", "/games/{game_id}", "/games/1", NOBODY),
    ("DELETE", "/games/{game_id}", "/games/21", NOBODY),
    // For game 22, which is Cleo's; then for game 20, which is Bob's.
    ("POST", "/offers", "/offers", ["", "message", "", ""]),
    (
        "POST",
        "/trade-offers",
        "/trade-offers",
        ["", "", "message", ""],
    ),
    ("PUT", "/offers/{offer_id}", "/offers/1", OFFERER),
    ("PATCH", "/offers/{offer_id}", "/offers/1", OFFERER),
    (
        "PUT",
        "/offers/{offer_id}/accept",
        "/offers/3/accept",
        RECEIVER_ACCEPTS,
    ),
    (
        "PUT",
        "/trade-offers/{trade_offer_id}",
        "/trade-offers/1",
        OFFERER,
    ),
    (
        "PATCH",
        "/trade-offers/{trade_offer_id}",
        "/trade-offers/1",
        OFFERER,
    ),
    (
        "PUT",
        "/trade-offers/{trade_offer_id}/accept",
        "/trade-offers/6/accept",
        RECEIVER_ACCEPTS,
    ),
    ("POST", "/auth/login", "/auth/login", NOBODY),
    ("POST", "/auth/refresh", "/auth/refresh", NOBODY),
    (
        "GET",
        "/auth/password-reset",
        "/auth/password-reset",
        NOBODY,
    ),
    (
        "POST",
        "/auth/password-reset",
        "/auth/password-reset",
        NOBODY,
    ),
    (
        "POST",
        "/auth/password-reset/confirm",
        "/auth/password-reset/confirm",
        NOBODY,
    ),
    (
        "GET",
        "/auth/email-confirmation",
        "/auth/email-confirmation",
        NOBODY,
    ),
    (
        "POST",
        "/auth/email-confirmation",
        "/auth/email-confirmation",
        NOBODY,
    ),
    (
        "POST",
        "/users/{user_id}/email-confirmation",
        "/users/1/email-confirmation",
        NOBODY,
    ),
    ("POST", "/auth/logout", "/auth/logout", NOBODY),
    ("PUT", "/users/{user_id}/password", "/users/2/password", BOB),
    ("DELETE", "/users/{user_id}", "/users/1", NOBODY),
    // The rest of Ann, and of Cleo's own offer. Bob's session has ended.
    (
        "GET",
        "/users",
        "/users",
        ["", "cleo-email cleo-street", "", ""],
    ),
    ("GET", "/offers", "/offers", ["", "message", "", ""]),
];

/// The actions on an offer that need no body and show nothing but the message, by each of their paths, on an offer of its
/// own: those who may take one see it.
fn actions() -> Vec<(&'static str, String, String, [&'static str; 4])> {
    let offers = [4, 5, 7, 8, 9, 10].into_iter();
    let by = |role, expected| allowed_while_pending(role).map(move |one| (one, expected));
    by(Role::Receiver, RECEIVER)
        .chain(by(Role::Offerer, OFFERER))
        .filter(|(one, _)| ![Action::Update, Action::Accept].contains(&one.action))
        .flat_map(|(one, expected)| {
            let method = one.operation.methods[0];
            one.operation
                .paths()
                .map(move |path| (method, path, expected))
        })
        .zip(offers)
        .map(|((method, path, expected), offer)| {
            let target = with_id(&path, &offer.to_string()).unwrap();
            (method, path, target, expected)
        })
        .collect()
}

/// Returns the body for a route.
fn body(exchange: &Exchange, method: &str, path: &str) -> Option<Value> {
    let game = json!({"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2",
        "condition": "mint"});
    let refresh_token = exchange.refresh_token();
    Some(match (method, path) {
        ("POST", "/users") => json!({"name": "dee", "email": "dee-mailbox@example.com",
            "password": "dee-passphrase", "street_address": "dee-lane 1"}),
        ("PUT" | "PATCH", "/users/1") => json!({"street_address": "ann-lane 2"}),
        ("PUT", "/users/2/password") => {
            json!({"current_password": "bob-passphrase", "new_password": "bob-passphrase-2"})
        }
        ("POST" | "PUT" | "PATCH", "/games" | "/games/1") => game,
        ("POST", "/offers") => json!({"offered_game_id": 22, "requested_game_id": 11,
            "message": "for-your-eyes-only"}),
        ("POST", "/trade-offers") => json!({"offered_game_id": 20, "requested_game_id": 10,
            "message": "for-your-eyes-only"}),
        ("PUT" | "PATCH", "/offers/1" | "/trade-offers/1") => {
            json!({"message": "for-your-eyes-only, again"})
        }
        ("POST", "/auth/login") => {
            json!({"email": "ann-mailbox@example.com", "password": "ann-passphrase"})
        }
        ("POST", "/auth/password-reset") => json!({"email": "ann-mailbox@example.com"}),
        ("POST", "/auth/password-reset/confirm") => {
            json!({"token": "none", "new_password": "ann-passphrase-2"})
        }
        ("POST", "/auth/email-confirmation") => json!({"token": "none"}),
        ("POST", "/auth/refresh" | "/auth/logout") => json!({"refresh_token": refresh_token}),
        _ => return None,
    })
}

#[tokio::test]
async fn rest_routes_show_private_data_to_their_owners_only() {
    let (log, _logging) = Log::begin();
    let mut exchange = Exchange::new().await;
    let steps = WALK.iter().map(|(method, template, path, expected)| {
        (
            *method,
            (*template).to_owned(),
            (*path).to_owned(),
            *expected,
        )
    });
    let steps: Vec<_> = actions().into_iter().chain(steps).collect();
    for (method, _, path, expected) in &steps {
        for ((client, viewer), expected) in exchange.clients().iter().zip(VIEWERS).zip(expected) {
            let method: Method = method.parse().unwrap();
            let body = body(&exchange, method.as_str(), path);
            let answer = client.call(method.clone(), path, body).await;
            let told = format!("{method} {path} as {viewer}: {}", answer.status);
            assert!(!answer.status.is_server_error(), "{told}: {}", answer.text);
            exchange.shows(&answer, expected, &told);
            exchange.keep_tokens(&answer.body);
        }
    }
    let description: Value = serde_json::from_str(api::rest::openapi::json()).unwrap();
    let mut described = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            described.insert((method.to_uppercase(), path.clone()));
        }
    }
    let walked = steps
        .iter()
        .map(|(method, path, ..)| ((*method).to_owned(), path.clone()));
    assert_eq!(
        walked.collect::<BTreeSet<_>>(),
        described,
        "each route has a row in WALK"
    );
    exchange.kept_to_itself(&log, 20).await;
}
