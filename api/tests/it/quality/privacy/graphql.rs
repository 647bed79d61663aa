//! Every field of every GraphQL type, read by the same four viewers.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
};

use rules::Action;
use serde_json::{Value, json};

use super::people::{Exchange, Log, VIEWERS};
use crate::permissions::{offers::allowed_while_pending, table::Role};

/// A root field, its call, and the private values that each of [`VIEWERS`] may see there.
type Root = (&'static str, &'static str, [&'static str; 4]);

/// Users see their own data, the messages of their offers and, on accepted ones, both addresses.
const PEOPLE: [&str; 4] = [
    "",
    "cleo-email cleo-street",
    "message bob-email bob-street ann-street",
    "message ann-email ann-street bob-street",
];
const OWN: [&str; 4] = [
    "",
    "cleo-email cleo-street",
    "bob-email bob-street",
    "ann-email ann-street",
];
const ANN: [&str; 4] = ["", "", "", "ann-email ann-street"];
/// Offer 1, which is pending.
const PENDING: [&str; 4] = [
    "",
    "",
    "message bob-email bob-street",
    "message ann-email ann-street",
];
/// Offers, some of them accepted.
const ACCEPTED: [&str; 4] = [
    "",
    "",
    "message bob-email bob-street ann-street",
    "message ann-email ann-street bob-street",
];
/// The receiver's action: a refused or repeated one shows nothing private.
const RECEIVER: [&str; 4] = ["", "", "message bob-email bob-street", ""];
const RECEIVER_ACCEPTS: [&str; 4] = ["", "", "message bob-email bob-street ann-street", ""];
const OFFERER: [&str; 4] = ["", "", "", "message ann-email ann-street"];
const NOBODY: [&str; 4] = [""; 4];

/// A new query gets a row.
const QUERIES: &[Root] = &[
    ("viewer", "", PEOPLE),
    (
        "user",
        "(by: {databaseId: 1})",
        [
            "",
            "",
            "message ann-street bob-street",
            "message ann-email ann-street bob-street",
        ],
    ),
    ("users", "(first: 5)", PEOPLE),
    ("game", "(by: {databaseId: 1})", ANN),
    ("games", "(first: 100)", OWN),
    ("gameFacets", "", NOBODY),
    ("titles", r#"(q: "game")"#, NOBODY),
    ("title", r#"(key: "game1")"#, NOBODY),
    ("systems", "", NOBODY),
    ("offer", "(by: {databaseId: 1})", PENDING),
    ("offers", "", ACCEPTED),
    ("node", "(id: $id)", ACCEPTED),
    ("nodes", "(ids: [$id])", ACCEPTED),
    ("newestEvent", "", NOBODY),
];

/// A new subscription gets a row. Each starts from the first event.
const SUBSCRIPTIONS: &[Root] = &[
    (
        "offerChanged",
        r#"(id: "2", after: "00000000-0000-0000-0000-000000000000")"#,
        ACCEPTED,
    ),
    (
        "myOffers",
        r#"(after: "00000000-0000-0000-0000-000000000000")"#,
        ACCEPTED,
    ),
];

/// A new mutation gets a row, unless it is one of [`actions`].
const MUTATIONS: &[Root] = &[
    (
        "register",
        r#"name: "dee", email: "dee-mailbox@example.com", password: "dee-passphrase", streetAddress: "dee-lane""#,
        ["dee-email dee-street", "", "", ""],
    ),
    (
        "updateUser",
        r#"userId: "1", streetAddress: "ann-lane 2""#,
        ["", "", "", "message ann-email ann-street bob-street"],
    ),
    (
        "requestEmailConfirmation",
        r#"userId: "1""#,
        ["", "", "", "message ann-email ann-street bob-street"],
    ),
    ("confirmEmail", r#"token: "none""#, NOBODY),
    (
        "requestPasswordReset",
        r#"email: "ann-mailbox@example.com""#,
        NOBODY,
    ),
    (
        "resetPassword",
        r#"token: "none", newPassword: "ann-passphrase-2""#,
        NOBODY,
    ),
    (
        "createGame",
        r#"name: "Ico", publisher: "Sony", yearPublished: 2001, gamingSystem: "PS2", condition: MINT"#,
        OWN,
    ),
    ("updateGame", r#"gameId: "1", name: "Ico""#, ANN),
    (
        "deleteGame",
        r#"gameId: "21""#,
        ["", "cleo-email cleo-street", "", ""],
    ),
    (
        "createOffer",
        r#"offeredGameIds: ["20"], requestedGameIds: ["10"], message: "for-your-eyes-only""#,
        RECEIVER,
    ),
    (
        "updateOffer",
        r#"offerId: "1", message: "for-your-eyes-only""#,
        OFFERER,
    ),
    ("acceptOffer", r#"offerId: "3""#, RECEIVER_ACCEPTS),
    // A log-in proves the user, but the request itself stays anonymous.
    (
        "login",
        r#"email: "ann-mailbox@example.com", password: "ann-passphrase""#,
        [
            "ann-email ann-street",
            "ann-email ann-street",
            "ann-email ann-street bob-street message",
            "ann-email ann-street bob-street message",
        ],
    ),
    (
        "changePassword",
        r#"userId: "2", currentPassword: "bob-passphrase", newPassword: "bob-passphrase-2""#,
        ["", "", "message bob-email bob-street ann-street", ""],
    ),
    // In the answer to her last request Ann is still herself, and may read what others wrote to her.
    (
        "deleteUser",
        r#"userId: "1""#,
        ["", "", "", "message bob-street"],
    ),
];

/// The actions on an offer that show what every pending offer does, each on an offer of its own.
fn actions() -> Vec<(String, String, [&'static str; 4])> {
    let by = |role, expected| allowed_while_pending(role).map(move |one| (one, expected));
    by(Role::Receiver, RECEIVER)
        .chain(by(Role::Offerer, OFFERER))
        .filter(|(one, _)| ![Action::Update, Action::Accept].contains(&one.action))
        .zip(4..=10)
        .map(|((one, expected), offer)| (one.mutation, format!("offerId: {offer}"), expected))
        .collect()
}

/// The types of the schema, from introspection.
struct Types {
    /// The fields of each object, each with the name of its type.
    objects: BTreeMap<String, BTreeMap<String, String>>,
    /// The objects of each interface.
    interfaces: BTreeMap<String, Vec<String>>,
    /// The fields that were requested.
    asked: RefCell<BTreeSet<(String, String)>>,
}

impl Types {
    async fn new(exchange: &Exchange) -> Self {
        let query = "{ __schema { types { name kind possibleTypes { name }
            fields(includeDeprecated: true) { name type { name ofType { name ofType { name ofType { name } } } } } } } }";
        let [anonymous, ..] = exchange.clients();
        let schema = anonymous.graphql(query, json!({})).await.expect(200);
        let (mut objects, mut interfaces) = (BTreeMap::new(), BTreeMap::new());
        for kind in schema["data"]["__schema"]["types"].as_array().unwrap() {
            let name = text(&kind["name"]);
            if name.starts_with("__") {
                continue;
            }
            let fields = kind["fields"].as_array().into_iter().flatten();
            let fields = fields.map(|field| (text(&field["name"]), innermost(&field["type"])));
            match kind["kind"].as_str().unwrap() {
                "OBJECT" => {
                    objects.insert(name, fields.collect());
                }
                "INTERFACE" | "UNION" => {
                    let possible = kind["possibleTypes"].as_array().unwrap().iter();
                    interfaces.insert(name, possible.map(|one| text(&one["name"])).collect());
                }
                _ => {}
            }
        }
        Self {
            objects,
            interfaces,
            asked: RefCell::default(),
        }
    }

    /// Returns a selection of all fields of a type, and of the objects that it links to all scalar fields.
    fn everything(&self, name: &str, things: usize) -> String {
        if let Some(possible) = self.interfaces.get(name) {
            let each = possible
                .iter()
                .map(|one| format!("... on {one} {}", self.everything(one, things)));
            return format!("{{ __typename {} }}", each.collect::<Vec<_>>().join(" "));
        }
        let Some(fields) = self.objects.get(name) else {
            return String::new();
        };
        let thing = fields.contains_key("databaseId");
        if thing && things == 0 {
            let plain = fields
                .iter()
                .filter(|(_, kind)| !self.objects.contains_key(*kind));
            return format!(
                "{{ {} }}",
                plain
                    .map(|(field, _)| field.as_str())
                    .collect::<Vec<_>>()
                    .join(" ")
            );
        }
        let left = things - usize::from(thing);
        let each = fields.iter().map(|(field, kind)| {
            self.asked
                .borrow_mut()
                .insert((name.to_owned(), field.clone()));
            format!("{field} {}", self.everything(kind, left))
        });
        format!("{{ {} }}", each.collect::<Vec<_>>().join(" "))
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn innermost(kind: &Value) -> String {
    match kind["name"].as_str() {
        Some(name) => name.to_owned(),
        None => innermost(&kind["ofType"]),
    }
}

#[tokio::test]
async fn graphql_fields_show_private_data_to_their_owners_only() {
    let (log, _logging) = Log::begin();
    let mut exchange = Exchange::new().await;
    let types = Types::new(&exchange).await;
    let [anonymous, ..] = exchange.clients();
    let id = anonymous
        .graphql("{ offer(by: {databaseId: 2}) { id } }", json!({}))
        .await
        .expect(200);
    let id = json!({"id": id["data"]["offer"]["id"]});
    for (operation, root, roots) in [
        ("query", "Query", QUERIES),
        ("subscription", "Subscription", SUBSCRIPTIONS),
        ("mutation", "Mutation", MUTATIONS),
    ] {
        let listed = roots
            .iter()
            .map(|(field, input, expected)| ((*field).to_owned(), (*input).to_owned(), *expected));
        let mut roots = if operation == "mutation" {
            actions()
        } else {
            Vec::new()
        };
        roots.extend(listed);
        let fields = &types.objects[root];
        for (field, input, expected) in &roots {
            let everything = types.everything(&fields[field], 1);
            let document = match operation {
                "query" if input.contains("$id") => {
                    format!("query($id: ID!) {{ {field}{input} {everything} }}")
                }
                "mutation" => format!("mutation {{ {field}(input: {{ {input} }}) {everything} }}"),
                _ => format!("{operation} {{ {field}{input} {everything} }}"),
            };
            let variables = if input.contains("$id") {
                id.clone()
            } else {
                json!({})
            };
            for ((client, viewer), expected) in exchange.clients().iter().zip(VIEWERS).zip(expected)
            {
                let client = match operation {
                    "subscription" => client.with("accept", "text/event-stream"),
                    _ => client.clone(),
                };
                let answer = client.graphql(&document, variables.clone()).await;
                let told = format!("{field} as {viewer}");
                assert!(
                    !answer.text.contains("graphql_"),
                    "{told}: {} {document}",
                    answer.text
                );
                assert!(
                    !answer.text.contains("\"internal\""),
                    "{told}: {}",
                    answer.text
                );
                exchange.shows(&answer, expected, &told);
                exchange.keep_tokens(&answer.body);
            }
        }
        let named: BTreeSet<_> = roots.iter().map(|(field, ..)| field.clone()).collect();
        assert_eq!(
            named,
            fields.keys().cloned().collect(),
            "each field of {root} has a row"
        );
    }
    let mut all = BTreeSet::new();
    for (name, fields) in &types.objects {
        if !["Query", "Mutation", "Subscription"].contains(&name.as_str()) {
            all.extend(fields.keys().map(|field| (name.clone(), field.clone())));
        }
    }
    assert_eq!(
        types.asked.into_inner(),
        all,
        "each field of each type was asked for"
    );
    exchange.kept_to_itself(&log, 12).await;
}
