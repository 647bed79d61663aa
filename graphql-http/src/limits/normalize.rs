//! Rewrites a document and its variables so that async-graphql 7.2 executes them as the specification says.
//! docs/upstream.md has each deviation.
//!
//! - An argument or member with a variable that was not sent is removed, so that it has its default or none (3.10,
//!   6.4.1). async-graphql makes it null, which would clear a value that should stay.
//! - The default of a variable is sent as its value, so that it counts in `@skip` and `@include`.
//! - A fragment without a type condition gets the type around it. Otherwise validation confuses fields of different
//!   objects.
//! - An object whose fields may all be skipped gets a [`PLACEHOLDER`], which the response leaves out. async-graphql
//!   makes null of an object without fields, which should be empty (6.3.3).
//! - The definition of a variable that only `__typename` uses is removed: validation does not visit that field and
//!   finds the variable unused.

use std::{
    collections::{HashMap, HashSet},
    iter,
};

use async_graphql::{
    Name, Pos, Positioned, Variables,
    parser::types::{
        DocumentOperations, ExecutableDocument, Field, OperationDefinition, OperationType,
        Selection, SelectionSet, TypeCondition,
    },
};
use async_graphql_value::Value;

use super::rules::expanded::Expanded;
use crate::schema_types::{self, SchemaTypes, TYPENAME};

/// The alias of a `__typename` that keeps an object from being empty.
pub const PLACEHOLDER: &str = "__placeholder";

/// The variables that an operation uses.
struct Used {
    anywhere: HashSet<Name>,
    /// Used in places that validation visits.
    visited: HashSet<Name>,
}

/// Normalizes a valid document, in which the operation of this name, or the only one, is executed.
pub fn normalize(
    document: &mut ExecutableDocument,
    types: &SchemaTypes,
    chosen: Option<&Name>,
    variables: &mut Variables,
) {
    complete(document, types);
    let before = used(document, types);
    let absent = operations(document)
        .find(|(name, _)| name.as_ref() == chosen)
        .map(|(_, operation)| add_defaults(operation, variables))
        .unwrap_or_default();
    if !absent.is_empty() {
        remove_absent(document, &absent);
    }
    let after = used(document, types);
    for (name, operation) in operations(document) {
        let (Some(before), Some(after)) = (before.get(&name), after.get(&name)) else {
            continue;
        };
        // A variable that was unused from the beginning stays, so that validation rejects it.
        operation.variable_definitions.retain(|definition| {
            let name = &definition.node.name.node;
            after.visited.contains(name) || !before.anywhere.contains(name)
        });
    }
}

fn operations(
    document: &mut ExecutableDocument,
) -> Box<dyn Iterator<Item = (Option<Name>, &mut OperationDefinition)> + '_> {
    match &mut document.operations {
        DocumentOperations::Single(operation) => Box::new(iter::once((None, &mut operation.node))),
        DocumentOperations::Multiple(named) => {
            let named = named.iter_mut();
            Box::new(named.map(|(name, operation)| (Some(name.clone()), &mut operation.node)))
        }
    }
}

/// Returns the variables that each operation with variables uses.
fn used(document: &ExecutableDocument, types: &SchemaTypes) -> HashMap<Option<Name>, Used> {
    let operations = document.operations.iter();
    let with_variables =
        operations.filter(|(_, operation)| !operation.node.variable_definitions.is_empty());
    with_variables
        .map(|(name, operation)| {
            let used = Used::new(document, types, &operation.node);
            (name.cloned(), used)
        })
        .collect()
}

impl Used {
    fn new(
        document: &ExecutableDocument,
        types: &SchemaTypes,
        operation: &OperationDefinition,
    ) -> Self {
        let expanded = Expanded::new(document, types, operation);
        let (mut anywhere, mut visited) = (HashSet::new(), HashSet::new());
        for argument in expanded.arguments() {
            collect_variables(argument.value, &mut anywhere);
            if !argument.is_on_typename {
                collect_variables(argument.value, &mut visited);
            }
        }
        Self { anywhere, visited }
    }
}

fn collect_variables(value: &Value, names: &mut HashSet<Name>) {
    match value {
        Value::Variable(name) => {
            names.insert(name.clone());
        }
        Value::List(items) => items.iter().for_each(|item| collect_variables(item, names)),
        Value::Object(members) => {
            let members = members.values();
            members.for_each(|member| collect_variables(member, names));
        }
        _ => {}
    }
}

