//! Limits on a document, checked before anything of it is executed.
//!
//! async-graphql expands a fragment again at each spread, before its own limits apply: a few hundred bytes can keep it
//! busy for hours. So each document is checked here first, whatever its transport. Its tokens are counted before it is
//! parsed ([`lexer`]), it is parsed once, the cost of each fragment is added up once ([`cost`]), and only a document
//! within all [`measures`] continues. This takes time linear in the length of the document. Then it must follow the
//! [`rules`] of the specification that async-graphql does not implement, and is [`normalize`]d with its variables. A
//! repeated document is taken from the [`document_cache`], parsed and validated; its cost is measured again, because it
//! depends on the variables.
//!
//! To add a limit, add a row to [`measures::Measure`] and count it in [`cost`].

mod cost;
mod document_cache;
mod lexer;
mod list_sizes;
mod measures;
mod normalize;
mod rules;
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
    cost::CostVisitor,
    document_cache::DocumentCache,
    list_sizes::FieldSizes,
    measures::{Excess, Measure},
    rules::inputs::{self, Origin},
};
use crate::{
    Rejection,
    rejection::INVALID_DOCUMENT,
    schema_types::{self, SchemaTypes},
};

/// The cost above which an operation is expensive, in values of its response.
const EXPENSIVE: usize = 10_000;
/// The default of [`Limits::max_body`], in bytes.
const MAX_BODY: usize = 192 * 1024;
/// The default of [`Limits::max_document`], in bytes.
const MAX_DOCUMENT: usize = 64 * 1024;

/// The limits of a service. Clones share the cache of documents.
#[derive(Clone, Debug)]
pub struct Limits {
    sizes: FieldSizes,
    documents: DocumentCache,
    /// The message that rejects introspection, if it is disabled.
    introspection_disabled: Option<&'static str>,
    max_body: usize,
    max_document: usize,
}

/// A document within the limits, ready for execution.
#[derive(Debug)]
pub struct CheckedDocument {
    pub document: ExecutableDocument,
    /// The variables to execute it with.
    pub variables: Variables,
    /// The kind of the operation to be executed.
    pub operation: OperationType,
    /// The cost of the document, as responses report it in `extensions`.
    pub cost: Value,
    /// True if the response may be so large that few such operations should run at once.
    pub is_expensive: bool,
}

impl Limits {
    /// Creates the limits for a schema. `max_page` is the longest list that an argument can ask for.
    #[must_use]
    pub fn new(types: Arc<SchemaTypes>, max_page: usize) -> Self {
        let sizes = FieldSizes {
            types,
            max_page,
            costs: &[],
        };
        Self {
            sizes,
            documents: DocumentCache::new(),
            introspection_disabled: None,
            max_body: MAX_BODY,
            max_document: MAX_DOCUMENT,
        }
    }

