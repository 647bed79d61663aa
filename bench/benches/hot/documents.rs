//! Documents for the guard, as clients send them.

use serde_json::{Value, json};

const GAME: &str =
    "fragment GameCard on Game { __typename id databaseId name publisher yearPublished gamingSystem
    condition previousOwners isListed owner { __typename id name } }";
const OFFER: &str = "fragment OfferCard on Offer { __typename id databaseId status awaiting closedReason message createdAt
    updatedAt viewerActions offerer { __typename id name } receiver { __typename id name }
    offeredGames { ...GameCard } requestedGames { ...GameCard } }";

/// What the screens of a front end ask for: the name of each, the document, its variables.
pub fn ordinary() -> [(&'static str, String, Value); 5] {
    let board =
        "query Board($q: String, $first: Int!, $after: String) { viewer { __typename id name }
        games(filter: {q: $q}, orderBy: {field: NAME}, first: $first, after: $after) {
        edges { cursor node { ...GameCard } } pageInfo { hasNextPage endCursor } } }";
    let game = "query Game($id: Int!) { game(by: {databaseId: $id}) { ...GameCard createdAt updatedAt version } }";
    let mine = "query Mine($first: Int = 20) { viewer { __typename id name
        offersSent(first: $first) { edges { cursor node { ...OfferCard } } pageInfo { hasNextPage endCursor } }
        offersReceived(first: $first) { edges { cursor node { ...OfferCard } } pageInfo { hasNextPage endCursor } } } }";
    let offer = "query Offer($id: Int!) { offer(by: {databaseId: $id}) { ...OfferCard offererAddress receiverAddress
        closedBy { ...OfferCard } version offerer { games(first: 20) { nodes { ...GameCard } } } } }";
    let profile = "query Profile($id: Int!) { user(by: {databaseId: $id}) { __typename id databaseId name email createdAt
        games(first: 100) { edges { cursor node { ...GameCard } } pageInfo { hasNextPage endCursor } }
        offersSent(last: 10) { nodes { ...OfferCard } } } }";
    [
        (
            "board",
            format!("{board} {GAME}"),
            json!({"q": "e", "first": 50}),
        ),
        ("game", format!("{game} {GAME}"), json!({"id": 1})),
        ("mine", format!("{mine} {OFFER} {GAME}"), json!({})),
        ("offer", format!("{offer} {OFFER} {GAME}"), json!({"id": 1})),
        (
            "profile",
            format!("{profile} {OFFER} {GAME}"),
            json!({"id": 1}),
        ),
    ]
}

/// Twenty fragments that each spread the next one twice: a million fields in 700 bytes.
pub fn hostile() -> String {
    let spreading = (0..20).map(|level| {
        let next = level + 1;
        format!("fragment F{level} on Game {{ ...F{next} ...F{next} }}")
    });
    let fragments: Vec<_> = spreading.collect();
    format!(
        "{{ games {{ nodes {{ ...F0 }} }} }} {} fragment F20 on Game {{ name }}",
        fragments.join(" ")
    )
}
