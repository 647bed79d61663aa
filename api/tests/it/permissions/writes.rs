//! Every write but the actions on an offer, on both surfaces.

use serde_json::json;

use super::{advertised, in_rest_terms, table::TABLE};
use crate::support::{
    TestApp,
    http::{Answer, Client},
};

#[tokio::test(flavor = "multi_thread")]
async fn writes_end_as_in_the_table_on_both_surfaces() {
    for (route, write) in &TABLE.writes {
        let (method, path) = route.split_once(' ').unwrap();
        for (number, expected) in write.cells().into_iter().enumerate() {
            let cell = format!("{route}, column {number}");
            let (rest, advertised) = rest(method, path, number).await;
            assert_eq!(rest.status, expected, "{cell}: {}", rest.text);
            if let Some(advertised) = advertised {
                assert_eq!(
                    advertised,
                    expected < 300,
                    "{cell}: advertised exactly where it succeeds"
                );
            }
            if let Some(mutation) = &write.mutation {
                let graphql = graphql(mutation, number).await;
                let refusal = in_rest_terms(&graphql, mutation);
                assert_eq!(
                    refusal.as_deref(),
                    rest.body["code"].as_str(),
                    "{cell}: {}",
                    graphql.text
                );
            }
        }
    }
}

/// Makes an exchange with a game of ann's (game 1, of user 1) and one of bob's, and the client of a column: ann, who
/// owns the resource; eve, another user; or an anonymous one.
async fn client(column: usize) -> (TestApp, Client) {
    let test = TestApp::new().await;
    let [ann, bob, eve] = test.people(["ann", "bob", "eve"]).await;
    ann.lists("Metroid").await;
    bob.lists("Zelda").await;
    let client = match column {
        0 => ann.client(),
        1 => eve.client(),
        _ => test.anonymous(),
    };
    (test, client)
}

/// Sends the request in REST. Returns, too, whether the resource advertised it, where there is one.
async fn rest(method: &str, path: &str, column: usize) -> (Answer, Option<bool>) {
    let (_test, client) = client(column).await;
    let body = match path {
        "/auth/login" => json!({"email": "nobody@example.com", "password": "pass123"}),
        "/auth/logout" | "/auth/refresh" => json!({"refresh_token": "none"}),
        "/auth/email-confirmation" => json!({"token": "none"}),
        "/auth/password-reset" => json!({"email": "nobody@example.com"}),
        "/auth/password-reset/confirm" => json!({"token": "none", "new_password": "pass124"}),
        "/games" => {
            json!({"name": "Ico", "publisher": "Sony", "year_published": 2001, "gaming_system": "PS2",
            "condition": "good"})
        }
        "/offers" => json!({"offered_game_id": 1, "requested_game_id": 2}),
        "/users" => json!({"name": "Cleo", "email": "cleo@example.com", "password": "pass123"}),
        "/users/{user_id}/password" => json!({"new_password": "pass124"}),
        _ => json!({}),
    };
    let path = path.replace("{user_id}", "1").replace("{game_id}", "1");
    // A resource that takes PUT takes PATCH, and is advertised once.
    let advertised_as = if method == "PATCH" { "PUT" } else { method };
    let mut resource = None;
    if path.contains('1') {
        let shown = client
            .get(
                path.trim_end_matches("/password")
                    .trim_end_matches("/email-confirmation"),
            )
            .await
            .expect(200);
        resource = Some(
            advertised(&shown)
                .iter()
                .any(|(_, by, href)| by == advertised_as && *href == path),
        );
    }
    let body = (method != "DELETE").then_some(body);
    (
        client.call(method.parse().unwrap(), &path, body).await,
        resource,
    )
}

/// Sends the mutation in GraphQL.
async fn graphql(mutation: &str, column: usize) -> Answer {
    let (_test, client) = client(column).await;
    let input = match mutation {
        "login" => r#"email: "nobody@example.com", password: "pass123""#,
        "confirmEmail" => r#"token: "none""#,
        "requestPasswordReset" => r#"email: "nobody@example.com""#,
        "resetPassword" => r#"token: "none", newPassword: "pass124""#,
        "createGame" => {
            r#"name: "Ico", publisher: "Sony", yearPublished: 2001, gamingSystem: "PS2", condition: GOOD"#
        }
        "updateGame" | "deleteGame" => "gameId: 1",
        "createOffer" => "offeredGameIds: [1], requestedGameIds: [2]",
        "register" => r#"name: "Cleo", email: "cleo@example.com", password: "pass123""#,
        "changePassword" => r#"userId: 1, newPassword: "pass124""#,
        _ => "userId: 1",
    };
    let query =
        format!("mutation {{ {mutation}(input: {{{input}}}) {{ userErrors {{ code }} }} }}");
    client.graphql(&query, json!({})).await
}