/// Adds the defaults of variables that were not sent. Returns those without one.
fn add_defaults(operation: &OperationDefinition, variables: &mut Variables) -> HashSet<Name> {
    let mut absent = HashSet::new();
    for definition in operation.variable_definitions.iter().map(|one| &one.node) {
        let name = &definition.name.node;
        if variables.contains_key(name) {
            continue;
        }
        if let Some(default) = &definition.default_value {
            variables.insert(name.clone(), default.node.clone());
        } else {
            absent.insert(name.clone());
        }
    }
    absent
}

/// Adds the types of fragments without one, and placeholders to objects that may be empty.
fn complete(document: &mut ExecutableDocument, types: &SchemaTypes) {
    for (_, operation) in operations(document) {
        let set = &mut operation.selection_set.node;
        complete_set(set, types, schema_types::root(operation.ty));
        if operation.ty == OperationType::Query {
            add_placeholder(set);
        }
    }
    for fragment in document.fragments.values_mut().map(|one| &mut one.node) {
        let on = &fragment.type_condition.node.on.node;
        complete_set(&mut fragment.selection_set.node, types, on);
    }
}

fn complete_set(set: &mut SelectionSet, types: &SchemaTypes, parent: &str) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => {
                let field_type = types.field_type(parent, &field.node.name.node);
                let set = &mut field.node.selection_set.node;
                complete_set(set, types, field_type.map_or("", schema_types::innermost));
                add_placeholder(set);
            }
            Selection::InlineFragment(fragment) => {
                let fragment = &mut fragment.node;
                let set = &mut fragment.selection_set.node;
                match &fragment.type_condition {
                    Some(condition) => complete_set(set, types, &condition.node.on.node),
                    None => {
                        complete_set(set, types, parent);
                        fragment.type_condition = condition(parent, selection.pos);
                    }
                }
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

/// Adds a placeholder to a selection set, unless it has a field that cannot be skipped.
fn add_placeholder(set: &mut SelectionSet) {
    let is_certain = |selection: &Selection| matches!(selection, Selection::Field(field) if field.node.directives.is_empty());
    let Some(last) = set.items.last() else {
        return;
    };
    if !set.items.iter().any(|one| is_certain(&one.node)) {
        let name = |name| Positioned::new(Name::new(name), last.pos);
        let field = Field {
            alias: Some(name(PLACEHOLDER)),
            name: name(TYPENAME),
            arguments: Vec::new(),
            directives: Vec::new(),
            selection_set: Positioned::default(),
        };
        let field = Selection::Field(Positioned::new(field, last.pos));
        set.items.push(Positioned::new(field, last.pos));
    }
}

/// Creates the condition on a type. `None` in introspection, whose types have no name here.
fn condition(on: &str, at: Pos) -> Option<Positioned<TypeCondition>> {
    let condition = TypeCondition {
        on: Positioned::new(Name::new(on), at),
    };
    (!on.is_empty()).then(|| Positioned::new(condition, at))
}

/// Removes the arguments and members that are absent variables. An item of a list stays, as null.
fn remove_absent(document: &mut ExecutableDocument, absent: &HashSet<Name>) {
    let of_operations = operations(document).map(|(_, operation)| &mut operation.selection_set);
    of_operations.for_each(|set| remove_absent_in_set(&mut set.node, absent));
    for fragment in document.fragments.values_mut() {
        remove_absent_in_set(&mut fragment.node.selection_set.node, absent);
    }
}

fn remove_absent_in_set(set: &mut SelectionSet, absent: &HashSet<Name>) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => {
                let arguments = &mut field.node.arguments;
                arguments.retain(|(_, value)| !is_absent(&value.node, absent));
                for (_, value) in arguments {
                    remove_absent_in_value(&mut value.node, absent);
                }
                remove_absent_in_set(&mut field.node.selection_set.node, absent);
            }
            Selection::InlineFragment(fragment) => {
                remove_absent_in_set(&mut fragment.node.selection_set.node, absent);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn remove_absent_in_value(value: &mut Value, absent: &HashSet<Name>) {
    match value {
        Value::List(items) => items
            .iter_mut()
            .for_each(|item| remove_absent_in_value(item, absent)),
        Value::Object(members) => {
            members.retain(|_, member| !is_absent(member, absent));
            members
                .values_mut()
                .for_each(|member| remove_absent_in_value(member, absent));
        }
        _ => {}
    }
}

fn is_absent(value: &Value, absent: &HashSet<Name>) -> bool {
    matches!(value, Value::Variable(name) if absent.contains(name))
}
