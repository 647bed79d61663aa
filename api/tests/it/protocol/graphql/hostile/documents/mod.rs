//! Hostile requests, each with its expected refusal. To add one, put it in the file of its kind.

mod floods;
mod fragments;
mod texts;
mod values;

use serde_json::{Value, json};

/// A request that must be refused.
pub struct Hostile {
    pub name: &'static str,
    /// The body of the POST.
    pub body: String,
    pub code: &'static str,
    /// The limit that it exceeds, if that is the reason.
    pub measure: Option<&'static str>,
}

const FAILED: &str = "graphql_validation_failed";
const UNREADABLE: &str = "graphql_parse_failed";
const COMPLEX: &str = "too_complex";
const DEEP: &str = "too_deep";

/// Returns all hostile requests.
pub fn all() -> Vec<Hostile> {
    [
        fragments::fragments(),
        fragments::overlaps(),
        floods::floods(),
        floods::directives(),
        floods::lists(),
        floods::operations(),
        values::values(),
        values::depths(),
        texts::texts(),
        texts::unknowns(),
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

/// Builds a body that is not a GraphQL request.
fn malformed(name: &'static str, code: &'static str, body: String) -> Hostile {
    Hostile {
        name,
        body,
        code,
        measure: None,
    }
}

fn nested(opening: &str, times: usize, core: &str, closing: &str) -> String {
    format!("{}{core}{}", opening.repeat(times), closing.repeat(times))
}

/// Concatenates `part` for each number below `times`.
fn each(times: usize, part: impl Fn(usize) -> String) -> String {
    (0..times).map(part).collect::<Vec<_>>().join(" ")
}
