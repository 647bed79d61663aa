//! The examples of bodies in `examples.json`, by the names of their schemas. They use the users and games of the demo,
//! so a request can be tried as it is. The description shows them, and [`super::extract`] takes valid values from them.

use std::{collections::HashMap, sync::LazyLock};

use serde_json::Value;

static EXAMPLES: LazyLock<HashMap<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("examples.json")).unwrap_or_default());

/// Returns the example of the schema with this name.
pub fn find(schema: &str) -> Option<Value> {
    EXAMPLES.get(schema).cloned()
}
