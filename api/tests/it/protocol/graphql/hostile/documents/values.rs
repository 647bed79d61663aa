//! Values and documents that are too deep, too many or too large.

use serde_json::json;

use super::{COMPLEX, DEEP, FAILED, Hostile, UNREADABLE, each, hostile, nested, with};

pub fn values() -> Vec<Hostile> {
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
                each(3, |n| format!("a{n}: [{}]", "1 ".repeat(400)))
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
            UNREADABLE,
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

pub fn depths() -> Vec<Hostile> {
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
