//! Rules of the specification that async-graphql 7.2 does not hold to (docs/upstream.md has each as it is reported): fields that contradict
//! each other ([`overlaps`]), values ([`inputs`]) and variables ([`usages`]) of another type than their place, what is asked of
//! `__typename`, and directives of variables.
//!
//! clients/graphql/judged.mjs has graphql-js judge the documents that the tests have judged here.

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
    expanded::{Expanded, Given, Selected},
    inputs::Origin,
    usages::Defined,
};
use super::invalid;
use crate::graphql::{rejection::Rejection, types::TYPENAME};

/// Fails where the document does not keep the rules, also in an operation that is not to be run.
pub fn check(document: &ExecutableDocument) -> Result<(), Rejection> {
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
        .try_for_each(|(_, operation)| check_operation(document, &operation.node))
}

fn check_operation(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
) -> Result<(), Rejection> {
    let expanded = Expanded::new(document, operation);
    check_typename(&expanded)?;
    for definition in &operation.variable_definitions {
        check_definition(&definition.node)?;
    }
    let defined = Defined::by(operation)?;
    for argument in expanded.arguments() {
        check_argument(&argument, &defined)?;
    }
    check_names(&expanded)?;
    overlaps::check(&expanded)
}

fn check_argument(argument: &Given<'_>, defined: &Defined<'_>) -> Result<(), Rejection> {
    let named = format!("The argument `{}`", argument.name);
    let refuse = |message: String| invalid(&message, Some(argument.at));
    // What has no variable in it is left to validation, which suggests another name.
    if argument.is_unknown && argument.value.clone().into_const().is_none() {
        return Err(refuse(format!("{named} does not exist.")));
    }
    let Some(place) = argument.place else {
        return Ok(());
    };
    inputs::check(&named, argument.value, &place.of, Origin::Document).map_err(refuse)?;
    defined.check(argument.value, place).map_err(refuse)
}

/// Fails where a field has an argument twice. Validation would not see it where both are taken out.
fn check_names(expanded: &Expanded<'_>) -> Result<(), Rejection> {
    for Selected { field, .. } in &expanded.fields {
        let arguments = &field.node.arguments;
        let names: HashSet<_> = arguments.iter().map(|(name, _)| &name.node).collect();
        if names.len() < arguments.len() {
            let message = format!(
                "The field `{}` has an argument twice. Leave one of them out.",
                field.node.name.node
            );
            return Err(invalid(&message, Some(field.pos)));
        }
    }
    Ok(())
}

/// No directive of ours is for variables, and a default must be of the variable's type.
fn check_definition(definition: &VariableDefinition) -> Result<(), Rejection> {
    let name = &definition.name.node;
    if let Some(directive) = definition.directives.first() {
        let directive_name = &directive.node.name.node;
        let message = format!(
            "The variable `${name}` has the directive `@{directive_name}`, which is not for variables."
        );
        return Err(invalid(&message, Some(directive.pos)));
    }
    let Some(default) = &definition.default_value else {
        return Ok(());
    };
    let place = format!("The default of `${name}`");
    let value = default.node.clone().into_value();
    inputs::check(&place, &value, &definition.var_type.node, Origin::Document)
        .map_err(|message| invalid(&message, Some(default.pos)))
}

/// async-graphql does not look at these fields.
fn check_typename(expanded: &Expanded<'_>) -> Result<(), Rejection> {
    let names = expanded.fields.iter().map(|Selected { field, .. }| field);
    for field in names.filter(|field| field.node.name.node == TYPENAME) {
        let selection = &field.node.selection_set.node.items;
        if !field.node.arguments.is_empty() || !selection.is_empty() {
            let message = "The field `__typename` is a text: it has neither arguments nor fields.";
            return Err(invalid(message, Some(field.pos)));
        }
        check_directives(&field.node.directives, field.pos)?;
    }
    Ok(())
}

/// Fails unless each directive is one that a field can have, once, with its argument.
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
    let message =
        "The field `__typename` takes the directives `@skip(if:)` and `@include(if:)`, each once.";
    is_valid
        .then_some(())
        .ok_or_else(|| invalid(message, Some(at)))
}
