//! The size of values: 1 for each value, with all values inside it, and 1 for each hundred bytes of a string.

use async_graphql::{Name, Value as ConstValue, Variables, parser::types::ExecutableDocument};
use async_graphql_value::Value;

use super::measures::{Excess, Measure};

/// The bytes of a string that count as one value.
const TEXT: usize = 100;

/// Fails if the variables have too many values or are nested too deep. JSON is parsed up to a depth of 128.
pub fn check(variables: &Variables) -> Result<(), Excess> {
    let (sizes, depths): (Vec<_>, Vec<_>) = variables
        .values()
        .map(|value| (sent(value), depth(value)))
        .unzip();
    Measure::SENT_DEPTH.check(depths.into_iter().max().unwrap_or_default())?;
    Measure::SENT.check(sizes.into_iter().sum())
}

/// The values of the variables of a document.
pub struct Inputs<'d> {
    document: &'d ExecutableDocument,
    variables: &'d Variables,
}

impl<'d> Inputs<'d> {
    pub fn new(document: &'d ExecutableDocument, variables: &'d Variables) -> Self {
        Self {
            document,
            variables,
        }
    }

    /// Returns the possible values of a variable: the one that was sent, or its defaults in the operations.
    pub fn values_of(&self, name: &Name) -> Vec<&'d ConstValue> {
        if let Some(sent) = self.variables.get(name) {
            return vec![sent];
        }
        self.document
            .operations
            .iter()
            .flat_map(|(_, operation)| &operation.node.variable_definitions)
            .filter(|definition| definition.node.name.node == *name)
            .filter_map(|definition| definition.node.default_value.as_ref())
            .map(|default| &default.node)
            .collect()
    }

    /// Returns the size of a value in the document, with the values sent for its variables.
    pub fn size(&self, value: &Value) -> usize {
        match value {
            Value::Variable(name) => {
                let sizes = self.values_of(name).into_iter().map(sent);
                sizes.max().unwrap_or(1)
            }
            Value::String(text) => 1 + text.len() / TEXT,
            Value::List(items) => 1 + items.iter().map(|item| self.size(item)).sum::<usize>(),
            Value::Object(members) => {
                1 + members
                    .values()
                    .map(|member| self.size(member))
                    .sum::<usize>()
            }
            _ => 1,
        }
    }
}

/// Returns the size of a value sent for a variable.
fn sent(value: &ConstValue) -> usize {
    match value {
        ConstValue::String(text) => 1 + text.len() / TEXT,
        ConstValue::List(items) => 1 + items.iter().map(sent).sum::<usize>(),
        ConstValue::Object(members) => 1 + members.values().map(sent).sum::<usize>(),
        _ => 1,
    }
}

/// Returns the depth of lists and objects.
fn depth(value: &ConstValue) -> usize {
    match value {
        ConstValue::List(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        ConstValue::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}
