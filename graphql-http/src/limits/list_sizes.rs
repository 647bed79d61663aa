//! The number of values that a field may have, for the cost of a document.

use std::sync::Arc;

use async_graphql::{
    Value as ConstValue,
    parser::types::{BaseType, Field},
};
use async_graphql_value::Value;

use super::variables::Inputs;
use crate::schema_types::SchemaTypes;

/// The lengths of the lists of introspection. Each type is listed once with its own fields, so these are averages.
const INTROSPECTION: [(&str, usize); 3] = [("types", 100), ("directives", 8), ("fields", 4)];

/// The sizes of the fields of a schema.
#[derive(Clone, Debug)]
pub struct FieldSizes {
    pub types: Arc<SchemaTypes>,
    /// The longest list that an argument can ask for.
    pub max_page: usize,
    /// The cost of fields that cost more than one value, by name.
    pub costs: &'static [(&'static str, usize)],
}

impl FieldSizes {
    /// Returns the most values that a field of the type `parent` can have, each with all that is selected in it: 1 for a
    /// field that is not a list.
    pub fn max_length(&self, parent: &str, field: &Field, inputs: &Inputs<'_>) -> usize {
        let name = field.name.node.as_str();
        let Some(arguments) = self.types.arguments(parent, name) else {
            return find(&INTROSPECTION, name);
        };
        let Some(length) = self.types.list_length(parent, name) else {
            return 1;
        };
        let slices = length.slicing_arguments.iter().filter_map(|name| {
            let value = &field.get_argument(name)?.node;
            Some(match &arguments.get(name.as_str())?.value_type.base {
                BaseType::List(_) => longest(value, inputs),
                BaseType::Named(_) => self.page(value, inputs),
            })
        });
        slices.max().or(length.assumed).unwrap_or(1)
    }

    /// Returns the cost of a field without what is selected in it.
    pub fn own_cost(&self, field: &Field) -> usize {
        find(self.costs, &field.name.node)
    }

    /// Returns the number of rows that a limit allows.
    fn page(&self, limit: &Value, inputs: &Inputs<'_>) -> usize {
        let candidates = match limit {
            Value::Variable(name) => inputs.values_of(name).into_iter().map(number).max(),
            Value::Number(number) => Some(number.as_u64()),
            _ => None,
        };
        let limit = candidates.flatten().and_then(|limit| limit.try_into().ok());
        limit.unwrap_or(self.max_page).min(self.max_page)
    }
}

/// Returns true for a list of introspection that leads from one type to others.
pub fn is_schema_list(field: &Field) -> bool {
    ["fields", "inputFields", "interfaces", "possibleTypes"].contains(&field.name.node.as_str())
}

fn find(table: &[(&str, usize)], name: &str) -> usize {
    let entry = table.iter().find(|(listed, _)| *listed == name);
    entry.map_or(1, |(_, number)| *number)
}

/// Returns the length of a list in an argument.
fn longest(list: &Value, inputs: &Inputs<'_>) -> usize {
    match list {
        Value::List(items) => items.len(),
        Value::Variable(name) => {
            let lengths = inputs.values_of(name).into_iter().map(|list| match list {
                ConstValue::List(items) => items.len(),
                _ => 1,
            });
            lengths.max().unwrap_or(1)
        }
        _ => 1,
    }
}

fn number(value: &ConstValue) -> Option<u64> {
    match value {
        ConstValue::Number(number) => number.as_u64(),
        _ => None,
    }
}
