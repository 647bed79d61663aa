//! Requests that are made to do harm, each with how it is to be refused. To add one, put it where its like is.

use serde_json::{Value, json};

/// A request that is to be refused.
pub struct Hostile {
    pub name: &'static str,
    /// The body of the POST.
    pub body: String,
    pub code: &'static str,
    /// What it has too much of, where that is why.
    pub measure: Option<&'static str>,
}

const FAILED: &str = "graphql_validation_failed";
const UNREADABLE: &str = "graphql_parse_failed";
const COMPLEX: &str = "too_complex";
const DEEP: &str = "too_deep";

/// All of them.
pub fn all() -> Vec<Hostile> {
    [
        fragments(),
        floods(),
        directives(),
        overlaps(),
        depths(),
        values(),
        lists(),
        operations(),
        texts(),
        unknowns(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn hostile(
    name: &'static str,
    code: &'static str,
    measure: impl Into<Option<&'static str>>,
    query: impl Into<String>,
) -> Hostile {
    with(name, code, measure, query, json!({}))
}

fn with(
    name: &'static str,
    code: &'static str,
    measure: impl Into<Option<&'static str>>,
    query: impl Into<String>,
    variables: Value,
) -> Hostile {
    Hostile {
        name,
        body: json!({"query": query.into(), "variables": variables}).to_string(),
        code,
        measure: measure.into(),
    }
}

/// A body that is no request.
fn malformed(name: &'static str, code: &'static str, body: String) -> Hostile {
    Hostile {
        name,
        body,
        code,
        measure: None,
    }
}

pub fn nested(opening: &str, times: usize, core: &str, closing: &str) -> String {
    format!("{}{core}{}", opening.repeat(times), closing.repeat(times))
}

/// What each of these numbers gives, one behind the other.
fn each(times: usize, part: impl Fn(usize) -> String) -> String {
    (0..times).map(part).collect::<Vec<_>>().join(" ")
}

/// Fragments that each spread the next so often; the last has this in it.
fn doubling(levels: usize, times: usize, last: &str) -> String {
    let spreading = each(levels, |level| {
        let spread = format!("...F{} ", level + 1);
        format!("fragment F{level} on Game {{ {} }}", spread.repeat(times))
    });
    format!("{spreading} fragment F{levels} on Game {{ {last} }}")
}

fn fragments() -> Vec<Hostile> {
    let board = "{ games { nodes { ...F0 } } }";
    vec![
        hostile(
            "fragments that double",
            COMPLEX,
            "fields",
            format!("{board} {}", doubling(20, 2, "name")),
        ),
        hostile(
            "fragments that double, spread by nobody",
            COMPLEX,
            "fields",
            format!("{{ __typename }} {}", doubling(20, 2, "name")),
        ),
        hostile(
            "fragments that double nothing",
            COMPLEX,
            "fragments",
            format!("{board} {}", doubling(20, 2, "...Nothing")),
        ),
        hostile(
            "fragments, ten times ten times ten",
            COMPLEX,
            "fields",
            format!("{board} {}", doubling(6, 10, "name")),
        ),
        hostile(
            "fragments that double fields with fields",
            DEEP,
            "depth",
            format!(
                "{board} {} fragment F20 on Game {{ name }}",
                each(20, |level| format!(
                    "fragment F{level} on Game {{ owner {{ games {{ nodes {{ ...F{0} ...F{0} }} }} }} }}",
                    level + 1
                )),
            ),
        ),
        hostile(
            "fragments in a chain",
            DEEP,
            "nesting",
            format!("{board} {}", doubling(45, 1, "name")),
        ),
        hostile(
            "inline fragments in a chain",
            DEEP,
            "nesting",
            format!("{{ {} }}", nested("... { ", 40, "__typename", " }")),
        ),
        hostile(
            "inline fragments, many",
            COMPLEX,
            "fragments",
            format!("{{ {} }}", "... { __typename } ".repeat(201)),
        ),
        hostile(
            "fragment that spreads itself",
            FAILED,
            None,
            format!("{board} fragment F0 on Game {{ ...F0 }}"),
        ),
        hostile(
            "fragment that spreads itself in a field",
            FAILED,
            None,
            format!("{board} fragment F0 on Game {{ owner {{ games {{ nodes {{ ...F0 }} }} }} }}"),
        ),
        hostile(
            "fragments in a circle",
            FAILED,
            None,
            format!("{board} {}", doubling(20, 2, "...F0")),
        ),
        hostile(
            "fragments in a circle, spread by nobody",
            FAILED,
            None,
            format!("{{ __typename }} {}", doubling(20, 2, "...F0")),
        ),
        hostile(
            "fragments, many",
            COMPLEX,
            "definitions",
            format!(
                "{{ __typename }} {}",
                each(60, |n| format!("fragment F{n} on Game {{ name }}"))
            ),
        ),
        hostile(
            "fragments that nobody spreads",
            FAILED,
            None,
            format!(
                "{{ __typename }} {}",
                each(45, |n| format!("fragment F{n} on Game {{ name id }}"))
            ),
        ),
        hostile(
            "fragments of one name",
            UNREADABLE,
            None,
            format!("{board} {}", "fragment F0 on Game { name } ".repeat(40)),
        ),
    ]
}

fn floods() -> Vec<Hostile> {
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

fn directives() -> Vec<Hostile> {
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
            format!("mutation {bare} {{ logOut {{ userErrors {{ code }} }} }}"),
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
                "{{ __typename @include({}) }}",
                each(400, |n| format!("a{n}: 1"))
            ),
        ),
    ]
}

fn overlaps() -> Vec<Hostile> {
    let arguments = each(200, |n| format!("a{n}: 1"));
    vec![
        hostile(
            "fields that contradict each other in many arguments",
            COMPLEX,
            "comparisons",
            format!(
                "{{ games {{ nodes {{ owner({arguments}) {{ id }} {} }} }} }}",
                "owner { id } ".repeat(200),
            ),
        ),
        hostile(
            "fields that overlap in nested fragments",
            COMPLEX,
            "comparisons",
            format!(
                "{{ games {{ nodes {{ {} }} }} }}",
                nested(&format!("... {{ {}", "name ".repeat(18)), 26, "", " }"),
            ),
        ),
        hostile(
            "fields that overlap in fragments of fragments",
            COMPLEX,
            "comparisons",
            format!(
                "{{ __typename }} {} fragment G on Game {{ {} }}",
                each(45, |n| format!("fragment F{n} on Game {{ ...G }}")),
                "name ".repeat(150),
            ),
        ),
        hostile(
            "fields under one name",
            FAILED,
            None,
            format!(
                "{{ games {{ nodes {{ {} }} }} }}",
                each(40, |n| {
                    let field = ["id", "name", "publisher", "version"][n % 4];
                    format!("a: {field}")
                })
            ),
        ),
        hostile(
            "arguments of one name",
            FAILED,
            None,
            format!(
                "{{ games({}) {{ nodes {{ name }} }} }}",
                "first: 1 ".repeat(400)
            ),
        ),
    ]
}

fn depths() -> Vec<Hostile> {
    let quoted = |open: &str, close: &str, times| {
        format!(
            "{{ games(q: {}) {{ nodes {{ name }} }} }}",
            nested(open, times, "1", close)
        )
    };
    vec![
        hostile(
            "fields to the bottom of a stack",
            DEEP,
            "brackets",
            nested("{ a", 4_000, "", "}"),
        ),
        hostile(
            "fields deeper than may be",
            DEEP,
            "depth",
            format!(
                "{{ {} }}",
                nested("games { nodes { owner { ", 6, "name", " } } }")
            ),
        ),
        hostile(
            "inline fragments to the bottom of a stack",
            DEEP,
            "brackets",
            nested("{ ... ", 2_000, "{ a }", "}"),
        ),
        hostile(
            "a list to the bottom of a stack",
            DEEP,
            "brackets",
            quoted("[", "]", 7_000),
        ),
        hostile(
            "an object to the bottom of a stack",
            DEEP,
            "brackets",
            quoted("{a: ", "}", 2_500),
        ),
        hostile(
            "a type to the bottom of a stack",
            DEEP,
            "brackets",
            format!(
                "query($a: {}) {{ __typename }}",
                nested("[", 7_000, "Int", "]")
            ),
        ),
        hostile(
            "a default to the bottom of a stack",
            DEEP,
            "brackets",
            format!(
                "query($a: Int = {}) {{ __typename }}",
                nested("[", 7_000, "1", "]")
            ),
        ),
        hostile(
            "brackets that never close",
            DEEP,
            "brackets",
            "{".repeat(16_000),
        ),
        hostile(
            "parentheses that never close",
            DEEP,
            "brackets",
            "{a(a:(".repeat(2_000),
        ),
        hostile(
            "a deep list where a text should be",
            FAILED,
            None,
            quoted("[", "]", 95),
        ),
        hostile(
            "a deep object where a text should be",
            FAILED,
            None,
            quoted("{a: ", "}", 95),
        ),
        hostile(
            "a deep default of a number",
            FAILED,
            None,
            format!(
                "query($a: Int = {}) {{ games(first: $a) {{ nodes {{ name }} }} }}",
                nested("[", 95, "1", "]")
            ),
        ),
        hostile(
            "introspection from type to type",
            DEEP,
            "schemaLists",
            format!(
                "{{ __schema {{ types {{ {} }} }} }}",
                nested("fields { type { ", 4, "name", " } }")
            ),
        ),
        hostile(
            "introspection of what a type is of",
            DEEP,
            "depth",
            format!(
                "{{ __schema {{ types {{ fields {{ type {{ {} }} }} }} }} }}",
                nested("ofType { ", 15, "name", " }")
            ),
        ),
    ]
}

fn values() -> Vec<Hostile> {
    let board = "query($a: String) { games(q: $a) { nodes { name } } }";
    let deep = |open: &str, close: &str, times| {
        format!(
            "{{\"query\": \"{board}\", \"variables\": {{\"a\": {}}}}}",
            nested(open, times, "1", close)
        )
    };
    let sent = |name, code, measure, body| Hostile {
        name,
        body,
        code,
        measure,
    };
    let many = |times: usize| vec![1; times];
    vec![
        sent(
            "a deep list in a variable",
            DEEP,
            Some("sentDepth"),
            deep("[", "]", 100),
        ),
        sent(
            "a deep object in a variable",
            DEEP,
            Some("sentDepth"),
            deep("{\"a\": ", "}", 100),
        ),
        sent(
            "a list to the bottom of a stack in a variable",
            "malformed",
            None,
            deep("[", "]", 7_000),
        ),
        sent(
            "an object to the bottom of a stack in a variable",
            "malformed",
            None,
            deep("{\"a\": ", "}", 1_800),
        ),
        with(
            "a long list in a variable",
            COMPLEX,
            "sent",
            board,
            json!({"a": many(7_000)}),
        ),
        with(
            "a list in a variable that nothing uses",
            COMPLEX,
            "sent",
            "{ __typename }",
            json!({"b": many(7_000)}),
        ),
        with(
            "many variables sent",
            COMPLEX,
            "sent",
            board,
            (0..1_200)
                .map(|n| (format!("a{n}"), json!(1)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        ),
        with(
            "a list in a variable, used again and again",
            COMPLEX,
            "values",
            format!(
                "query($a: String) {{ {} }}",
                each(15, |n| format!(
                    "a{n}: games(q: $a, gamingSystem: $a) {{ nodes {{ name }} }}"
                ))
            ),
            json!({"a": many(900)}),
        ),
        with(
            "a long text in a variable, used again and again",
            COMPLEX,
            "values",
            format!(
                "query($a: String) {{ {} }}",
                each(15, |n| format!("a{n}: games(q: $a) {{ nodes {{ name }} }}"))
            ),
            json!({"a": "a".repeat(12_000)}),
        ),
        hostile(
            "a list in a default, used again and again",
            COMPLEX,
            "values",
            format!(
                "query($a: [Int!] = [{}]) {{ {} }}",
                "1 ".repeat(900),
                each(15, |n| format!("a{n}: games(q: $a) {{ nodes {{ name }} }}"))
            ),
        ),
        hostile(
            "a long list in an argument",
            COMPLEX,
            "values",
            format!(
                "{{ games(q: [{}]) {{ nodes {{ name }} }} }}",
                "1 ".repeat(1_500)
            ),
        ),
        hostile(
            "a long object in an argument",
            COMPLEX,
            "values",
            format!(
                "{{ games(q: {{{}}}) {{ nodes {{ name }} }} }}",
                each(600, |n| format!("a{n}: {{}}")).replace("{}", "[1]")
            ),
        ),
        hostile(
            "a list where a text should be",
            FAILED,
            None,
            format!(
                "{{ games(q: [{}]) {{ nodes {{ name }} }} }}",
                "1 ".repeat(900)
            ),
        ),
        hostile(
            "a whole number of ten thousand digits",
            FAILED,
            None,
            format!(
                "{{ games(first: {}) {{ nodes {{ name }} }} }}",
                "9".repeat(10_000)
            ),
        ),
        hostile(
            "a number beyond all numbers",
            UNREADABLE,
            None,
            "{ games(first: 1e999999999) { nodes { name } } }",
        ),
        hostile(
            "a fraction of ten thousand digits",
            FAILED,
            None,
            format!(
                "{{ games(first: 0.{}) {{ nodes {{ name }} }} }}",
                "1".repeat(10_000)
            ),
        ),
    ]
}

fn lists() -> Vec<Hostile> {
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

fn operations() -> Vec<Hostile> {
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
            "mutation { a: logOut { userErrors { code } } b: logOut { userErrors { code } } }",
        ),
        hostile(
            "two mutations in one, by way of a fragment",
            COMPLEX,
            "mutationFields",
            "mutation { ...F ... on Mutation { ...F } } fragment F on Mutation { logOut { userErrors { code } } }",
        ),
        hostile(
            "two mutations in one, one of them skipped",
            COMPLEX,
            "mutationFields",
            "mutation { a: logOut @skip(if: true) { userErrors { code } } b: logOut { userErrors { code } } }",
        ),
        hostile(
            "two subscriptions in one",
            COMPLEX,
            "subscriptionFields",
            "subscription { a: offers { id } b: offers { id } }",
        ),
    ]
}

fn texts() -> Vec<Hostile> {
    vec![
        hostile(
            "commas without end",
            UNREADABLE,
            None,
            format!("{{ {}", ",".repeat(15_000)),
        ),
        hostile(
            "blanks and marks of the byte order",
            UNREADABLE,
            None,
            format!("\u{feff}{{ {}", "\u{feff} \t".repeat(3_000)),
        ),
        hostile(
            "comments without end",
            UNREADABLE,
            None,
            format!("{{ {}", "# { a }\n".repeat(1_500)),
        ),
        hostile(
            "comments that end as no line does",
            UNREADABLE,
            None,
            format!("{{ a {}", "#\r".repeat(5_000)),
        ),
        hostile(
            "quotation marks",
            UNREADABLE,
            None,
            format!("{{ a(b: {}", "\"".repeat(7_001)),
        ),
        hostile(
            "texts in blocks that never end",
            UNREADABLE,
            None,
            format!("{{ a(b: {}", "\"\"\" \\\"\"\" ".repeat(1_201)),
        ),
        hostile(
            "a text in a block of blank lines",
            FAILED,
            None,
            format!(
                "{{ games(condition: \"\"\"{}\"\"\") {{ nodes {{ name }} }} }}",
                " \n\t".repeat(2_000)
            ),
        ),
        hostile(
            "letters that no name has",
            UNREADABLE,
            None,
            "ß".repeat(7_000),
        ),
        hostile(
            "points",
            UNREADABLE,
            None,
            format!("{{ {} }}", ".".repeat(14_000)),
        ),
        hostile(
            "minus signs",
            COMPLEX,
            "tokens",
            format!("{{ a(b: {}", "-".repeat(14_000)),
        ),
        hostile("a null character", UNREADABLE, None, "{ a\u{0} }"),
        hostile(
            "a text where a choice should be",
            FAILED,
            None,
            format!(
                "{{ games(condition: \"{}\") {{ nodes {{ name }} }} }}",
                "a".repeat(15_000)
            ),
        ),
    ]
}

fn unknowns() -> Vec<Hostile> {
    vec![
        hostile(
            "fields that are none",
            FAILED,
            None,
            format!(
                "{{ games {{ nodes {{ {} }} }} }}",
                each(480, |n| format!("nameOfIt{n}"))
            ),
        ),
        hostile(
            "a field with a name of a page",
            FAILED,
            None,
            format!("{{ {} }}", "gamesOfOffers".repeat(1_100)),
        ),
        hostile(
            "fields with long names that are none",
            FAILED,
            None,
            format!(
                "{{ games {{ nodes {{ {} }} }} }}",
                each(90, |n| format!("{}{n}", "previousOwners".repeat(11)))
            ),
        ),
        hostile(
            "arguments that are none",
            FAILED,
            None,
            format!(
                "{{ games({}) {{ nodes {{ name }} }} }}",
                each(400, |n| format!("gamingSystem{n}: 1"))
            ),
        ),
        hostile(
            "mutation that is none, with a long name",
            FAILED,
            None,
            format!("mutation {{ {} }}", "requestEmailConfirmation".repeat(600)),
        ),
        hostile(
            "types that are none",
            FAILED,
            None,
            format!(
                "{{ {} }}",
                each(150, |n| format!("... on Games{n} {{ name }}"))
            ),
        ),
        hostile(
            "directives that are none",
            FAILED,
            None,
            format!("{{ __typename {} }}", each(50, |n| format!("@include{n}"))),
        ),
        hostile(
            "fragments that are none",
            FAILED,
            None,
            format!("{{ {} }}", each(150, |n| format!("...Board{n}"))),
        ),
    ]
}
