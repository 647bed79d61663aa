//! Floods: too many fields, aliases, directives, rows or operations.

use serde_json::json;

use super::{COMPLEX, FAILED, Hostile, UNREADABLE, each, hostile, malformed};

pub fn floods() -> Vec<Hostile> {
    vec![
        hostile(
            "aliases of __typename",
            COMPLEX,
            "aliases",
            format!(
                "{{ games {{ nodes {{ {} }} }} }}",
                each(400, |n| format!("a{n}: __typename"))
            ),
        ),
        hostile(
            "aliases of a list",
            COMPLEX,
            "rootFields",
            format!(
                "{{ {} }}",
                each(60, |n| format!(
                    "a{n}: games(first: 100) {{ nodes {{ name }} }}"
                ))
            ),
        ),
        hostile(
            "aliases of a list in a list",
            COMPLEX,
            "aliases",
            format!(
                "{{ users {{ nodes {{ {} }} }} }}",
                each(120, |n| format!("a{n}: games {{ nodes {{ id }} }}"))
            ),
        ),
        hostile(
            "aliases by way of a fragment",
            COMPLEX,
            "aliases",
            format!(
                "{{ games {{ nodes {{ {} }} }} }} fragment F on User {{ {} }}",
                each(10, |_| "owner { ...F }".to_owned()),
                each(11, |n| format!("a{n}: name")),
            ),
        ),
        hostile(
            "a field, again and again",
            COMPLEX,
            "fields",
            format!("{{ games {{ nodes {{ {} }} }} }}", "name ".repeat(1_500)),
        ),
        hostile(
            "a field that is skipped, again and again",
            COMPLEX,
            "fields",
            format!(
                "query($no: Boolean! = true) {{ games @skip(if: $no) {{ nodes {{ {} }} }} }}",
                "name ".repeat(600)
            ),
        ),
        hostile(
            "tokens, as many as the body takes",
            COMPLEX,
            "tokens",
            format!("{{ {} }}", "a ".repeat(8_000)),
        ),
        hostile("punctuators alone", COMPLEX, "tokens", "! ".repeat(8_000)),
        malformed(
            "a hundred thousand tokens",
            "payload_too_large",
            json!({"query": format!("{{ {} }}", "a ".repeat(100_000))}).to_string(),
        ),
        malformed(
            "a batch",
            "malformed",
            json!([{"query": "{ __typename }"}, {"query": "{ __typename }"}]).to_string(),
        ),
        malformed(
            "a batch of a thousand",
            "malformed",
            format!("[{}1]", "{},".repeat(1_000)),
        ),
    ]
}

pub fn directives() -> Vec<Hostile> {
    let flood = "@include(if: true) ".repeat(51);
    let bare = "@a ".repeat(600);
    vec![
        hostile(
            "directives on a field",
            COMPLEX,
            "directives",
            format!("{{ __typename {flood} }}"),
        ),
        hostile(
            "directives on a query",
            COMPLEX,
            "directives",
            format!("query {bare} {{ __typename }}"),
        ),
        hostile(
            "directives on a mutation",
            COMPLEX,
            "directives",
            format!("mutation {bare} {{ deleteGame(input: {{gameId: 1}}) {{ game {{ id }} }} }}"),
        ),
        hostile(
            "directives on a variable",
            COMPLEX,
            "directives",
            format!("query($a: Int {bare}) {{ __typename }}"),
        ),
        hostile(
            "directives on an inline fragment",
            COMPLEX,
            "directives",
            format!("{{ ... {flood} {{ __typename }} }}"),
        ),
        hostile(
            "directives on a spread",
            COMPLEX,
            "directives",
            format!("{{ ...F {flood} }} fragment F on Query {{ __typename }}"),
        ),
        hostile(
            "directives on a fragment",
            COMPLEX,
            "directives",
            format!("{{ ...F }} fragment F on Query {bare} {{ __typename }}"),
        ),
        hostile(
            "directives on a fragment that nobody spreads",
            COMPLEX,
            "directives",
            format!("{{ __typename }} fragment F on Query {bare} {{ __typename }}"),
        ),
        hostile(
            "directives, one on each field",
            COMPLEX,
            "directives",
            format!(
                "{{ games {{ nodes {{ {} }} }} }}",
                "name @skip(if: false) ".repeat(60)
            ),
        ),
        hostile(
            "directives with many arguments",
            FAILED,
            None,
            format!(
                "{{ viewer @include({}) {{ id }} }}",
                each(400, |n| format!("a{n}: 1"))
            ),
        ),
    ]
}

