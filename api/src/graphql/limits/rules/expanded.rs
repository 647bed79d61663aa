//! An operation with its fragments written out where they are spread. Nothing is expanded that the scale has not found to be within the
//! limits.

use std::ops::Range;

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{
        Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet, Type,
    },
};

use async_graphql_value::Value;

use crate::graphql::schema_types::{self, Place, Places, TYPENAME};

/// A field, wherever it was written.
#[derive(Clone, Copy)]
pub struct Selected<'d> {
    pub field: &'d Positioned<Field>,
    /// The type that it is selected on.
    pub on: &'d str,
    /// Its own type, where the schema has such a field.
    pub of: Option<&'static Type>,
    /// The field that it is selected in.
    pub within: Option<usize>,
}

/// An argument of a field or of a directive.
pub struct Given<'d> {
    pub name: &'d Name,
    pub value: &'d Value,
    pub at: Pos,
    /// The place that it is for, where the schema has it.
    pub place: Option<&'static Place>,
    /// Does the schema have no such argument?
    pub is_unknown: bool,
    /// Is it of a directive of a field that gives the name of a type?
    pub is_of_typename: bool,
}

/// The fields of an operation, those on the outside first.
pub struct Expanded<'d> {
    document: &'d ExecutableDocument,
    pub fields: Vec<Selected<'d>>,
    /// The fields that are selected in each field, by its number.
    below: Vec<Range<usize>>,
    /// The fields of the operation itself.
    pub roots: Range<usize>,
    /// The directives of the operation, of fields and of fragments.
    pub directives: Vec<&'d Positioned<Directive>>,
    /// Those of the fields that give the name of a type.
    pub of_typename: Vec<&'d Positioned<Directive>>,
}

impl<'d> Expanded<'d> {
    pub fn new(document: &'d ExecutableDocument, operation: &'d OperationDefinition) -> Self {
        let mut expanded = Self {
            document,
            fields: Vec::new(),
            below: Vec::new(),
            roots: 0..0,
            directives: operation.directives.iter().collect(),
            of_typename: Vec::new(),
        };
        let set = &operation.selection_set.node;
        expanded.add(set, schema_types::root(operation.ty), None);
        expanded.roots = 0..expanded.fields.len();
        while let Some(&Selected { field, of, .. }) = expanded.fields.get(expanded.below.len()) {
            let begin = expanded.fields.len();
            let within = Some(expanded.below.len());
            let on = of.map_or("", schema_types::innermost);
            expanded.add(&field.node.selection_set.node, on, within);
            expanded.below.push(begin..expanded.fields.len());
        }
        expanded
    }

    fn add(&mut self, set: &'d SelectionSet, on: &'d str, within: Option<usize>) {
        for selection in &set.items {
            let is_typename = matches!(&selection.node, Selection::Field(field) if field.node.name.node == TYPENAME);
            let directives = if is_typename {
                &mut self.of_typename
            } else {
                &mut self.directives
            };
            directives.extend(selection.node.directives());
            match &selection.node {
                Selection::Field(field) => self.fields.push(Selected {
                    field,
                    on,
                    of: schema_types::field_type(on, &field.node.name.node),
                    within,
                }),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(on, |condition| &condition.node.on.node);
                    self.add(&fragment.node.selection_set.node, on, within);
                }
                Selection::FragmentSpread(spread) => {
                    let fragments = &self.document.fragments;
                    if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                        let on = &fragment.node.type_condition.node.on.node;
                        self.directives.extend(&fragment.node.directives);
                        self.add(&fragment.node.selection_set.node, on, within);
                    }
                }
            }
        }
    }

    /// The arguments of fields and directives.
    pub fn arguments(&self) -> impl Iterator<Item = Given<'d>> {
        let of_fields = self.fields.iter().flat_map(|Selected { field, on, .. }| {
            let Field {
                name, arguments, ..
            } = &field.node;
            given(arguments, schema_types::arguments(on, &name.node), false)
        });
        let of_directives = self.directives.iter().map(|directive| (directive, false));
        let of_typename = self.of_typename.iter().map(|directive| (directive, true));
        let of_directives = of_directives.chain(of_typename);
        of_fields.chain(of_directives.flat_map(|(directive, is_of_typename)| {
            let Directive { name, arguments } = &directive.node;
            given(arguments, schema_types::directive_arguments(&name.node), is_of_typename)
        }))
    }

    /// The numbers of the fields that are selected in any of these.
    pub fn below(&self, fields: &[usize]) -> Vec<usize> {
        let below = fields.iter().map(|field| self.below[*field].clone());
        below.flatten().collect()
    }
}

fn given<'d>(
    arguments: &'d [(Positioned<Name>, Positioned<Value>)],
    places: Option<&'static Places>,
    is_of_typename: bool,
) -> impl Iterator<Item = Given<'d>> {
    arguments.iter().map(move |(name, value)| Given {
        name: &name.node,
        value: &value.node,
        at: value.pos,
        place: places.and_then(|places| places.get(&name.node)),
        is_unknown: places.is_some_and(|places| !places.contains_key(&name.node)),
        is_of_typename,
    })
}
