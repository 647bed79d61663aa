//! Adds up the cost of a document, visiting each fragment once.

use std::collections::HashMap;

use async_graphql::{
    Pos, Positioned, Variables,
    parser::types::{
        Directive, ExecutableDocument, Field, OperationDefinition, OperationType, Selection,
        SelectionSet,
    },
};

use super::{
    invalid,
    list_sizes::{FieldSizes, is_schema_list},
    measures::{Excess, Measure},
    variables::Inputs,
};
use crate::{Rejection, schema_types};

/// The measures of a part of a document.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    cost: usize,
    fields: usize,
    fragments: usize,
    aliases: usize,
    directives: usize,
    values: usize,
    depth: usize,
    nesting: usize,
    schema_lists: usize,
    /// The fields at the top of the part.
    outer: usize,
    /// The most arguments of one of them.
    arguments: usize,
}

impl Cost {
    /// Returns the cost of two parts side by side.
    fn beside(self, other: Self) -> Self {
        Self {
            cost: self.cost.saturating_add(other.cost),
            fields: self.fields.saturating_add(other.fields),
            fragments: self.fragments.saturating_add(other.fragments),
            aliases: self.aliases.saturating_add(other.aliases),
            directives: self.directives.saturating_add(other.directives),
            values: self.values.saturating_add(other.values),
            depth: self.depth.max(other.depth),
            nesting: self.nesting.max(other.nesting),
            schema_lists: self.schema_lists.max(other.schema_lists),
            outer: self.outer.saturating_add(other.outer),
            arguments: self.arguments.max(other.arguments),
        }
    }

    /// Returns the cost of a fragment around the part.
    fn in_fragment(self) -> Self {
        Self {
            fragments: self.fragments.saturating_add(1),
            nesting: self.nesting + 1,
            ..self
        }
    }

    /// Returns the cost of a field of the type `parent` around the part.
    fn in_field(
        self,
        parent: &str,
        field: &Field,
        inputs: &Inputs<'_>,
        sizes: &FieldSizes,
    ) -> Self {
        let own = field
            .arguments
            .iter()
            .map(|(_, value)| inputs.size(&value.node));
        Self {
            cost: sizes
                .max_length(parent, field, inputs)
                .saturating_mul(self.cost)
                .saturating_add(sizes.own_cost(field)),
            schema_lists: self.schema_lists + usize::from(is_schema_list(field)),
            fields: self.fields.saturating_add(1),
            aliases: self
                .aliases
                .saturating_add(usize::from(field.alias.is_some())),
            values: own.fold(self.values, usize::saturating_add),
            depth: self.depth + 1,
            nesting: self.nesting + 1,
            outer: 1,
            arguments: field.arguments.len(),
            ..self
        }
    }

    /// Returns the cost of the part with its directives.
    fn under(self, directives: &[Positioned<Directive>], inputs: &Inputs<'_>) -> Self {
        let arguments = directives
            .iter()
            .flat_map(|directive| &directive.node.arguments)
            .map(|(_, value)| inputs.size(&value.node));
        Self {
            directives: self.directives.saturating_add(directives.len()),
            values: arguments.fold(self.values, usize::saturating_add),
            ..self
        }
    }

    fn check(self) -> Result<(), Excess> {
        Measure::DEPTH.check(self.depth)?;
        Measure::NESTING.check(self.nesting)?;
        Measure::SCHEMA_LISTS.check(self.schema_lists)?;
        Measure::FIELDS.check(self.fields)?;
        Measure::FRAGMENTS.check(self.fragments)?;
        Measure::ALIASES.check(self.aliases)?;
        Measure::DIRECTIVES.check(self.directives)?;
        Measure::VALUES.check(self.values)?;
        Measure::COST.check(self.cost)
    }
}

/// Measures a document.
pub struct CostVisitor<'d> {
    document: &'d ExecutableDocument,
    inputs: Inputs<'d>,
    sizes: &'d FieldSizes,
    /// The cost of each fragment. `None` during the visit of the fragment itself, so that a cycle is found.
    measured: HashMap<&'d str, Option<Cost>>,
    comparisons: usize,
    visits: usize,
    introspection: Option<Pos>,
}

impl<'d> CostVisitor<'d> {
    pub fn new(
        document: &'d ExecutableDocument,
        variables: &'d Variables,
        sizes: &'d FieldSizes,
    ) -> Self {
        Self {
            document,
            inputs: Inputs::new(document, variables),
            sizes,
            measured: HashMap::new(),
            comparisons: 0,
            visits: 0,
            introspection: None,
        }
    }