pub fn lists() -> Vec<Hostile> {
    vec![
        hostile(
            "lists in lists in lists",
            COMPLEX,
            "cost",
            "{ users(first: 100) { nodes { games(first: 100) { nodes { owner { games { nodes { name } } } } } } } }",
        ),
        hostile(
            "lists of the greatest length, asked for more",
            COMPLEX,
            "cost",
            "{ users(first: 1000000) { nodes { games(last: -1) { nodes { name owner { name } publisher } } } } }",
        ),
        hostile(
            "many fields in each of many rows",
            COMPLEX,
            "cost",
            format!(
                "{{ users(first: 100) {{ nodes {{ games(first: 100) {{ nodes {{ {} }} }} }} }} }}",
                "name ".repeat(400)
            ),
        ),
        hostile(
            "a list as long as its default",
            COMPLEX,
            "cost",
            "query($n: Int = 100) { users(first: $n) { nodes { games(first: $n) { nodes { id name publisher owner { id } } } } } }",
        ),
        hostile(
            "the schema, again and again",
            COMPLEX,
            "cost",
            format!(
                "{{ __schema {{ {} }} }}",
                each(90, |n| format!(
                    "a{n}: types {{ fields {{ args {{ name }} }} }}"
                ))
            ),
        ),
        hostile(
            "the schema in the schema",
            COMPLEX,
            "cost",
            format!(
                "{{ __schema {{ types {{ fields {{ type {{ fields {{ {} }} }} }} }} }} }}",
                "name ".repeat(100)
            ),
        ),
    ]
}

pub fn operations() -> Vec<Hostile> {
    vec![
        hostile(
            "operations, many",
            COMPLEX,
            "definitions",
            each(60, |n| format!("query A{n} {{ __typename }}")),
        ),
        hostile(
            "operations of one name",
            UNREADABLE,
            None,
            "query A { __typename } ".repeat(60),
        ),
        hostile(
            "operations without a name",
            UNREADABLE,
            None,
            "{ __typename } ".repeat(60),
        ),
        hostile(
            "operations that all spread one fragment",
            COMPLEX,
            "fields",
            format!(
                "{} fragment F on Query {{ {} }}",
                each(40, |n| format!("query A{n} {{ ...F }}")),
                "__typename ".repeat(15)
            ),
        ),
        hostile(
            "operations with variables of nobody",
            COMPLEX,
            "values",
            format!(
                "{} fragment F on Query {{ games(q: [{}]) {{ nodes {{ name }} }} }}",
                each(40, |n| format!("query A{n} {{ ...F }}")),
                "$a ".repeat(60)
            ),
        ),
        hostile(
            "variables, many",
            COMPLEX,
            "variables",
            format!(
                "query({}) {{ __typename }}",
                each(200, |n| format!("$a{n}: Int"))
            ),
        ),
        hostile(
            "variables of one name",
            FAILED,
            None,
            format!("query({}) {{ __typename }}", "$a: Int ".repeat(90)),
        ),
        hostile(
            "a variable of a list of no type",
            FAILED,
            None,
            "query($a: [Nothing!]! = [1]) { games(q: $a) { nodes { name } } }",
        ),
        hostile(
            "a variable of a list of an object",
            FAILED,
            None,
            "query($a: [[Game]] = [[{name: 1}]]) { __typename }",
        ),
        hostile(
            "two mutations in one",
            COMPLEX,
            "mutationFields",
            "mutation { a: deleteGame(input: {gameId: 1}) { userErrors { code } } b: deleteGame(input: {gameId: 1}) { userErrors { code } } }",
        ),
        hostile(
            "two mutations in one, by way of a fragment",
            COMPLEX,
            "mutationFields",
            "mutation { ...F ... on Mutation { ...F } } fragment F on Mutation { deleteGame(input: {gameId: 1}) { userErrors { code } } }",
        ),
        hostile(
            "two mutations in one, one of them skipped",
            COMPLEX,
            "mutationFields",
            "mutation { a: deleteGame(input: {gameId: 1}) @skip(if: true) { id } b: deleteGame(input: {gameId: 1}) { userErrors { code } } }",
        ),
        hostile(
            "two subscriptions in one",
            COMPLEX,
            "subscriptionFields",
            "subscription { a: offers { id } b: offers { id } }",
        ),
    ]
}
