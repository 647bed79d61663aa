//! Weighs a document before anything of it runs, and refuses what would cost too much.
//!
//! async-graphql expands fragments again at each spread, before its own limits: a few hundred bytes can keep it busy
//! for hours. So a document passes here first, whatever way it came: its tokens are counted before it is parsed
//! ([`tokens`]), it is parsed once, each fragment is weighed once ([`scale`]), and only a document within all
//! [`limits`] goes on, as it was parsed. The time taken is linear in the document's length. What was admitted is not parsed
//! again when it comes again ([`documents`]); it is weighed again, since its cost depends on the variables.
//!
//! To limit something new, add a [`limits::Measure`], and count it on the [`scale`]. A field of the schema that is a list
//! has its size in [`sizes`].

mod documents;
mod limits;
mod scale;
mod sizes;
mod tokens;
mod values;

use std::sync::Arc;

use async_graphql::{
    Pos, Value, Variables,
    parser::{
        self,
        types::{
            DocumentOperations, ExecutableDocument, OperationDefinition, OperationType,
            VariableDefinition,
        },
    },
};

use self::{
    documents::Documents,
    limits::{Excess, Measure},
    scale::Scale,
};
use super::{errors::INVALID_DOCUMENT, refusal::Refusal, types};

/// Who lets documents in.
#[derive(Clone, Debug)]
pub struct Guard {
    documents: Documents,
    /// May clients ask for the schema?
    introspection: bool,
}

/// A document that may run.
#[derive(Debug)]
pub struct Admitted {
    pub document: Arc<ExecutableDocument>,
    /// What the operation to be run is.
    pub operation: OperationType,
    /// What the document may cost, as answers report it in `extensions`.
    pub cost: Value,
}

impl Guard {
    /// Learns the types of the schema now: the first request would wait for them.
    pub fn new(introspection: bool) -> Self {
        types::learn();
        Self {
            documents: Documents::new(),
            introspection,
        }
    }

    /// Parses the document and weighs it, and finds the operation to be run.
    pub fn admit(
        &self,
        query: &str,
        operation_name: Option<&str>,
        variables: &Variables,
    ) -> Result<Admitted, Refusal> {
        let tokens = tokens::count(query)?;
        values::within(variables)?;
        let kept = self.documents.get(query);
        let is_new = kept.is_none();
        let document = match kept {
            Some(document) => document,
            None => Arc::new(parse(query)?),
        };
        let mut scale = Scale::new(&document, variables);
        let weighed = scale.document();
        tracing::debug!(tokens, visits = scale.visits(), "weighed a document");
        let cost = weighed?;
        if let (false, Some(at)) = (self.introspection, scale.introspection()) {
            return Err(Refusal::document(
                "introspection_disabled",
                "The schema is not told here. Read it in the documentation, or ask on an instance with GRAPHQL_INTROSPECTION=true.",
                Some(at),
            ));
        }
        let operation = operation(&document.operations, operation_name)?;
        refuse_variables(&document.operations, operation, variables)?;
        let operation = operation.ty;
        if is_new {
            self.documents.keep(query, &document, tokens);
        }
        Ok(Admitted {
            document,
            operation,
            cost: limits::report(Measure::Cost, cost),
        })
    }
}

fn parse(query: &str) -> Result<ExecutableDocument, Refusal> {
    parser::parse_query(query).map_err(|fault| match fault {
        parser::Error::RecursionLimitExceeded => Excess::at_least(Measure::Brackets).into(),
        _ => Refusal::document(
            "graphql_parse_failed",
            fault.to_string(),
            fault.positions().next(),
        ),
    })
}

/// The operation of this name, or the only one.
pub fn operation<'d>(
    operations: &'d DocumentOperations,
    name: Option<&str>,
) -> Result<&'d OperationDefinition, Refusal> {
    let chosen = match (operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(named), Some(name)) => named.get(name),
        (DocumentOperations::Multiple(named), None) if named.len() == 1 => named.values().next(),
        (DocumentOperations::Multiple(_), None) => {
            return Err(invalid(
                "The document has several operations: say which to run, as `operationName`.",
                None,
            ));
        }
    };
    let missing = || {
        invalid(
            "The document has no operation of the name in `operationName`.",
            None,
        )
    };
    chosen.map(|operation| &operation.node).ok_or_else(missing)
}

/// Refuses variables of unknown types, which make validation panic where they are lists with a default, and a chosen
/// operation whose variables have no value where they must have one: the executor would find out field by field, some
/// of them done.
fn refuse_variables(
    operations: &DocumentOperations,
    chosen: &OperationDefinition,
    variables: &Variables,
) -> Result<(), Refusal> {
    for (_, operation) in operations.iter() {
        for definition in &operation.node.variable_definitions {
            let VariableDefinition { name, var_type, .. } = &definition.node;
            let of = types::innermost(&var_type.node);
            if !types::is_input(of) {
                let message = format!(
                    "The variable `${}` is of `{of}`, which is no input type.",
                    name.node
                );
                return Err(invalid(&message, Some(definition.pos)));
            }
        }
    }
    for definition in &chosen.variable_definitions {
        let VariableDefinition {
            name,
            var_type,
            default_value,
            ..
        } = &definition.node;
        let sent = variables
            .get(&name.node)
            .is_some_and(|value| *value != Value::Null);
        if !sent && !var_type.node.nullable && default_value.is_none() {
            let message = format!(
                "The variable `${}` is missing: it is a {}.",
                name.node, var_type.node
            );
            return Err(invalid(&message, Some(definition.pos)));
        }
    }
    Ok(())
}

fn invalid(message: &str, at: Option<Pos>) -> Refusal {
    Refusal::document(INVALID_DOCUMENT, message, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_admitted_is_not_parsed_again() {
        let guard = Guard::new(true);
        let admit = |query: &str| guard.admit(query, None, &Variables::default());
        let (first, again) = (admit("{ viewer { name } }"), admit("{ viewer { name } }"));
        let is_same = matches!((first, again), (Ok(first), Ok(again)) if Arc::ptr_eq(&first.document, &again.document));
        assert!(is_same);
        let refused = "query($a: Int!) { viewer { name } }";
        assert!(admit(refused).is_err());
        assert!(guard.documents.get(refused).is_none());
    }
}
