//! Validation rules of the specification that async-graphql 7.2 does not implement: conflicts of fields ([`overlaps`]),
//! types of values ([`inputs`]) and of variables ([`usages`]), selections on `__typename`, and directives on variables.
//! docs/upstream.md has each as it is reported.
//!
//! clients/graphql/judged.mjs validates the documents of the tests with graphql-js.

pub mod expanded;
pub mod inputs;
mod overlaps;
mod usages;

use std::collections::HashSet;

use async_graphql::{
    Pos, Positioned,
    parser::types::{Directive, ExecutableDocument, OperationDefinition, VariableDefinition},
};

use self::{
    expanded::{Argument, Expanded, Selected},
    inputs::Origin,
    usages::Defined,
};
use super::invalid;
use crate::{
    Rejection,
    schema_types::{SchemaTypes, TYPENAME},
};

/// Validates all operations of a document, whichever is executed.
pub fn check(document: &ExecutableDocument, types: &SchemaTypes) -> Result<(), Rejection> {
    if let Some(fragment) = document.fragments.get("on") {
        return Err(invalid(
            "A fragment cannot be named `on`.",
            Some(fragment.pos),
        ));
    }
    let mut operations: Vec<_> = document.operations.iter().collect();
    operations.sort_by_key(|(_, operation)| operation.pos);
    operations
        .iter()
        .try_for_each(|(_, operation)| check_operation(document, types, &operation.node))
}

fn check_operation(
    document: &ExecutableDocument,
    types: &SchemaTypes,
    operation: &OperationDefinition,
) -> Result<(), Rejection> {
    let expanded = Expanded::new(document, types, operation);
    check_typename(&expanded)?;
    for definition in &operation.variable_definitions {
        check_definition(types, &definition.node)?;
    }
    let defined = Defined::new(types, operation)?;
    for argument in expanded.arguments() {
        check_argument(types, &argument, &defined)?;
    }
    check_names(&expanded)?;
    overlaps::check(&expanded)
}

fn check_argument(
    types: &SchemaTypes,
    argument: &Argument<'_>,
    defined: &Defined<'_>,
) -> Result<(), Rejection> {
    let named = format!("The argument `{}`", argument.name);
    let reject = |message: String| invalid(&message, Some(argument.at));
    // Validation of async-graphql reports an argument without variables, and suggests another name.
    if argument.is_unknown && argument.value.clone().into_const().is_none() {
        return Err(reject(format!("{named} does not exist.")));
    }
    let Some(slot) = argument.slot else {
        return Ok(());
    };
    inputs::check(
        types,
        &named,
        argument.value,
        &slot.value_type,
        Origin::Document,
    )
    .map_err(reject)?;
    defined.check(argument.value, slot).map_err(reject)
}

/// Fails if a field repeats an argument. Validation of async-graphql would miss it where [`super::normalize`] removes
/// both.
fn check_names(expanded: &Expanded<'_>) -> Result<(), Rejection> {
    for Selected { field, .. } in &expanded.fields {
        let arguments = &field.node.arguments;
        let names: HashSet<_> = arguments.iter().map(|(name, _)| &name.node).collect();
        if names.len() < arguments.len() {
            let message = format!(
                "The field `{}` repeats an argument. Remove one of them.",
                field.node.name.node
            );
            return Err(invalid(&message, Some(field.pos)));
        }
    }
    Ok(())
}

/// Fails if a variable has a default of another type, or a directive: the schemas define none for variables.
fn check_definition(types: &SchemaTypes, definition: &VariableDefinition) -> Result<(), Rejection> {
    let name = &definition.name.node;
    if let Some(directive) = definition.directives.first() {
        let directive_name = &directive.node.name.node;
        let message = format!(
            "The variable `${name}` has the directive `@{directive_name}`, which is not allowed on variables."
        );
        return Err(invalid(&message, Some(directive.pos)));
    }
    let Some(default) = &definition.default_value else {
        return Ok(());
    };
    let place = format!("The default of `${name}`");
    let value = default.node.clone().into_value();
    inputs::check(
        types,
        &place,
        &value,
        &definition.var_type.node,
        Origin::Document,
    )
    .map_err(|message| invalid(&message, Some(default.pos)))
}

/// Checks the arguments, subfields and directives of `__typename`, which async-graphql does not validate.
fn check_typename(expanded: &Expanded<'_>) -> Result<(), Rejection> {
    let names = expanded.fields.iter().map(|Selected { field, .. }| field);
    for field in names.filter(|field| field.node.name.node == TYPENAME) {
        let selection = &field.node.selection_set.node.items;
        if !field.node.arguments.is_empty() || !selection.is_empty() {
            let message =
                "The field `__typename` is a string. It has neither arguments nor fields.";
            return Err(invalid(message, Some(field.pos)));
        }
        check_directives(&field.node.directives, field.pos)?;
    }
    Ok(())
}

/// Fails unless the directives are `@skip` and `@include`, each at most once and with its argument.
fn check_directives(directives: &[Positioned<Directive>], at: Pos) -> Result<(), Rejection> {
    let times = |name: &str| {
        let of_name = directives.iter().filter(|one| one.node.name.node == name);
        of_name.count()
    };
    let is_condition = |directive: &Directive| {
        directive.arguments.len() == 1 && directive.get_argument("if").is_some()
    };
    let is_known = times("skip") + times("include") == directives.len();
    let is_valid = is_known
        && times("skip") < 2
        && times("include") < 2
        && directives.iter().all(|one| is_condition(&one.node));
    let message = "The field `__typename` allows the directives `@skip(if:)` and `@include(if:)`, each at most once.";
    is_valid
        .then_some(())
        .ok_or_else(|| invalid(message, Some(at)))
}
