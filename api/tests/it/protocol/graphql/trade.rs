//! A whole trade over GraphQL, and the errors on the way.

use serde_json::{Value, json};

use super::{data, error, user_error};
use crate::{
    permissions::{offers::viewer_actions, table::Role},
    support::{Person, TestApp, http::Client, ledger},
};

/// Registers, logs in, and lists a game with this name. Returns the client and the game's id.
pub async fn newcomer(test: &TestApp, name: &str, game: &str) -> (Client, Value) {
    let register = "mutation($input: RegisterInput!) { register(input: $input) { user { databaseId email streetAddress } userErrors { code } } }";
    let email = format!("{name}@example.com");
    let input = json!({"name": name, "email": email, "password": "a long one", "streetAddress": "1 Street"});
    let user = data(
        test.anonymous()
            .graphql(register, json!({"input": input}))
            .await,
        "register",
    );
    assert_eq!(
        user["user"]["email"], email,
        "new users see their own private fields"
    );
    let log_in = "mutation($input: LoginInput!) { login(input: $input) { accessToken tokenType expiresIn user { name email } userErrors { code } } }";
    let input = json!({"email": email, "password": "a long one"});
    let session = data(
        test.anonymous()
            .graphql(log_in, json!({"input": input}))
            .await,
        "login",
    );
    assert_eq!(
        (&session["tokenType"], &session["expiresIn"]),
        (&json!("Bearer"), &json!(900))
    );
    assert_eq!(session["user"], json!({"name": name, "email": email}));
    let token = session["accessToken"].as_str().unwrap();
    let client = test
        .anonymous()
        .with("authorization", format!("Bearer {token}"));
    let create = "mutation($input: CreateGameInput!) { createGame(input: $input) { game { id databaseId owner { name } previousOwners } userErrors { code } } }";
    let input = json!({"name": game, "publisher": "Nintendo", "yearPublished": 1986, "gamingSystem": "NES",
        "condition": "MINT", "previousOwners": 2});
    let created = data(
        client.graphql(create, json!({"input": input})).await,
        "createGame",
    );
    assert_eq!(created["game"]["owner"]["name"], name);
    (client, created["game"]["id"].clone())
}

const OFFER: &str =
    "id databaseId status awaiting closedReason closedBy { databaseId } viewerActions message
    offererAddress offeredGames { name owner { name } } requestedGames { name owner { name } }";

pub async fn offer(client: &Client, offered: &[&Value], requested: &[&Value]) -> Value {
    let create = format!(
        "mutation($input: CreateOfferInput!) {{ createOffer(input: $input) {{ offer {{ {OFFER} }} userErrors {{ code }} }} }}"
    );
    let input =
        json!({"offeredGameIds": offered, "requestedGameIds": requested, "message": "Please"});
    data(
        client.graphql(&create, json!({"input": input})).await,
        "createOffer",
    )["offer"]
        .take()
}

pub async fn act(client: &Client, mutation: &str, offer: &Value) -> Value {
    let text = format!(
        "mutation($id: ID!) {{ {mutation}(input: {{offerId: $id}}) {{ offer {{ {OFFER} }} userErrors {{ code }} }} }}"
    );
    data(client.graphql(&text, json!({"id": offer})).await, mutation)["offer"].take()
}

