//! Requests that are made to do harm, each with how it is to be refused. To add one, put it where its like is.

mod floods;
mod fragments;
mod texts;
mod values;

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

/// A body that is no request.
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

/// What each of these numbers gives, one behind the other.
fn each(times: usize, part: impl Fn(usize) -> String) -> String {
    (0..times).map(part).collect::<Vec<_>>().join(" ")
}
