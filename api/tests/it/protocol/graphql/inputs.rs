//! Invalid inputs: the error has a code and names the field, and is never an internal error. A new mutation or field
//! needs its valid value in the table.

use std::collections::BTreeSet;

use rules::Action;
use serde_json::{Value, json};

use super::error;
use crate::{
    permissions::offers::actions,
    support::{
        TestApp,
        http::{Answer, Client},
    },
};

/// Each mutation, its input, and a valid value for each field. The actions on an offer have the same.
fn mutations() -> Vec<(String, String, Value)> {
    let game = json!({"name": "Ico", "publisher": "Sony", "yearPublished": 2001, "gamingSystem": "PS2", "condition": "MINT"});
    let with = |mut fields: Value, name: &str, value: Value| {
        fields[name] = value;
        fields
    };
    let mutations = [
        (
            "register",
            "RegisterInput",
            json!({"name": "Cleo", "email": "cleo@example.com", "password": "pass123", "streetAddress": "3 Street"}),
        ),
        (
            "login",
            "LoginInput",
            json!({"email": "ann@example.com", "password": "pass123"}),
        ),
        (
            "updateUser",
            "UpdateUserInput",
            json!({"userId": 1, "name": "Ann", "streetAddress": "3 Street"}),
        ),
        (
            "changePassword",
            "ChangePasswordInput",
            json!({"userId": 1, "currentPassword": "pass123", "newPassword": "pass124"}),
        ),
        ("deleteUser", "DeleteUserInput", json!({"userId": 2})),
        (
            "requestPasswordReset",
            "RequestPasswordResetInput",
            json!({"email": "ann@example.com"}),
        ),
        (
            "resetPassword",
            "ResetPasswordInput",
            json!({"token": "none", "newPassword": "pass124"}),
        ),
        (
            "requestEmailConfirmation",
            "RequestEmailConfirmationInput",
            json!({"userId": 1}),
        ),
        (
            "confirmEmail",
            "ConfirmEmailInput",
            json!({"token": "none"}),
        ),
        (
            "createGame",
            "CreateGameInput",
            with(game.clone(), "previousOwners", json!(1)),
        ),
        (
            "updateGame",
            "UpdateGameInput",
            with(game, "gameId", json!(1)),
        ),
        ("deleteGame", "DeleteGameInput", json!({"gameId": 2})),
        (
            "createOffer",
            "CreateOfferInput",
            json!({"offeredGameIds": [1], "requestedGameIds": [2], "message": "Please"}),
        ),
        (
            "updateOffer",
            "UpdateOfferInput",
            json!({"offerId": 1, "offeredGameIds": [1], "requestedGameIds": [2], "message": "Please"}),
        ),
    ]
    .map(|(mutation, input, good)| (mutation.to_owned(), input.to_owned(), good));
    let mut mutations = Vec::from(mutations);
    for one in actions().filter(|one| one.action != Action::Update) {
        let (first, rest) = one.mutation.split_at(1);
        let input = format!("{}{rest}Input", first.to_uppercase());
        mutations.push((one.mutation, input, json!({"offerId": 99})));
    }
    for (mutation, _, input) in &mut mutations {
        if !WITHOUT_KEY.contains(&mutation.as_str()) {
            input["idempotencyKey"] = json!("key");
        }
        if !WITHOUT_CONDITION.contains(&mutation.as_str()) {
            input["ifMatch"] = json!("*");
        }
    }
    mutations
}

/// Mutations without an idempotency key: their outcome is secret.
const WITHOUT_KEY: [&str; 2] = ["login", "requestPasswordReset"];
/// Mutations without a precondition: they create a resource, or change one that the client cannot have seen.
const WITHOUT_CONDITION: [&str; 8] = [
    "register",
    "login",
    "requestPasswordReset",
    "resetPassword",
    "requestEmailConfirmation",
    "confirmEmail",
    "createGame",
    "createOffer",
];

/// Returns values that every field of this type rejects.
fn wrong(kind: &str) -> Vec<Value> {
    let long = "x".repeat(5_000);
    match kind {
        "String" => vec![
            json!(1),
            json!(true),
            json!([]),
            json!({}),
            json!(["a"]),
            json!("a\u{0}b"),
            json!("\u{0}"),
            json!(long),
        ],
        "Int" => vec![
            json!("1"),
            json!(1.5),
            json!(true),
            json!([]),
            json!({}),
            json!(2_147_483_648_i64),
            json!(-2_147_483_649_i64),
            json!(1e300),
            json!(-1),
            json!(100_000),
        ],
        "GameCondition" => vec![
            json!("NEW"),
            json!("mint"),
            json!(1),
            json!(true),
            json!({}),
            json!([]),
        ],
        "ID" => vec![
            json!(true),
            json!({}),
            json!("none"),
            json!(""),
            json!("1\u{0}"),
            json!(1.5),
            json!("VXNlcjox==="),
            json!([]),
            json!("9223372036854775808"),
        ],
        "LIST" => vec![
            json!([[1]]),
            json!([null]),
            json!({}),
            json!(true),
            json!(["none"]),
            json!([]),
            json!((100..121).collect::<Vec<_>>()),
        ],
        other => panic!("no wrong values for the type {other}"),
    }
}

struct Exchange {
    _test: TestApp,
    /// Ann, who has game 1 and made offer 1, for Bob's game 2.
    ann: Client,
}

