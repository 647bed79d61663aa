//! What the screens of a front end ask for is let in, each in one request, and says what it costs.

use serde_json::{Value, json};

use crate::support::TestApp;

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

#[tokio::test(flavor = "multi_thread")]
async fn screens_of_a_front_end_are_let_in_and_say_what_they_cost() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let (mine, theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    ann.offers(&[mine], &[theirs]).await.unwrap();
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
    for (screen, variables, field) in screens {
        let fragments: String = [("...OfferCard", OFFER), ("...GameCard", GAME)]
            .into_iter()
            .filter(|(spread, _)| screen.contains(spread) || screen.contains("OfferCard"))
            .map(|(_, fragment)| fragment)
            .collect();
        let query = format!("{screen} {fragments}");
        let answer = ann.client().graphql(&query, variables).await.expect(200);
        assert_eq!(answer.get("errors"), None, "{screen}: {answer}");
        assert_ne!(answer["data"][field], Value::Null, "{screen}");
        let cost = &answer["extensions"]["cost"];
        assert_eq!(cost["measure"], "cost", "{answer}");
        assert!(cost["measured"].as_u64() > Some(100), "{cost}");
        assert!(
            cost["measured"].as_u64() <= cost["limit"].as_u64(),
            "{cost}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn cost_counts_each_value_that_the_answer_can_have() {
    let test = TestApp::new().await;
    let ann = test.with_user("ann").await;
    for (query, variables, cost) in [
        ("{ viewer { name } }", json!({}), 2),
        ("{ games { nodes { name } } }", json!({}), 1 + 20 * 2),
        (
            "{ games(first: 3) { nodes { id name } pageInfo { endCursor } } }",
            json!({}),
            1 + 3 * 5,
        ),
        (
            "query($n: Int) { games(last: $n) { nodes { name } } }",
            json!({"n": 7}),
            1 + 7 * 2,
        ),
        (
            "query($n: Int = 7) { games(last: $n) { nodes { name } } }",
            json!({}),
            1 + 7 * 2,
        ),
        (
            "{ offer(by: {databaseId: 1}) { offeredGames { name owner { name } } } }",
            json!({}),
            2 + 20 * 3,
        ),
        (
            "{ ...F a: viewer { ...G } } fragment F on Query { viewer { ...G } } fragment G on User { id name }",
            json!({}),
            6,
        ),
        (
            "mutation { deleteGame(input: {gameId: 9}) { userErrors { code } } }",
            json!({}),
            2 + 10,
        ),
    ] {
        let answer = ann.client().graphql(query, variables).await.expect(200);
        let expected = json!({"cost": {"measure": "cost", "measured": cost, "limit": 50_000}});
        assert_eq!(answer["extensions"], expected, "{query}: {answer}");
    }
}
