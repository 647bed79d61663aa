//! Fragments that multiply, and fields that overlap in them.

use super::{COMPLEX, DEEP, FAILED, Hostile, UNREADABLE, each, hostile, nested};

/// Writes fragments that each spread the next one `times` times; the last contains `last`.
fn doubling(levels: usize, times: usize, last: &str) -> String {
    let spreading = each(levels, |level| {
        let spread = format!("...F{} ", level + 1);
        format!("fragment F{level} on Game {{ {} }}", spread.repeat(times))
    });
    format!("{spreading} fragment F{levels} on Game {{ {last} }}")
}

pub fn fragments() -> Vec<Hostile> {
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
            "nesting",
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

pub fn overlaps() -> Vec<Hostile> {
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
            "fields that contradict each other, below many that agree",
            FAILED,
            None,
            format!(
                "{{ games(first: 1) {{ nodes {{ {} }} }} }}",
                each(70, |n| {
                    let field = if n == 69 { "id" } else { "name" };
                    format!(
                        "owner {{ games(first: 1) {{ edges {{ node {{ owner {{ x: {field} }} }} }} }} }}"
                    )
                })
            ),
        ),
        hostile(
            "fields of an interface, beside those of all its objects",
            FAILED,
            None,
            format!(
                "{{ node(id: 1) {{ {} ... on User {{ id: etag }} }} }}",
                "id ... on User { id } ... on Game { id } ... on Offer { id } ".repeat(60)
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
