//! The documents of the screens. The benchmark measures the time that the limits take for them.

use serde_json::{Value, json};

const GAME: &str =
    "fragment GameCard on Game { __typename id databaseId name publisher yearPublished gamingSystem
    condition previousOwners isListed owner { __typename id name } }";
const OFFER: &str = "fragment OfferCard on Offer { __typename id databaseId status awaiting closedReason message createdAt
    updatedAt viewerActions offerer { __typename id name } receiver { __typename id name }
    offeredGames { ...GameCard } requestedGames { ...GameCard } }";

const BOARD: &str =
    "query Board($q: String, $condition: GameCondition, $from: Int, $first: Int!, $after: String) {
    viewer { __typename id name }
    games(filter: {q: $q, condition: $condition, yearFrom: $from}, orderBy: {field: NAME}, first: $first, after: $after) {
        edges { cursor node { ...GameCard } } pageInfo { hasNextPage endCursor } } }";
const GAME_WITH_OFFERS: &str = "query Game($id: Int!, $ref: ID!, $mine: Boolean!) {
    game(by: {databaseId: $id}) { ...GameCard createdAt updatedAt version }
    offers(filter: {gameId: $ref, status: PENDING}, first: 20) @include(if: $mine) {
        edges { cursor node { ...OfferCard } } pageInfo { hasNextPage endCursor } } }";
const MY_OFFERS: &str = "query Mine($first: Int = 20) { viewer { __typename id name
    offersSent(first: $first) { edges { cursor node { ...OfferCard } } pageInfo { hasNextPage endCursor } }
    offersReceived(first: $first) { edges { cursor node { ...OfferCard } } pageInfo { hasNextPage endCursor } } } }";
const OFFER_DETAILS: &str = "query Offer($id: Int!) { offer(by: {databaseId: $id}) { ...OfferCard offererAddress receiverAddress
    closedBy { ...OfferCard } version
    offerer { games(first: 20) { nodes { ...GameCard } } } receiver { games(first: 20) { nodes { ...GameCard } } } } }";
const PROFILE: &str = "query Profile($id: Int!) { user(by: {databaseId: $id}) { __typename id databaseId name email
    emailConfirmedAt streetAddress createdAt
    games(first: 100) { edges { cursor node { ...GameCard } } pageInfo { hasNextPage hasPreviousPage endCursor } }
    offersSent(last: 10) { nodes { ...OfferCard } } offersReceived(last: 10) { nodes { ...OfferCard } } } }";

/// Returns each screen's document, variables and main field of the answer.
pub fn screens() -> [(String, Value, &'static str); 5] {
    let screens = [
        (BOARD, json!({"q": "e", "first": 50, "from": 1980}), "games"),
        (
            GAME_WITH_OFFERS,
            json!({"id": 1, "ref": "1", "mine": true}),
            "offers",
        ),
        (MY_OFFERS, json!({}), "viewer"),
        (OFFER_DETAILS, json!({"id": 1}), "offer"),
        (PROFILE, json!({"id": 1}), "user"),
    ];
    screens.map(|(screen, variables, field)| {
        let fragments: String = [("...OfferCard", OFFER), ("...GameCard", GAME)]
            .into_iter()
            .filter(|(spread, _)| screen.contains(spread) || screen.contains("OfferCard"))
            .map(|(_, fragment)| fragment)
            .collect();
        (format!("{screen} {fragments}"), variables, field)
    })
}