impl Exchange {
    async fn open() -> Self {
        let test = TestApp::new().await;
        let [ann, bob] = test.people(["ann", "bob"]).await;
        let (mine, theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
        ann.offers(&[mine], &[theirs]).await.unwrap();
        Self {
            ann: ann.client(),
            _test: test,
        }
    }

    async fn send(&self, mutation: &str, input: &str, value: Value) -> Answer {
        let query = format!(
            "mutation($input: {input}!) {{ {mutation}(input: $input) {{ userErrors {{ field code message }} }} }}"
        );
        self.ann.graphql(&query, json!({"input": value})).await
    }

    /// Sends an invalid value and asserts that a client error names the field.
    async fn refuses(&self, mutation: &str, input: &str, value: Value, field: &str) {
        let answer = self.send(mutation, input, value.clone()).await;
        let shown: String = value.to_string().chars().take(200).collect();
        let told = format!("{mutation} {shown}: {}", answer.text);
        assert_eq!(answer.status, 200, "{told}");
        let named = match answer.body.get("errors") {
            Some(errors) => {
                let code = error(&answer);
                assert!(
                    [
                        "graphql_validation_failed",
                        "malformed",
                        "invalid",
                        "bad_credentials",
                        "bad_letter_token"
                    ]
                    .contains(&code),
                    "{told}"
                );
                code == "bad_credentials" || errors.to_string().contains(field)
            }
            None => {
                let errors = answer.body["data"][mutation]["userErrors"]
                    .as_array()
                    .expect(&told);
                assert!(!errors.is_empty(), "{told}");
                errors.iter().all(|error| {
                    error["field"] == field
                        || error["code"].as_str().unwrap().ends_with("_not_found")
                })
            }
        };
        assert!(named, "{told}");
    }
}

/// Returns the fields of an input: name, named type, and whether it is required.
async fn fields(client: &Client, input: &str) -> Vec<(String, String, bool)> {
    let query = "query($name: String!) { __type(name: $name) { inputFields { name defaultValue
        type { kind name ofType { kind name ofType { kind } } } } } }";
    let answer = client
        .graphql(query, json!({"name": input}))
        .await
        .expect(200);
    let fields = answer["data"]["__type"]["inputFields"].as_array().unwrap();
    let field = |field: &Value| {
        let mut kind = &field["type"];
        let required = kind["kind"] == "NON_NULL";
        if required {
            kind = &kind["ofType"];
        }
        let name = if kind["kind"] == "LIST" {
            &kind["kind"]
        } else {
            &kind["name"]
        };
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (
            text(&field["name"]),
            text(name),
            required && field["defaultValue"].is_null(),
        )
    };
    fields.iter().map(field).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn table_has_a_row_for_every_mutation() {
    let exchange = Exchange::open().await;
    let client = &exchange.ann;
    let query =
        "{ __schema { mutationType { fields { name args { type { ofType { name } } } } } } }";
    let answer = client.graphql(query, json!({})).await.expect(200);
    let known: BTreeSet<_> = mutations()
        .into_iter()
        .map(|(mutation, input, _)| (mutation, input))
        .collect();
    let there = answer["data"]["__schema"]["mutationType"]["fields"]
        .as_array()
        .unwrap()
        .iter()
        .map(|field| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (
                text(&field["name"]),
                text(&field["args"][0]["type"]["ofType"]["name"]),
            )
        });
    assert_eq!(there.collect::<BTreeSet<_>>(), known);
    for (_, input, good) in mutations() {
        let named: BTreeSet<_> = fields(client, &input)
            .await
            .into_iter()
            .map(|(name, ..)| name)
            .collect();
        assert_eq!(
            good.as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect::<BTreeSet<_>>(),
            named,
            "{input}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mutation_names_an_invalid_field() {
    let exchange = Exchange::open().await;
    for (mutation, input, good) in mutations() {
        for (field, kind, required) in fields(&exchange.ann, &input).await {
            let mut values = wrong(&kind);
            if required {
                values.push(Value::Null);
            }
            for value in values {
                let mut bad = good.clone();
                bad[&field] = value;
                exchange.refuses(&mutation, &input, bad, &field).await;
            }
            if required {
                let mut bad = good.clone();
                bad.as_object_mut().unwrap().remove(&field);
                exchange.refuses(&mutation, &input, bad, &field).await;
            }
        }
        let mut bad = good.clone();
        bad["colour"] = json!("red");
        exchange.refuses(&mutation, &input, bad, "colour").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn mutation_names_several_bad_fields_together() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let text = "mutation { register(input: {name: \"\", email: \"nonsense\", password: \"x\", streetAddress: \" \"}) {
        user { id } userErrors { field code message } } }";
    let answer = client.graphql(text, json!({})).await.expect(200);
    let errors = answer["data"]["register"]["userErrors"]
        .as_array()
        .unwrap()
        .clone();
    let fields: Vec<_> = errors
        .iter()
        .map(|error| error["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["name", "email", "streetAddress", "password"]);
    assert_eq!(answer["data"]["register"]["user"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn mutation_rejects_an_input_that_is_not_an_object() {
    let exchange = Exchange::open().await;
    for (mutation, input, _) in mutations() {
        for value in [
            Value::Null,
            json!(1),
            json!("text"),
            json!([]),
            json!([{}]),
            json!(true),
        ] {
            exchange.refuses(&mutation, &input, value, "input").await;
        }
    }
}
