//! How long the lists of the schema can be.

use async_graphql::{Name, Value, Variables, parser::types::Field};

use crate::exchange::{
    offers::MAX_GAMES,
    page::{DEFAULT_LIMIT, MAX_LIMIT},
};

/// The most that can be wrong with one input.
const USER_ERRORS: usize = 10;

/// How many values the field can have, each with all that is selected in it: one where it is no list.
pub fn of(field: &Field, variables: &Variables) -> usize {
    if let Some(ids) = field.get_argument("ids") {
        return match &ids.node {
            async_graphql_value::Value::List(ids) => ids.len(),
            async_graphql_value::Value::Variable(name) => match variables.get(name) {
                Some(Value::List(ids)) => ids.len(),
                Some(_) => 1,
                // What is not sent may have a default in the document.
                None => MAX_LIMIT,
            },
            _ => 1,
        };
    }
    let limit = ["first", "last", "limit"]
        .into_iter()
        .find_map(|name| field.get_argument(name));
    if let Some(limit) = limit {
        let sent = |name: Name| variables.get(&name).cloned().ok_or(());
        let limit = match limit.node.clone().into_const_with(sent) {
            Ok(Value::Number(limit)) => limit.as_u64().and_then(|limit| limit.try_into().ok()),
            _ => None,
        };
        return limit.unwrap_or(MAX_LIMIT).min(MAX_LIMIT);
    }
    match field.name.node.as_str() {
        "users" | "games" | "offers" | "offersSent" | "offersReceived" => DEFAULT_LIMIT,
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

/// Is it a list of introspection that leads from one type to others?
pub fn of_schema(field: &Field) -> bool {
    ["fields", "inputFields", "interfaces", "possibleTypes"].contains(&field.name.node.as_str())
}
