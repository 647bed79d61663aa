//! An operation with its fragments expanded at each spread. Only documents within the limits are expanded.

use std::ops::Range;

use async_graphql::{
    Name, Pos, Positioned,
    parser::types::{
        Directive, ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet, Type,
    },
};
use async_graphql_value::Value;

use crate::schema_types::{self, InputSlot, InputSlots, SchemaTypes, TYPENAME};

/// A selected field.
#[derive(Clone, Copy)]
pub struct Selected<'d> {
    pub field: &'d Positioned<Field>,
    /// The type that it is selected on.
    pub parent_type: &'d str,
    /// Its own type. `None` if the schema has no such field.
    pub field_type: Option<&'d Type>,
    /// The index of the field that it is selected in.
    pub parent: Option<usize>,
}

/// An argument of a field or of a directive.
pub struct Argument<'d> {
    pub name: &'d Name,
    pub value: &'d Value,
    pub at: Pos,
    /// Its definition in the schema.
    pub slot: Option<&'d InputSlot>,
    /// True if the schema has the field or directive, but no such argument.
    pub is_unknown: bool,
    /// True for an argument of a directive on `__typename`.
    pub is_on_typename: bool,
}

/// The fields of an operation, parents before children.
pub struct Expanded<'d> {
    document: &'d ExecutableDocument,
    pub types: &'d SchemaTypes,
    pub fields: Vec<Selected<'d>>,
    /// The fields that are selected in each field, by its index.
    children: Vec<Range<usize>>,
    /// The root fields.
    pub roots: Range<usize>,
    /// The directives of the operation, of fields and of fragments.
    pub directives: Vec<&'d Positioned<Directive>>,
    /// The directives on `__typename`.
    pub on_typename: Vec<&'d Positioned<Directive>>,
}

impl<'d> Expanded<'d> {
    pub fn new(
        document: &'d ExecutableDocument,
        types: &'d SchemaTypes,
        operation: &'d OperationDefinition,
    ) -> Self {
        let mut expanded = Self {
            document,
            types,
            fields: Vec::new(),
            children: Vec::new(),
            roots: 0..0,
            directives: operation.directives.iter().collect(),
            on_typename: Vec::new(),
        };
        let set = &operation.selection_set.node;
        expanded.add(set, schema_types::root(operation.ty), None);
        expanded.roots = 0..expanded.fields.len();
        while let Some(&Selected {
            field, field_type, ..
        }) = expanded.fields.get(expanded.children.len())
        {
            let begin = expanded.fields.len();
            let parent = Some(expanded.children.len());
            let parent_type = field_type.map_or("", schema_types::innermost);
            expanded.add(&field.node.selection_set.node, parent_type, parent);
            expanded.children.push(begin..expanded.fields.len());
        }
        expanded
    }

    fn add(&mut self, set: &'d SelectionSet, parent_type: &'d str, parent: Option<usize>) {
        for selection in &set.items {
            let is_typename = matches!(&selection.node, Selection::Field(field) if field.node.name.node == TYPENAME);
            let directives = if is_typename {
                &mut self.on_typename
            } else {
                &mut self.directives
            };
            directives.extend(selection.node.directives());
            match &selection.node {
                Selection::Field(field) => self.fields.push(Selected {
                    field,
                    parent_type,
                    field_type: self.types.field_type(parent_type, &field.node.name.node),
                    parent,
                }),
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(parent_type, |condition| &condition.node.on.node);
                    self.add(&fragment.node.selection_set.node, on, parent);
                }
                Selection::FragmentSpread(spread) => {
                    let fragments = &self.document.fragments;
                    if let Some(fragment) = fragments.get(&spread.node.fragment_name.node) {
                        let on = &fragment.node.type_condition.node.on.node;
                        self.directives.extend(&fragment.node.directives);
                        self.add(&fragment.node.selection_set.node, on, parent);
                    }
                }
            }
        }
    }

    /// Returns the arguments of fields and directives.
    pub fn arguments(&self) -> impl Iterator<Item = Argument<'d>> {
        let types = self.types;
        let of_fields = self.fields.iter().flat_map(move |selected| {
            let Field {
                name, arguments, ..
            } = &selected.field.node;
            let slots = types.arguments(selected.parent_type, &name.node);
            with_slots(arguments, slots, false)
        });
        let of_directives = self.directives.iter().map(|directive| (directive, false));
        let on_typename = self.on_typename.iter().map(|directive| (directive, true));
        let of_directives = of_directives.chain(on_typename);
        of_fields.chain(of_directives.flat_map(move |(directive, is_on_typename)| {
            let Directive { name, arguments } = &directive.node;
            let slots = types.directive_arguments(&name.node);
            with_slots(arguments, slots, is_on_typename)
        }))
    }

    /// Returns the indices of the fields that are selected in any of these.
    pub fn children(&self, fields: &[usize]) -> Vec<usize> {
        let children = fields.iter().map(|field| self.children[*field].clone());
        children.flatten().collect()
    }
}

fn with_slots<'d>(
    arguments: &'d [(Positioned<Name>, Positioned<Value>)],
    slots: Option<&'d InputSlots>,
    is_on_typename: bool,
) -> impl Iterator<Item = Argument<'d>> {
    arguments.iter().map(move |(name, value)| Argument {
        name: &name.node,
        value: &value.node,
        at: value.pos,
        slot: slots.and_then(|slots| slots.get(&name.node)),
        is_unknown: slots.is_some_and(|slots| !slots.contains_key(&name.node)),
        is_on_typename,
    })
}