    /// Returns the number of visited selections. Each has at least one token, and is visited once.
    pub fn visits(&self) -> usize {
        self.visits
    }

    /// Returns the position at which the document queries the schema, if it does.
    pub fn introspection(&self) -> Option<Pos> {
        self.introspection
    }

    /// Measures the document and returns its cost. All operations count, because each is validated, whichever is
    /// executed.
    pub fn document(&mut self) -> Result<usize, Rejection> {
        let ExecutableDocument {
            operations,
            fragments,
        } = self.document;
        Measure::DEFINITIONS.check(operations.iter().count() + fragments.len())?;
        let variables = operations
            .iter()
            .map(|(_, operation)| operation.node.variable_definitions.len());
        Measure::VARIABLES.check(variables.sum())?;
        let mut total = Cost::default();
        for (_, operation) in operations.iter() {
            total = total.beside(self.operation(&operation.node)?);
        }
        // Validation visits unused fragments, too. Sorted, so that equal documents get equal errors.
        let mut names: Vec<_> = fragments.iter().collect();
        names.sort_by_key(|(_, fragment)| fragment.pos);
        for (name, _) in names {
            self.fragment(name, Pos::default(), 0)?.check()?;
        }
        total.check()?;
        Measure::COMPARISONS.check(self.comparisons)?;
        Ok(total.cost)
    }

    fn operation(&mut self, operation: &'d OperationDefinition) -> Result<Cost, Rejection> {
        let mut cost = self.set(
            &operation.selection_set,
            schema_types::root(operation.ty),
            0,
        )?;
        let roots = match operation.ty {
            OperationType::Query => Measure::ROOT_FIELDS,
            OperationType::Mutation => Measure::MUTATION_FIELDS,
            OperationType::Subscription => Measure::SUBSCRIPTION_FIELDS,
        };
        cost.check()?;
        roots.check(cost.outer)?;
        for variable in &operation.variable_definitions {
            cost = cost.under(&variable.node.directives, &self.inputs);
        }
        Ok(cost.under(&operation.directives, &self.inputs))
    }

    fn set(
        &mut self,
        set: &'d Positioned<SelectionSet>,
        parent: &'d str,
        nesting: usize,
    ) -> Result<Cost, Rejection> {
        // This bounds the recursion of the visitor, too.
        Measure::NESTING.check(nesting)?;
        let mut total = Cost::default();
        for selection in &set.node.items {
            self.visits += 1;
            let part = match &selection.node {
                Selection::Field(field) => self.field(&field.node, field.pos, parent, nesting)?,
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(parent, |condition| condition.node.on.node.as_str());
                    self.set(&fragment.node.selection_set, on, nesting + 1)?
                        .in_fragment()
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name;
                    self.fragment(&name.node, name.pos, nesting + 1)?
                        .in_fragment()
                }
            };
            total = total.beside(part.under(selection.node.directives(), &self.inputs));
        }
        let comparisons = total.outer.saturating_mul(1 + total.arguments);
        self.comparisons = self.comparisons.saturating_add(comparisons);
        Ok(total)
    }

    fn field(
        &mut self,
        field: &'d Field,
        at: Pos,
        parent: &'d str,
        nesting: usize,
    ) -> Result<Cost, Rejection> {
        let name = field.name.node.as_str();
        if let "__schema" | "__type" = name {
            self.introspection.get_or_insert(at);
        }
        let field_type = self.sizes.types.field_type(parent, name);
        let inner = field_type.map_or("", schema_types::innermost);
        let cost = self.set(&field.selection_set, inner, nesting + 1)?;
        Ok(cost.in_field(parent, field, &self.inputs, self.sizes))
    }

    fn fragment(&mut self, name: &str, at: Pos, nesting: usize) -> Result<Cost, Rejection> {
        // Validation reports an unknown fragment.
        let Some((name, fragment)) = self.document.fragments.get_key_value(name) else {
            return Ok(Cost::default());
        };
        match self.measured.get(name.as_str()) {
            Some(Some(cost)) => return Ok(*cost),
            Some(None) => {
                return Err(invalid(
                    &format!("The fragment `{name}` spreads itself."),
                    Some(at),
                ));
            }
            None => {}
        }
        self.measured.insert(name, None);
        let on = fragment.node.type_condition.node.on.node.as_str();
        let cost = self
            .set(&fragment.node.selection_set, on, nesting)?
            .under(&fragment.node.directives, &self.inputs);
        self.measured.insert(name, Some(cost));
        Ok(cost)
    }
}