async fn look(client: &Client, offer: &Value) -> Value {
    let query = format!("query($id: Int!) {{ offer(by: {{databaseId: $id}}) {{ {OFFER} }} }}");
    data(
        client
            .graphql(&query, json!({"id": offer["databaseId"]}))
            .await,
        "offer",
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn trade_runs_from_registration_to_the_last_rival() {
    let test = TestApp::new().await;
    let (ann, metroid) = newcomer(&test, "ann", "Metroid").await;
    let (bob, zelda) = newcomer(&test, "bob", "Zelda").await;
    let (eve, tetris) = newcomer(&test, "eve", "Tetris").await;
    let rival = offer(&eve, &[&tetris], &[&zelda]).await;
    let made = offer(&ann, &[&metroid], &[&zelda]).await;
    assert_eq!(
        (&made["status"], &made["awaiting"]),
        (&json!("PENDING"), &json!("RECEIVER"))
    );
    assert_eq!(made["viewerActions"], viewer_actions(Role::Offerer));
    let seen = look(&bob, &made).await;
    assert_eq!(
        (&seen["viewerActions"], &seen["message"]),
        (&viewer_actions(Role::Receiver), &json!("Please"))
    );
    let seen = look(&test.anonymous(), &made).await;
    assert_eq!(
        (&seen["viewerActions"], &seen["message"]),
        (&json!([]), &Value::Null)
    );

    let update = format!(
        "mutation($input: UpdateOfferInput!) {{ updateOffer(input: $input) {{ offer {{ {OFFER} }} userErrors {{ code }} }} }}"
    );
    let input = json!({"offerId": made["id"], "message": null});
    let updated = data(
        ann.graphql(&update, json!({"input": input})).await,
        "updateOffer",
    );
    assert_eq!(updated["offer"]["message"], Value::Null);

    let settled = act(&bob, "acceptOffer", &made["id"]).await;
    assert_eq!(
        (&settled["status"], &settled["viewerActions"]),
        (&json!("ACCEPTED"), &json!([]))
    );
    assert_eq!(
        settled["offeredGames"],
        json!([{"name": "Metroid", "owner": {"name": "bob"}}])
    );
    assert_eq!(
        settled["requestedGames"],
        json!([{"name": "Zelda", "owner": {"name": "ann"}}])
    );
    assert_eq!(settled["offererAddress"], "1 Street");
    let closed = look(&eve, &rival).await;
    assert_eq!(
        (&closed["status"], &closed["closedReason"]),
        (&json!("CANCELLED"), &json!("GAME_UNAVAILABLE"))
    );
    assert_eq!(
        closed["closedBy"],
        json!({"databaseId": made["databaseId"]})
    );
    ledger::audit(&test).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mutation_returns_client_errors_in_its_payload() {
    let test = TestApp::new().await;
    let [ann, bob, eve] = test.people(["ann", "bob", "eve"]).await;
    for (person, game) in [
        (&ann, "Metroid"),
        (&ann, "Ico"),
        (&bob, "Zelda"),
        (&eve, "Tetris"),
    ] {
        person.lists(game).await;
    }
    let pending = json!(offer(&ann.client(), &[&json!(1)], &[&json!(3)]).await["databaseId"]);
    let closed = offer(&ann.client(), &[&json!(2)], &[&json!(3)]).await;
    act(&ann.client(), "cancelOffer", &closed["id"]).await;
    let table: &[(&Person, &str, String, Option<&str>, &str)] = &[
        (
            &bob,
            "updateOffer",
            format!("offerId: {pending}, message: \"Hi\""),
            None,
            "only_offerer",
        ),
        (
            &bob,
            "cancelOffer",
            format!("offerId: {pending}"),
            None,
            "only_offerer",
        ),
        (
            &ann,
            "acceptOffer",
            format!("offerId: {pending}"),
            None,
            "only_receiver",
        ),
        (
            &eve,
            "rejectOffer",
            format!("offerId: {pending}"),
            None,
            "only_receiver",
        ),
        (
            &ann,
            "updateOffer",
            "offerId: 2, message: \"Hi\"".to_owned(),
            None,
            "offer_closed",
        ),
        (
            &bob,
            "acceptOffer",
            "offerId: 2".to_owned(),
            None,
            "offer_closed",
        ),
        (
            &bob,
            "acceptOffer",
            "offerId: 99".to_owned(),
            None,
            "offer_not_found",
        ),
        (
            &ann,
            "createOffer",
            "offeredGameIds: [1], requestedGameIds: [3]".to_owned(),
            None,
            "duplicate_offer",
        ),
        (
            &ann,
            "createOffer",
            "offeredGameIds: [3], requestedGameIds: [4]".to_owned(),
            None,
            "not_your_game",
        ),
        (
            &ann,
            "createOffer",
            "offeredGameIds: [1], requestedGameIds: [2]".to_owned(),
            None,
            "own_game",
        ),
        (
            &ann,
            "createOffer",
            "offeredGameIds: [1], requestedGameIds: [3, 4]".to_owned(),
            None,
            "several_owners",
        ),
        (
            &ann,
            "createOffer",
            "offeredGameIds: [1], requestedGameIds: [99]".to_owned(),
            None,
            "game_not_found",
        ),
        (
            &ann,
            "createOffer",
            "offeredGameIds: [], requestedGameIds: [3]".to_owned(),
            Some("offeredGameIds"),
            "out_of_range",
        ),
        (
            &ann,
            "updateOffer",
            format!("offerId: {pending}, requestedGameIds: [4]"),
            None,
            "parties_changed",
        ),
        (
            &bob,
            "updateGame",
            "gameId: 1, name: \"Mine\"".to_owned(),
            None,
            "only_owner",
        ),
        (
            &bob,
            "deleteGame",
            "gameId: 1".to_owned(),
            None,
            "only_owner",
        ),
        (
            &bob,
            "updateGame",
            "gameId: 99, name: \"Mine\"".to_owned(),
            None,
            "game_not_found",
        ),
        (
            &bob,
            "updateUser",
            "userId: 1, name: \"Me\"".to_owned(),
            None,
            "only_self",
        ),
        (
            &bob,
            "deleteUser",
            "userId: 1".to_owned(),
            None,
            "only_self",
        ),
        (
            &bob,
            "register",
            "name: \"Ann\", email: \"ANN@example.com\", password: \"pass123\"".to_owned(),
            Some("email"),
            "email_taken",
        ),
        (
            &bob,
            "changePassword",
            "newPassword: \"short\"".to_owned(),
            Some("newPassword"),
            "too_short",
        ),
        (
            &bob,
            "changePassword",
            "currentPassword: \"wrong1\", newPassword: \"pass124\"".to_owned(),
            Some("currentPassword"),
            "wrong_password",
        ),
    ];
    for (person, mutation, input, field, code) in table {
        let text = format!(
            "mutation {{ {mutation}(input: {{{input}}}) {{ userErrors {{ field code message }} }} }}"
        );
        let (named, got) = user_error(person.client().graphql(&text, json!({})).await, mutation);
        assert_eq!((named.as_deref(), got.as_str()), (*field, *code), "{text}");
        let answer = test.anonymous().graphql(&text, json!({})).await;
        if *mutation != "register" {
            assert_eq!(error(&answer), "not_identified", "{text}");
            assert_eq!(answer.body["data"][mutation], Value::Null);
        }
    }
}