    /// Sets the cost of fields that cost more than one value, by name.
    #[must_use]
    pub fn with_costs(mut self, costs: &'static [(&'static str, usize)]) -> Self {
        self.sizes.costs = costs;
        self
    }

    /// Disables introspection. `message` tells a client what to do instead.
    #[must_use]
    pub fn without_introspection(self, message: &'static str) -> Self {
        Self {
            introspection_disabled: Some(message),
            ..self
        }
    }

    /// Sets the largest request body and the longest document, in bytes.
    #[must_use]
    pub fn with_sizes(self, max_body: usize, max_document: usize) -> Self {
        Self {
            max_body,
            max_document,
            ..self
        }
    }

    pub(crate) fn types(&self) -> &SchemaTypes {
        &self.sizes.types
    }

    pub(crate) fn max_body(&self) -> usize {
        self.max_body
    }

    pub(crate) fn max_document(&self) -> usize {
        self.max_document
    }

    /// Parses a document, checks it, and finds the operation to execute.
    pub fn check(
        &self,
        query: &str,
        operation_name: Option<&str>,
        variables: &Variables,
    ) -> Result<CheckedDocument, Rejection> {
        let tokens = lexer::count(query)?;
        variables::check(variables)?;
        let cached = self.documents.get(query);
        let is_new = cached.is_none();
        let document = match cached {
            Some(document) => document,
            None => Arc::new(parse(query)?),
        };
        let cost = self.measure(&document, variables, tokens)?;
        let (name, operation) = operation(&document.operations, operation_name)?;
        self.check_variable_types(&document.operations)?;
        if is_new {
            lexer::check_syntax(query)?;
            rules::check(&document, self.types())?;
        }
        self.check_variable_values(operation, variables)?;
        let (name, operation) = (name.cloned(), operation.ty);
        if is_new {
            self.documents.insert(query, &document, tokens);
        }
        let (mut document, mut variables) = (Arc::unwrap_or_clone(document), variables.clone());
        normalize::normalize(&mut document, self.types(), name.as_ref(), &mut variables);
        Ok(CheckedDocument {
            document,
            variables,
            operation,
            cost: Measure::COST.report(cost),
            is_expensive: cost > EXPENSIVE,
        })
    }

    /// Returns the cost of a document. Fails if it exceeds a measure, or queries the schema where that is disabled.
    fn measure(
        &self,
        document: &ExecutableDocument,
        variables: &Variables,
        tokens: usize,
    ) -> Result<usize, Rejection> {
        let mut visitor = CostVisitor::new(document, variables, &self.sizes);
        let measured = visitor.document();
        tracing::debug!(tokens, visits = visitor.visits(), "measured a document");
        let cost = measured?;
        match (self.introspection_disabled, visitor.introspection()) {
            (Some(message), Some(at)) => Err(Rejection::document(
                "introspection_disabled",
                message,
                Some(at),
            )),
            _ => Ok(cost),
        }
    }

    /// Rejects variables of unknown types: validation panics on lists of them with a default.
    fn check_variable_types(&self, operations: &DocumentOperations) -> Result<(), Rejection> {
        let definitions = operations
            .iter()
            .flat_map(|(_, operation)| &operation.node.variable_definitions);
        for definition in definitions {
            let VariableDefinition { name, var_type, .. } = &definition.node;
            let type_name = schema_types::innermost(&var_type.node);
            if self.types().input(type_name).is_none() {
                let message = format!(
                    "The variable `${}` has the type `{type_name}`, which is not an input type.",
                    name.node
                );
                return Err(invalid(&message, Some(definition.pos)));
            }
        }
        Ok(())
    }

    /// Rejects variables that are missing or of another type than theirs. The executor would find them field by field,
    /// after it has executed others.
    fn check_variable_values(
        &self,
        operation: &OperationDefinition,
        variables: &Variables,
    ) -> Result<(), Rejection> {
        for definition in &operation.variable_definitions {
            let VariableDefinition {
                name,
                var_type,
                default_value,
                ..
            } = &definition.node;
            let reject = |message: String| invalid(&message, Some(definition.pos));
            let Some(sent) = variables.get(&name.node) else {
                if var_type.node.nullable || default_value.is_some() {
                    continue;
                }
                return Err(reject(format!(
                    "The variable `${}` of type `{}` is missing.",
                    name.node, var_type.node
                )));
            };
            let place = format!("The variable `${}`", name.node);
            let sent = sent.clone().into_value();
            inputs::check(
                self.types(),
                &place,
                &sent,
                &var_type.node,
                Origin::Variable,
            )
            .map_err(reject)?;
        }
        Ok(())
    }
}

fn parse(query: &str) -> Result<ExecutableDocument, Rejection> {
    parser::parse_query(query).map_err(|fault| match fault {
        parser::Error::RecursionLimitExceeded => Excess::at_least(Measure::BRACKETS).into(),
        _ => Rejection::document(
            "graphql_parse_failed",
            fault.to_string(),
            fault.positions().next(),
        ),
    })
}

/// Returns the operation of this name, or the only one, and its name.
pub fn operation<'d>(
    operations: &'d DocumentOperations,
    name: Option<&str>,
) -> Result<(Option<&'d Name>, &'d OperationDefinition), Rejection> {
    let mut all = operations.iter();
    let chosen = match name {
        Some(name) => all.find(|(own, _)| own.is_some_and(|own| own == name)),
        None if all.len() > 1 => {
            return Err(invalid(
                "The document has several operations. Name the one to execute in `operationName`.",
                None,
            ));
        }
        None => all.next(),
    };
    let missing = || {
        invalid(
            "The document has no operation with the name in `operationName`.",
            None,
        )
    };
    chosen
        .map(|(name, operation)| (name, &operation.node))
        .ok_or_else(missing)
}

fn invalid(message: &str, at: Option<Pos>) -> Rejection {
    Rejection::document(INVALID_DOCUMENT, message, at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SDL: &str = "type Query { viewer: User } type User { name: String! }";

    #[test]
    fn check_caches_admitted_documents_alone() {
        let types = Arc::new(SchemaTypes::from_sdl(SDL));
        let limits = Limits::new(types, 100);
        let admitted = "{ viewer { name } }";
        let rejected = [
            "query($a: Int!) { viewer { name } }",
            "{ viewer { a: name a: id } }",
        ];
        for query in [admitted].into_iter().chain(rejected) {
            let is_admitted = limits.check(query, None, &Variables::default()).is_ok();
            assert_eq!(is_admitted, query == admitted);
            assert_eq!(limits.documents.get(query).is_some(), is_admitted);
        }
    }
}
