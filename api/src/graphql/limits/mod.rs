//! Weighs a document before anything of it runs, and refuses what would cost too much.
//!
//! async-graphql expands fragments again at each spread, before its own limits: a few hundred bytes can keep it busy
//! for hours. So a document passes here first, whatever way it came: its tokens are counted before it is parsed
//! ([`lexer`]), it is parsed once, each fragment is measured once ([`cost`]), and only a document within all
//! [`measures`] goes on. The time taken is linear in the document's length. Then it must keep the [`rules`] of the specification that
//! async-graphql does not know, and is [`normalize`] with its variables. What was admitted is neither parsed nor judged by the rules
//! again when it comes again ([`document_cache`]); it is measured again, since its cost depends on the variables.
//!
//! To limit something new, add a [`measures::Measure`], and count it on the [`cost`]. A field of the schema that is a list
//! has its size in [`list_sizes`].

mod document_cache;
mod measures;
mod rules;
mod cost;
mod normalize;
mod list_sizes;
mod lexer;
mod variables;

use std::sync::Arc;

use async_graphql::{
    Name, Pos, Value, Variables,
    parser::{
        self,
        types::{
            DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
            VariableDefinition,
        },
    },
};

pub use self::normalize::PLACEHOLDER;
use self::{
    document_cache::DocumentCache,
    measures::{Excess, Measure},
    rules::inputs::{self, Origin},
    cost::CostVisitor,
};
use super::{rejection::Rejection, schema::errors::INVALID_DOCUMENT, schema_types};

/// The most values of an answer that is not expensive.
const EXPENSIVE: usize = 10_000;

/// Who lets documents in.
#[derive(Clone, Debug)]
pub struct Limits {
    documents: DocumentCache,
    /// May clients ask for the schema?
    introspection: bool,
}

/// A document that may run.
#[derive(Debug)]
pub struct CheckedDocument {
    pub document: ExecutableDocument,
    /// The variables that it runs with.
    pub variables: Variables,
    /// What the operation to be run is.
    pub operation: OperationType,
    /// What the document may cost, as answers report it in `extensions`.
    pub cost: Value,
    /// May its answer be so large that few should be resolved at once?
    pub is_expensive: bool,
}

impl Limits {
    /// Learns the types of the schema now: the first request would wait for them.
    pub fn new(introspection: bool) -> Self {
        schema_types::load();
        Self {
            documents: DocumentCache::new(),
            introspection,
        }
    }

    /// Parses the document and weighs it, and finds the operation to be run.
    pub fn check(
        &self,
        query: &str,
        operation_name: Option<&str>,
        variables: &Variables,
    ) -> Result<CheckedDocument, Rejection> {
        let tokens = lexer::count(query)?;
        variables::check(variables)?;
        let kept = self.documents.get(query);
        let is_new = kept.is_none();
        let document = match kept {
            Some(document) => document,
            None => Arc::new(parse(query)?),
        };
        let mut scale = CostVisitor::new(&document, variables);
        let measured = scale.document();
        tracing::debug!(tokens, visits = scale.visits(), "measured a document");
        let cost = measured?;
        if let (false, Some(at)) = (self.introspection, scale.introspection()) {
            return Err(Rejection::document(
                "introspection_disabled",
                "The schema is not told here. Read it in the documentation, or ask on an instance with GRAPHQL_INTROSPECTION=true.",
                Some(at),
            ));
        }
        let (name, operation) = operation(&document.operations, operation_name)?;
        check_variable_types(&document.operations)?;
        if is_new {
            lexer::check_syntax(query)?;
            rules::check(&document)?;
        }
        check_variable_values(operation, variables)?;
        let (name, operation) = (name.cloned(), operation.ty);
        if is_new {
            self.documents.keep(query, &document, tokens);
        }
        let (mut document, mut variables) = (Arc::unwrap_or_clone(document), variables.clone());
        normalize::normalize(&mut document, name.as_ref(), &mut variables);
        Ok(CheckedDocument {
            document,
            variables,
            operation,
            cost: measures::report(Measure::Cost, cost),
            is_expensive: cost > EXPENSIVE,
        })
    }
}

fn parse(query: &str) -> Result<ExecutableDocument, Rejection> {
    parser::parse_query(query).map_err(|fault| match fault {
        parser::Error::RecursionLimitExceeded => Excess::at_least(Measure::Brackets).into(),
        _ => Rejection::document(
            "graphql_parse_failed",
            fault.to_string(),
            fault.positions().next(),
        ),
    })
}

/// The operation of this name, or the only one, and its name.
pub fn operation<'d>(
    operations: &'d DocumentOperations,
    name: Option<&str>,
) -> Result<(Option<&'d Name>, &'d OperationDefinition), Rejection> {
    let mut all = operations.iter();
    let chosen = match name {
        Some(name) => all.find(|(own, _)| own.is_some_and(|own| own == name)),
        None if all.len() > 1 => {
            return Err(invalid(
                "The document has several operations: say which to run, as `operationName`.",
                None,
            ));
        }
        None => all.next(),
    };
    let missing = || {
        invalid(
            "The document has no operation of the name in `operationName`.",
            None,
        )
    };
    chosen
        .map(|(name, operation)| (name, &operation.node))
        .ok_or_else(missing)
}

/// Refuses variables of unknown types, which make validation panic where they are lists with a default.
fn check_variable_types(operations: &DocumentOperations) -> Result<(), Rejection> {
    let definitions = operations
        .iter()
        .flat_map(|(_, operation)| &operation.node.variable_definitions);
    for definition in definitions {
        let VariableDefinition { name, var_type, .. } = &definition.node;
        let of = schema_types::innermost(&var_type.node);
        if schema_types::input(of).is_none() {
            let message = format!(
                "The variable `${}` is of `{of}`, which is no input type.",
                name.node
            );
            return Err(invalid(&message, Some(definition.pos)));
        }
    }
    Ok(())
}

/// Refuses variables that are missing, or of another type than theirs: the executor would find out field by field, some of them done.
fn check_variable_values(operation: &OperationDefinition, variables: &Variables) -> Result<(), Rejection> {
    for definition in &operation.variable_definitions {
        let VariableDefinition {
            name,
            var_type,
            default_value,
            ..
        } = &definition.node;
        let refuse = |message: String| invalid(&message, Some(definition.pos));
        let Some(sent) = variables.get(&name.node) else {
            if var_type.node.nullable || default_value.is_some() {
                continue;
            }
            return Err(refuse(format!(
                "The variable `${}` is missing: it is a {}.",
                name.node, var_type.node
            )));
        };
        let place = format!("The variable `${}`", name.node);
        let sent = sent.clone().into_value();
        inputs::check(&place, &sent, &var_type.node, Origin::Variable).map_err(refuse)?;
    }
    Ok(())
}

fn invalid(message: &str, at: Option<Pos>) -> Rejection {
    Rejection::document(INVALID_DOCUMENT, message, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_admitted_is_not_parsed_again() {
        let limits = Limits::new(true);
        let admitted = "{ viewer { name } }";
        let refused = [
            "query($a: Int!) { viewer { name } }",
            "{ viewer { a: name a: id } }",
        ];
        for query in [admitted].into_iter().chain(refused) {
            let is_admitted = limits.check(query, None, &Variables::default()).is_ok();
            assert_eq!(is_admitted, query == admitted);
            assert_eq!(limits.documents.get(query).is_some(), is_admitted);
        }
    }
}
