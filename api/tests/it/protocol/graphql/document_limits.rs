//! Limits on one document. It is refused before execution, in time linear in its length: otherwise these tests would
//! not end.

use api::server::Exposure;
use graphql_http::SchemaTypes;
use serde_json::{Value, json};

use super::{error, values};
use crate::support::{Person, TestApp, http::Client};

/// Returns the error code of a refused document, `None` when it ran.
async fn refusal(client: &Client, query: &str) -> Option<String> {
    let answer = client.graphql(query, json!({})).await;
    answer.body.get("errors").map(|_| error(&answer).to_owned())
}

fn nested(opening: &str, times: usize, core: &str, closing: &str) -> String {
    format!("{}{core}{}", opening.repeat(times), closing.repeat(times))
}

#[tokio::test(flavor = "multi_thread")]
async fn deeply_nested_document_is_refused() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let owners = |times| {
        format!(
            "{{ games(first: 1) {{ nodes {{ {} }} }} }}",
            nested(
                "owner { games(first: 1) { nodes { ",
                times,
                "name",
                " } } } "
            )
        )
    };
    assert_eq!(refusal(&client, &owners(4)).await, None);
    assert_eq!(
        refusal(&client, &owners(5)).await.as_deref(),
        Some("too_deep")
    );
    // Deep enough to overflow a recursive parser's stack.
    for bomb in [
        nested("{ a", 4_000, "", "}"),
        nested("{ ... ", 2_000, "{ a }", "}"),
        format!(
            "{{ games(filter: {{q: {}}}) {{ nodes {{ name }} }} }}",
            nested("[", 7_000, "1", "]")
        ),
        format!(
            "query($a: {}) {{ __typename }}",
            nested("[", 7_000, "Int", "]")
        ),
        "{".repeat(16_000),
        "[".repeat(16_000),
    ] {
        assert_eq!(
            refusal(&client, &bomb).await.as_deref(),
            Some("too_deep"),
            "{}…",
            &bomb[..20]
        );
    }
    let quoted = format!(
        "{{ games(filter: {{q: \"{}\"}}) {{ nodes {{ name }} }} }}",
        "{".repeat(150)
    );
    assert_eq!(
        refusal(&client, &quoted).await,
        None,
        "brackets in a text are text"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn multiplying_fragments_are_refused() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let mut bomb = "{ games { nodes { ...F0 } } }".to_owned();
    for number in 0..60 {
        let next = number + 1;
        bomb += &format!(" fragment F{number} on Game {{ ...F{next} ...F{next} }}");
    }
    bomb += " fragment F60 on Game { name }";
    assert!(["too_complex", "too_deep"].contains(&refusal(&client, &bomb).await.unwrap().as_str()));
    let wide = bomb.replace("{ games { nodes { ...F0 } } }", "{ __typename }");
    assert!(
        refusal(&client, &wide).await.is_some(),
        "an unused fragment is measured, too"
    );
    let circle =
        "{ games { nodes { ...A } } } fragment A on Game { ...B } fragment B on Game { ...A }";
    assert_eq!(
        refusal(&client, circle).await.as_deref(),
        Some("graphql_validation_failed")
    );
    let itself =
        "{ games { nodes { ...A } } } fragment A on Game { owner { games { nodes { ...A } } } }";
    assert_eq!(
        refusal(&client, itself).await.as_deref(),
        Some("graphql_validation_failed")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn oversized_documents_are_refused() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let aliases = |number: usize| {
        let fields: Vec<_> = (0..number)
            .map(|number| format!("a{number}: __typename"))
            .collect();
        format!("{{ {} }}", fields.join(" "))
    };
    assert_eq!(refusal(&client, &aliases(20)).await, None);
    assert_eq!(
        refusal(&client, &aliases(21)).await.as_deref(),
        Some("too_complex")
    );
    for flood in [
        format!("{{ __typename {} }}", "@include(if: true) ".repeat(501)),
        format!("query {} {{ __typename }}", "@a ".repeat(501)),
        format!("query($a: Int {}) {{ __typename }}", "@a ".repeat(501)),
        format!(
            "{{ ... {} {{ __typename }} }}",
            "@include(if: true) ".repeat(501)
        ),
        format!(
            "{{ ...F }} fragment F on Query {} {{ __typename }}",
            "@a ".repeat(501)
        ),
        format!("{{ {} }}", "... { __typename } ".repeat(300)),
        format!("mutation {{ {} }}", "a: logOut ".repeat(501)),
    ] {
        assert_eq!(
            refusal(&client, &flood).await.as_deref(),
            Some("too_complex"),
            "{}…",
            &flood[..60]
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn multiplying_lists_are_refused() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let sides = "offeredGames { name owner { name } } requestedGames { name owner { name } }";
    for (query, fits) in [
        (format!("{{ offers(first: 100) {{ nodes {{ {sides} }} }} }}"), true),
        ("{ users(first: 99) { nodes { games(first: 100) { nodes { name } } } } }".to_owned(), true),
        ("{ users(first: 100) { nodes { games(last: 100) { nodes { name version publisher id condition } } } } }".to_owned(), false),
        (format!("{{ users {{ nodes {{ offersSent(first: 21) {{ nodes {{ {sides} }} }} }} }} }}"), false),
        ("{ users(first: 100) { edges { node { ...F } } } } fragment F on User { games(first: 100) { nodes { id name version publisher condition } } }".to_owned(), false),
        // A variable that is not sent may have a default.
        ("query($n: Int = 100) { users(first: $n) { nodes { games(first: $n) { nodes { id name version publisher condition } } } } }".to_owned(), false),
        (format!("{{ nodes(ids: [{}]) {{ ... on User {{ games(first: 100) {{ nodes {{ id }} }} }} }} }}", r#""VXNlcjox" "#.repeat(98)), true),
        (format!("{{ nodes(ids: [{}]) {{ ... on User {{ games(first: 100) {{ nodes {{ id name version publisher condition }} }} }} }} }}", r#""VXNlcjox" "#.repeat(100)), false),
        // `totalCount` may read a whole list.
        (format!("{{ {} }}", (0..20).map(|n| format!("a{n}: users {{ totalCount }} ")).collect::<String>()), true),
        ("{ users(first: 100) { nodes { games { totalCount } } } }".to_owned(), true),
        ("{ users(first: 100) { nodes { games { totalCount } offersSent { totalCount } } } }".to_owned(), false),
        ("{ users(first: 1000000) { nodes { games(first: -1) { nodes { id name version publisher condition } } } } }".to_owned(), false),
    ] {
        let refused = refusal(&client, &query).await;
        assert_eq!(refused.as_deref(), (!fits).then_some("too_complex"), "{query}");
    }
    let query = "query($n: Int!) { users(first: $n) { nodes { games(first: $n) { nodes { id name version publisher condition } } } } }";
    for (number, fits) in [(50, true), (100, false)] {
        let answer = client.graphql(query, json!({"n": number})).await;
        assert_eq!(answer.body.get("errors").is_none(), fits, "{number}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_document_is_checked_and_executed_again() {
    let test = TestApp::new().await;
    let [ann, bob] = test.people(["ann", "bob"]).await;
    let query = "query($first: Int!) { viewer { name } games(first: 100) { nodes { owner {
        games(first: $first) { nodes { owner { name } } } offersSent(first: $first) { nodes { receiver { name } } }
        offersReceived(first: $first) { nodes { offerer { name } } } } } } }";
    let ask = async |person: &Person, first: u64| {
        let variables = json!({ "first": first });
        person.client().graphql(query, variables).await.body
    };
    let few = ask(&ann, 1).await;
    assert_eq!(few["data"]["viewer"]["name"], "ann");
    let many = ask(&ann, 100).await;
    assert_eq!(many["errors"][0]["extensions"]["code"], "too_complex");
    let again = ask(&bob, 2).await;
    assert_eq!(again["data"]["viewer"]["name"], "bob");
    let cost = |answer: &Value| answer["extensions"]["cost"]["measured"].as_u64().unwrap();
    assert!(cost(&few) < cost(&again), "{few} {again}");
}

#[test]
fn cost_includes_every_list_of_the_schema() {
    let lists = SchemaTypes::from_sdl(&api::graphql::sdl()).unsized_lists();
    assert!(
        lists.is_empty(),
        "declare the length by `@listSize`: {lists:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn introspection_query_of_graphiql_is_allowed() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let mut of_type = "kind name".to_owned();
    for _ in 0..9 {
        of_type = format!("kind name ofType {{ {of_type} }}");
    }
    let query = format!(
        "query IntrospectionQuery {{ __schema {{ description queryType {{ name kind }} mutationType {{ name kind }}
        subscriptionType {{ name kind }} types {{ ...FullType }} directives {{ name description isRepeatable locations
        args(includeDeprecated: true) {{ ...InputValue }} }} }} }}
        fragment FullType on __Type {{ kind name description specifiedByURL isOneOf fields(includeDeprecated: true) {{ name
        description args(includeDeprecated: true) {{ ...InputValue }} type {{ ...TypeRef }} isDeprecated deprecationReason }}
        inputFields(includeDeprecated: true) {{ ...InputValue }} interfaces {{ ...TypeRef }} enumValues(includeDeprecated:
        true) {{ name description isDeprecated deprecationReason }} possibleTypes {{ ...TypeRef }} }}
        fragment InputValue on __InputValue {{ name description type {{ ...TypeRef }} defaultValue isDeprecated
        deprecationReason }}
        fragment TypeRef on __Type {{ {of_type} }}"
    );
    let answer = client.graphql(&query, json!({})).await;
    assert_eq!(answer.body.get("errors"), None, "{}", answer.text);
    let measured = answer.body["extensions"]["cost"]["measured"].as_u64();
    let has = values(&answer.body["data"]);
    assert!(
        measured >= Some(has),
        "the schema has grown: {has} values, measured as {measured:?}; raise the lengths of its lists in graphql-http/src/limits/list_sizes.rs"
    );
    let circle =
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    assert_eq!(refusal(&client, circle).await.as_deref(), Some("too_deep"));
}

#[tokio::test(flavor = "multi_thread")]
async fn hidden_schema_is_not_revealed_by_errors() {
    let test = TestApp::new().await;
    let exposure = Exposure {
        hide_schema: true,
        ..Exposure::default()
    };
    let (hidden, open) = (Client::exposed(&test.app, exposure), test.anonymous());
    for query in [
        "{ __schema { types { name } } }",
        "{ games { nodes { name } } __type(name: \"User\") { name } }",
        "{ ...F } fragment F on Query { a: __type(name: \"User\") { name } }",
        "query A { __typename } query B { __schema { types { name } } }",
    ] {
        assert_eq!(
            refusal(&hidden, query).await.as_deref(),
            Some("introspection_disabled"),
            "{query}"
        );
        assert_ne!(
            refusal(&open, query).await.as_deref(),
            Some("introspection_disabled")
        );
    }
    assert_eq!(
        refusal(&hidden, "{ __typename games { nodes { __typename } } }").await,
        None
    );
    for query in [
        "{ gamez { nodes { name } } }",
        "{ games(fist: 1) { nodes { name } } }",
    ] {
        for (client, suggests) in [(&open, true), (&hidden, false)] {
            let answer = client.graphql(query, json!({})).await;
            assert_eq!(error(&answer), "graphql_validation_failed");
            assert_eq!(
                answer.text.contains("Did you mean"),
                suggests,
                "{}",
                answer.text
            );
        }
    }
}
