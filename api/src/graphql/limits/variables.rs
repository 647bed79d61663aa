//! How much a value is: one for itself, one for each value in it, and one for each hundred bytes of a text.

use async_graphql::{Name, Value as ConstValue, Variables, parser::types::ExecutableDocument};
use async_graphql_value::Value;

use super::measures::{Excess, Measure};

/// Text up to so many bytes counts as one value.
const TEXT: usize = 100;

/// Fails where the variables are too many values, or too deep. The JSON they came in was at most 128 deep.
pub fn check(variables: &Variables) -> Result<(), Excess> {
    let (sizes, depths): (Vec<_>, Vec<_>) = variables
        .values()
        .map(|value| (sent(value), depth(value)))
        .unzip();
    Measure::SentDepth.check(depths.into_iter().max().unwrap_or_default())?;
    Measure::Sent.check(sizes.into_iter().sum())
}

/// What the variables of a document stand for.
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

    /// What a variable can be: what was sent, or what the operations have as its default.
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

    /// How much a value is that is written in the document; a variable as much as what was sent for it.
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

/// How much a value is that was sent for a variable.
fn sent(value: &ConstValue) -> usize {
    match value {
        ConstValue::String(text) => 1 + text.len() / TEXT,
        ConstValue::List(items) => 1 + items.iter().map(sent).sum::<usize>(),
        ConstValue::Object(members) => 1 + members.values().map(sent).sum::<usize>(),
        _ => 1,
    }
}

/// How many lists and objects are inside one another.
fn depth(value: &ConstValue) -> usize {
    match value {
        ConstValue::List(items) => 1 + items.iter().map(depth).max().unwrap_or_default(),
        ConstValue::Object(members) => 1 + members.values().map(depth).max().unwrap_or_default(),
        _ => 0,
    }
}
