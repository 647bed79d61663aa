//! How long the lists of the schema can be.

use async_graphql::{Value as ConstValue, parser::types::Field};
use async_graphql_value::Value;
use exchange::{
    offers::MAX_GAMES,
    pagination::{DEFAULT_LIMIT, MAX_LIMIT},
};

use super::variables::Inputs;

/// What a count counts for, since it may read a whole list.
const COUNT: usize = 20;
/// The most that can be wrong with one input.
const USER_ERRORS: usize = 10;

/// How many values the field can have, each with all that is selected in it: one where it is no list.
pub fn max_length(field: &Field, inputs: &Inputs<'_>) -> usize {
    if let Some(ids) = field.get_argument("ids") {
        return match &ids.node {
            Value::List(ids) => ids.len(),
            Value::Variable(name) => longest(inputs.values_of(name)),
            _ => 1,
        };
    }
    let limits = ["first", "last", "limit"]
        .into_iter()
        .filter_map(|name| field.get_argument(name));
    if let Some(limit) = limits.map(|limit| rows(&limit.node, inputs)).max() {
        return limit;
    }
    match field.name.node.as_str() {
        "users" | "games" | "offers" | "offersSent" | "offersReceived" | "closedOffers" => {
            DEFAULT_LIMIT
        }
        "offeredGames" | "requestedGames" => MAX_GAMES,
        "userErrors" => USER_ERRORS,
        // Those of introspection are as long as they are on the average: the schema has so many types in all, and each
        // has its own fields, once.
        "types" => 100,
        "directives" => 8,
        "fields" => 4,
        _ => 1,
    }
}

/// What the field counts for itself, without what is selected in it.
pub fn own_cost(field: &Field) -> usize {
    match field.name.node.as_str() {
        "totalCount" => COUNT,
        _ => 1,
    }
}

/// Is it a list of introspection that leads from one type to others?
pub fn is_schema_list(field: &Field) -> bool {
    ["fields", "inputFields", "interfaces", "possibleTypes"].contains(&field.name.node.as_str())
}

/// The length of the longest list of them.
fn longest(lists: Vec<&ConstValue>) -> usize {
    let lengths = lists.into_iter().map(|list| match list {
        ConstValue::List(items) => items.len(),
        _ => 1,
    });
    lengths.max().unwrap_or(1)
}

/// How many rows a limit lets through.
fn rows(limit: &Value, inputs: &Inputs<'_>) -> usize {
    let candidates = match limit {
        Value::Variable(name) => inputs.values_of(name).into_iter().map(number).max(),
        Value::Number(number) => Some(number.as_u64()),
        _ => None,
    };
    let limit = candidates.flatten().and_then(|limit| limit.try_into().ok());
    limit.unwrap_or(MAX_LIMIT).min(MAX_LIMIT)
}

fn number(value: &ConstValue) -> Option<u64> {
    match value {
        ConstValue::Number(number) => number.as_u64(),
        _ => None,
    }
}
