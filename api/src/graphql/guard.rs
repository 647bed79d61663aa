//! Weighs a document before anything of it runs, and refuses what would cost too much.
//!
//! async-graphql expands fragments again at each spread, before its own limits: a few hundred bytes can keep it busy
//! for hours. So the document is parsed once, each fragment is weighed once, and only a document within the limits goes
//! on, already parsed. The time taken is linear in the document's length.

use std::collections::HashMap;

use async_graphql::{
    Name, Pos, Positioned, Value, Variables,
    parser::{
        self,
        types::{
            DocumentOperations, ExecutableDocument, Field, FragmentDefinition, OperationDefinition,
            OperationType, Selection, SelectionSet, VariableDefinition,
        },
    },
};

use super::{errors::INVALID_DOCUMENT, refusal::Refusal};
use crate::exchange::{
    offers::MAX_GAMES,
    page::{DEFAULT_LIMIT, MAX_LIMIT},
};

/// The most fields, fragments and directives of a document, each counted wherever it is spread.
const MAX_COST: usize = 500;
/// What `totalCount` counts for, since it may read a whole list.
const COUNT: usize = 10;
/// The most fields inside one another. The introspection query of GraphiQL has 15.
const MAX_DEPTH: usize = 15;
/// The most fields and fragments inside one another.
const MAX_NESTING: usize = 30;
/// The most lists of the schema inside one another, in introspection: each multiplies the answer.
const MAX_SCHEMA_LISTS: usize = 2;
/// The most brackets inside one another. The parser's stack grows with each, and a full stack ends the process.
const MAX_BRACKETS: usize = 100;
/// The most rows that the lists of a document can give, each list counted for each row that it is inside of.
const MAX_ROWS: usize = 10_000;
/// How far fragments are followed: a cap on our own stack.
const MAX_CHAIN: usize = 200;

/// A document that may run.
#[derive(Debug)]
pub struct Admitted {
    pub document: ExecutableDocument,
    /// What the operation to be run is.
    pub operation: OperationType,
}

/// Parses the document and weighs it, and finds the operation to be run.
pub fn admit(
    query: &str,
    operation_name: Option<&str>,
    variables: &Variables,
) -> Result<Admitted, Refusal> {
    if brackets(query) > MAX_BRACKETS {
        return Err(too_deep());
    }
    let document = parser::parse_query(query).map_err(|fault| match fault {
        parser::Error::RecursionLimitExceeded => too_deep(),
        _ => Refusal::document(
            "graphql_parse_failed",
            fault.to_string(),
            fault.positions().next(),
        ),
    })?;
    weigh(&document, variables)?;
    let operation = operation(&document.operations, operation_name)?;
    refuse_missing(operation, variables)?;
    let operation = operation.ty;
    Ok(Admitted {
        document,
        operation,
    })
}

fn operation<'d>(
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

/// Refuses an operation whose variables have no value where they must have one: the executor would find out field by
/// field, some of them done.
fn refuse_missing(operation: &OperationDefinition, variables: &Variables) -> Result<(), Refusal> {
    for definition in &operation.variable_definitions {
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

/// What a part of a document adds up to.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    cost: usize,
    depth: usize,
    nesting: usize,
    schema_lists: usize,
    rows: usize,
}

impl Weight {
    /// Two parts side by side.
    fn beside(self, other: Self) -> Self {
        Self {
            cost: self.cost.saturating_add(other.cost),
            depth: self.depth.max(other.depth),
            nesting: self.nesting.max(other.nesting),
            schema_lists: self.schema_lists.max(other.schema_lists),
            rows: self.rows.saturating_add(other.rows),
        }
    }

    /// The part inside a fragment, which counts for one, and for so many more.
    fn in_fragment(self, more: usize) -> Self {
        Self {
            cost: self.cost.saturating_add(1 + more),
            nesting: self.nesting + 1,
            ..self
        }
    }

    /// The part inside a field.
    fn in_field(self, field: &Field, variables: &Variables) -> Self {
        let list = matches!(
            field.name.node.as_str(),
            "fields" | "inputFields" | "interfaces" | "possibleTypes"
        );
        let count = match field.name.node.as_str() {
            "totalCount" => COUNT - 1,
            _ => 0,
        };
        Self {
            depth: self.depth + 1,
            schema_lists: self.schema_lists + usize::from(list),
            rows: match rows(field, variables) {
                Some(rows) => rows.saturating_mul(1 + self.rows),
                None => self.rows,
            },
            ..self.in_fragment(field.directives.len() + count)
        }
    }
}

/// The most rows of a field that is a list.
fn rows(field: &Field, variables: &Variables) -> Option<usize> {
    match field.name.node.as_str() {
        "users" | "games" | "offers" | "offersSent" | "offersReceived" | "closedOffers" => {}
        "offeredGames" | "requestedGames" => return Some(MAX_GAMES),
        // The field of a connection that has this name, too, has no `ids`.
        "nodes" => {
            return argument(field, "ids", variables).map(|ids| match ids {
                Ok(Value::List(ids)) => ids.len().min(MAX_LIMIT),
                _ => MAX_LIMIT,
            });
        }
        _ => return None,
    }
    let argument = ["first", "last"]
        .into_iter()
        .find_map(|name| argument(field, name, variables));
    let limit = match argument {
        None => return Some(DEFAULT_LIMIT),
        Some(Ok(Value::Number(limit))) => limit.as_u64().and_then(|limit| limit.try_into().ok()),
        Some(_) => None,
    };
    Some(limit.unwrap_or(MAX_LIMIT).min(MAX_LIMIT))
}

/// The value of an argument, where it is there. What is not sent may have a default in the document.
fn argument(field: &Field, name: &str, variables: &Variables) -> Option<Result<Value, ()>> {
    let sent = |name: Name| variables.get(&name).cloned().ok_or(());
    let argument = field.get_argument(name)?;
    Some(argument.node.clone().into_const_with(sent))
}

fn weigh(document: &ExecutableDocument, variables: &Variables) -> Result<(), Refusal> {
    let mut scale = Scale {
        fragments: &document.fragments,
        variables,
        weighed: HashMap::new(),
    };
    let mut total = Weight::default();
    for (_, operation) in document.operations.iter() {
        let variables = operation
            .node
            .variable_definitions
            .iter()
            .map(|variable| variable.node.directives.len());
        let own = Weight {
            cost: operation.node.directives.len() + variables.sum::<usize>(),
            ..Weight::default()
        };
        total = total
            .beside(own)
            .beside(scale.set(&operation.node.selection_set, 0)?);
    }
    // Validation looks into fragments that nothing spreads, too.
    for name in document.fragments.keys() {
        let unused = Weight {
            cost: 0,
            ..scale.fragment(name, Pos::default(), 0)?
        };
        total = total.beside(unused);
        within(scale.fragment(name, Pos::default(), 0)?)?;
    }
    within(total)
}

fn within(weight: Weight) -> Result<(), Refusal> {
    if weight.cost > MAX_COST || weight.schema_lists > MAX_SCHEMA_LISTS {
        let message = format!(
            "The document is too complex. Ask for at most {MAX_COST} fields, in several requests."
        );
        return Err(Refusal::document("too_complex", message, None));
    }
    if weight.rows > MAX_ROWS {
        let message = format!(
            "The lists of the document can give {} rows. Ask for at most {MAX_ROWS}, with a smaller `first`.",
            weight.rows
        );
        return Err(Refusal::document("too_complex", message, None));
    }
    if weight.depth > MAX_DEPTH || weight.nesting > MAX_NESTING {
        return Err(too_deep());
    }
    Ok(())
}

/// Weighs selections, each fragment once.
struct Scale<'d> {
    fragments: &'d HashMap<Name, Positioned<FragmentDefinition>>,
    variables: &'d Variables,
    /// `None` while a fragment is being weighed: who meets it then is inside it.
    weighed: HashMap<&'d str, Option<Weight>>,
}

