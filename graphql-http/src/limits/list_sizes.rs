//! The lengths of the lists of a schema, for the cost of a document.

use async_graphql::{Value as ConstValue, parser::types::Field};
use async_graphql_value::Value;

use super::variables::Inputs;

/// The arguments that limit the length of a page.
const PAGE_ARGUMENTS: [&str; 3] = ["first", "last", "limit"];

/// The sizes of the lists of a schema, by the names of their fields.
#[derive(Clone, Debug, Default)]
pub struct ListSizes {
    /// The lengths of lists without an argument for their length.
    pub lengths: &'static [(&'static str, usize)],
    /// The cost of fields that cost more than one value.
    pub costs: &'static [(&'static str, usize)],
    /// The longest page that an argument can ask for.
    pub max_page: usize,
}

impl ListSizes {
    /// Returns the most values that a field can have, each with all that is selected in it: 1 for a field that is not a
    /// list.
    pub(super) fn max_length(&self, field: &Field, inputs: &Inputs<'_>) -> usize {
        if let Some(ids) = field.get_argument("ids") {
            return match &ids.node {
                Value::List(ids) => ids.len(),
                Value::Variable(name) => longest(inputs.values_of(name)),
                _ => 1,
            };
        }
        let limits = PAGE_ARGUMENTS
            .into_iter()
            .filter_map(|name| field.get_argument(name));
        let page = limits.map(|limit| self.page(&limit.node, inputs)).max();
        page.unwrap_or_else(|| find(self.lengths, field))
    }

    /// Returns the cost of a field without what is selected in it.
    pub(super) fn own_cost(&self, field: &Field) -> usize {
        find(self.costs, field)
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

fn find(table: &[(&str, usize)], field: &Field) -> usize {
    let name = field.name.node.as_str();
    let entry = table.iter().find(|(listed, _)| *listed == name);
    entry.map_or(1, |(_, number)| *number)
}

fn longest(lists: Vec<&ConstValue>) -> usize {
    let lengths = lists.into_iter().map(|list| match list {
        ConstValue::List(items) => items.len(),
        _ => 1,
    });
    lengths.max().unwrap_or(1)
}

fn number(value: &ConstValue) -> Option<u64> {
    match value {
        ConstValue::Number(number) => number.as_u64(),
        _ => None,
    }
}
