//! A document as it is executed: with the variables that were sent, and as async-graphql 7.2 needs it to do what the specification says.
//!
//! - A variable that was left out leaves the default of its place, or nothing (3.10, 6.4.1). async-graphql makes null of it, which would
//!   clear what is to stay as it is. So the argument or member that it stands for is taken out.
//! - A variable's own default counts in `@skip` and `@include`, too.
//! - A fragment without a type has the one that it is in. Otherwise validation takes fields of two of them for fields of one object.
//! - An object in which nothing is selected after all is empty (6.3.3): async-graphql makes null of it. So it has a [`PLACEHOLDER`], which
//!   is left out of the answer.
//! - A variable that only a `__typename` names is used. Validation does not look there.

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
use crate::graphql::schema_types::{self, TYPENAME};

/// The alias of the name of a type that keeps an object from being empty.
pub const PLACEHOLDER: &str = "__placeholder";

/// The variables that an operation names.
struct Named {
    anywhere: HashSet<Name>,
    /// Where validation looks.
    seen: HashSet<Name>,
}

/// Settles a document that keeps the rules, to execute the operation of this name, or its only one.
pub fn normalize(document: &mut ExecutableDocument, chosen: Option<&Name>, variables: &mut Variables) {
    write_out(document);
    let before = named(document);
    let absent = operations(document)
        .find(|(name, _)| name.as_ref() == chosen)
        .map(|(_, operation)| fill(operation, variables))
        .unwrap_or_default();
    if !absent.is_empty() {
        take_out(document, &absent);
    }
    let after = named(document);
    for (name, operation) in operations(document) {
        let (Some(before), Some(after)) = (before.get(&name), after.get(&name)) else {
            continue;
        };
        // One that nothing names from the beginning stays, and is refused.
        operation.variable_definitions.retain(|definition| {
            let name = &definition.node.name.node;
            after.seen.contains(name) || !before.anywhere.contains(name)
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

/// Of each operation that has variables, those that it names.
fn named(document: &ExecutableDocument) -> HashMap<Option<Name>, Named> {
    let operations = document.operations.iter();
    let with_variables =
        operations.filter(|(_, operation)| !operation.node.variable_definitions.is_empty());
    with_variables
        .map(|(name, operation)| (name.cloned(), Named::by(document, &operation.node)))
        .collect()
}

impl Named {
    fn by(document: &ExecutableDocument, operation: &OperationDefinition) -> Self {
        let expanded = Expanded::new(document, operation);
        let (mut anywhere, mut seen) = (HashSet::new(), HashSet::new());
        for argument in expanded.arguments() {
            name_variables(argument.value, &mut anywhere);
            if !argument.is_of_typename {
                name_variables(argument.value, &mut seen);
            }
        }
        Self { anywhere, seen }
    }
}

fn name_variables(value: &Value, names: &mut HashSet<Name>) {
    match value {
        Value::Variable(name) => {
            names.insert(name.clone());
        }
        Value::List(items) => items.iter().for_each(|item| name_variables(item, names)),
        Value::Object(members) => {
            let members = members.values();
            members.for_each(|member| name_variables(member, names));
        }
        _ => {}
    }
}

/// Gives variables that were left out their defaults. What has none is absent.
fn fill(operation: &OperationDefinition, variables: &mut Variables) -> HashSet<Name> {
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

/// Writes the types of fragments that have none, and placeholders where an object might be empty.
fn write_out(document: &mut ExecutableDocument) {
    for (_, operation) in operations(document) {
        let set = &mut operation.selection_set.node;
        write_out_in(set, schema_types::root(operation.ty));
        if operation.ty == OperationType::Query {
            hold(set);
        }
    }
    for fragment in document.fragments.values_mut().map(|one| &mut one.node) {
        let on = &fragment.type_condition.node.on.node;
        write_out_in(&mut fragment.selection_set.node, on);
    }
}

fn write_out_in(set: &mut SelectionSet, on: &str) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => {
                let of = schema_types::field_type(on, &field.node.name.node);
                let set = &mut field.node.selection_set.node;
                write_out_in(set, of.map_or("", schema_types::innermost));
                hold(set);
            }
            Selection::InlineFragment(fragment) => {
                let fragment = &mut fragment.node;
                let set = &mut fragment.selection_set.node;
                match &fragment.type_condition {
                    Some(condition) => write_out_in(set, &condition.node.on.node),
                    None => {
                        write_out_in(set, on);
                        fragment.type_condition = condition(on, selection.pos);
                    }
                }
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

/// Adds a placeholder to what is selected in an object, unless there is a field that is selected in any case.
fn hold(set: &mut SelectionSet) {
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

/// None for a type of introspection, of which no other is selected.
fn condition(on: &str, at: Pos) -> Option<Positioned<TypeCondition>> {
    let condition = TypeCondition {
        on: Positioned::new(Name::new(on), at),
    };
    (!on.is_empty()).then(|| Positioned::new(condition, at))
}

/// Takes the arguments and members out that absent variables stand for. An item of a list stays, as null.
fn take_out(document: &mut ExecutableDocument, absent: &HashSet<Name>) {
    let of_operations = operations(document).map(|(_, operation)| &mut operation.selection_set);
    of_operations.for_each(|set| take_out_in(&mut set.node, absent));
    for fragment in document.fragments.values_mut() {
        take_out_in(&mut fragment.node.selection_set.node, absent);
    }
}

fn take_out_in(set: &mut SelectionSet, absent: &HashSet<Name>) {
    for selection in &mut set.items {
        match &mut selection.node {
            Selection::Field(field) => {
                let arguments = &mut field.node.arguments;
                arguments.retain(|(_, value)| !is_absent(&value.node, absent));
                for (_, value) in arguments {
                    take_out_of(&mut value.node, absent);
                }
                take_out_in(&mut field.node.selection_set.node, absent);
            }
            Selection::InlineFragment(fragment) => {
                take_out_in(&mut fragment.node.selection_set.node, absent);
            }
            Selection::FragmentSpread(_) => {}
        }
    }
}

fn take_out_of(value: &mut Value, absent: &HashSet<Name>) {
    match value {
        Value::List(items) => items.iter_mut().for_each(|item| take_out_of(item, absent)),
        Value::Object(members) => {
            members.retain(|_, member| !is_absent(member, absent));
            members
                .values_mut()
                .for_each(|member| take_out_of(member, absent));
        }
        _ => {}
    }
}

fn is_absent(value: &Value, absent: &HashSet<Name>) -> bool {
    matches!(value, Value::Variable(name) if absent.contains(name))
}