impl<'d> Scale<'d> {
    fn set(&mut self, set: &'d Positioned<SelectionSet>, chain: usize) -> Result<Weight, Refusal> {
        let mut total = Weight::default();
        for selection in &set.node.items {
            let directives = selection.node.directives().len();
            let part = match &selection.node {
                Selection::Field(field) => self
                    .set(&field.node.selection_set, chain)?
                    .in_field(&field.node, self.variables),
                Selection::InlineFragment(fragment) => self
                    .set(&fragment.node.selection_set, chain)?
                    .in_fragment(directives),
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name;
                    self.fragment(&name.node, name.pos, chain + 1)?
                        .in_fragment(directives)
                }
            };
            total = total.beside(part);
        }
        Ok(total)
    }

    fn fragment(&mut self, name: &str, at: Pos, chain: usize) -> Result<Weight, Refusal> {
        // Validation says that there is no such fragment.
        let Some((name, fragment)) = self.fragments.get_key_value(name) else {
            return Ok(Weight::default());
        };
        match self.weighed.get(name.as_str()) {
            Some(Some(weight)) => return Ok(*weight),
            Some(None) => {
                return Err(invalid(
                    &format!("The fragment `{name}` spreads itself."),
                    Some(at),
                ));
            }
            None if chain > MAX_CHAIN => return Err(too_deep()),
            None => {}
        }
        self.weighed.insert(name, None);
        let own = Weight {
            cost: fragment.node.directives.len(),
            ..Weight::default()
        };
        let weight = own.beside(self.set(&fragment.node.selection_set, chain)?);
        self.weighed.insert(name, Some(weight));
        Ok(weight)
    }
}

/// How deep brackets of any kind are inside one another, outside of strings and comments.
fn brackets(query: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    let mut rest = query;
    while let Some(at) = rest.find(['(', '[', '{', ')', ']', '}', '"', '#']) {
        let (found, behind) = rest[at..].split_at(1);
        rest = match found {
            "\"" => behind_string(behind),
            "#" => behind.find(['\n', '\r']).map_or("", |end| &behind[end..]),
            "(" | "[" | "{" => {
                depth += 1;
                deepest = deepest.max(depth);
                behind
            }
            _ => {
                depth = depth.saturating_sub(1);
                behind
            }
        };
    }
    deepest
}

/// What comes behind a string, from behind its first quotation mark on.
fn behind_string(text: &str) -> &str {
    if let Some(block) = text.strip_prefix("\"\"") {
        let mut rest = block;
        while let Some(at) = rest.find("\"\"\"") {
            let escaped = rest[..at].ends_with('\\');
            rest = &rest[at + 3..];
            if !escaped {
                return rest;
            }
        }
        return "";
    }
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\\', '\n', '\r']) {
        if !rest[at..].starts_with('\\') {
            return &rest[at + 1..];
        }
        let mut behind = rest[at + 1..].chars();
        behind.next();
        rest = behind.as_str();
    }
    ""
}

fn too_deep() -> Refusal {
    let message =
        format!("The document is nested too deep: at most {MAX_DEPTH} fields inside one another.");
    Refusal::document("too_deep", message, None)
}

fn invalid(message: &str, at: Option<Pos>) -> Refusal {
    Refusal::document(INVALID_DOCUMENT, message, at)
}
