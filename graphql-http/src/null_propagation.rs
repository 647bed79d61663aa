//! Null propagation: a failed field is null, or, if its type is not nullable, the nearest object around it that may be
//! null is. The executor of async-graphql 7.2 leaves failed fields out instead, which clients cannot type.
//!
//! An extension of async-graphql could insert the nulls during execution, at a cost for each field of each response.
//! This runs afterwards, and only if something failed: it looks the path of each failure up in the document.
//!
//! Source: <https://spec.graphql.org/October2021/#sec-Handling-Field-Errors>

use std::{cmp::Reverse, collections::HashMap};

use async_graphql::{
    Name, PathSegment, Response, Value,
    indexmap::IndexMap,
    parser::{
        parse_query,
        types::{BaseType, ExecutableDocument, Selection, SelectionSet, Type},
    },
};

use crate::{
    limits,
    schema_types::{self, SchemaTypes},
};

/// Inserts the nulls into the response to the operation of this name, or to the only one.
pub fn propagate(response: &mut Response, types: &SchemaTypes, query: &str, name: Option<&str>) {
    let failed = response.errors.iter().map(|error| error.path.as_slice());
    let failed: Vec<_> = failed.filter(|path| !path.is_empty()).collect();
    if failed.is_empty() {
        return;
    }
    let Ok(document) = parse_query(query) else {
        return;
    };
    let Ok((_, operation)) = limits::operation(&document.operations, name) else {
        return;
    };
    let root = schema_types::root(operation.ty);
    let lookup = Lookup {
        types,
        document: &document,
    };
    // The same field may fail in many rows.
    let mut depths = HashMap::new();
    let mut nulls: Vec<_> = failed
        .into_iter()
        .map(|path| {
            let keys: Vec<_> = path.iter().map(key).collect();
            let depth = depths.entry(keys).or_insert_with_key(|keys| {
                lookup.nullable_depth(keys, (root, &operation.selection_set.node))
            });
            &path[..*depth]
        })
        .collect();
    // The deepest first: a null around them replaces them.
    nulls.sort_unstable_by_key(|path| Reverse(path.len()));
    for path in nulls {
        match find(&mut response.data, path) {
            Some(failed) => *failed = Value::Null,
            None => {
                response.data = Value::Null;
                return;
            }
        }
    }
}

/// Returns the response key of a field, or `None` for an item of a list.
fn key(segment: &PathSegment) -> Option<&str> {
    match segment {
        PathSegment::Field(key) => Some(key),
        PathSegment::Index(_) => None,
    }
}

/// Finds the types along a path in the document.
struct Lookup<'d> {
    types: &'d SchemaTypes,
    document: &'d ExecutableDocument,
}

/// A selection set and the type that it is on.
type TypedSet<'d> = (&'d str, &'d SelectionSet);

impl<'d> Lookup<'d> {
    /// Returns the length of the part of a failed path that leads to the value that becomes null.
    fn nullable_depth(&self, path: &[Option<&str>], root: TypedSet<'d>) -> usize {
        let (mut sets, mut item, mut depth) = (vec![root], None, 0);
        for (parents, key) in path.iter().enumerate() {
            let value_type = match key {
                Some(key) => {
                    let fields = self.fields(key, &sets);
                    let first = fields.first().map(|(field_type, _)| *field_type);
                    sets = fields
                        .into_iter()
                        .map(|(field_type, set)| (schema_types::innermost(field_type), set))
                        .collect();
                    first
                }
                None => item,
            };
            let Some(value_type) = value_type else {
                break;
            };
            if value_type.nullable {
                depth = parents + 1;
            }
            item = match &value_type.base {
                BaseType::List(item) => Some(&**item),
                BaseType::Named(_) => None,
            };
        }
        depth
    }

    /// Returns the fields with this response key, each with its type and its selection set.
    fn fields(&self, key: &str, sets: &[TypedSet<'d>]) -> Vec<(&'d Type, &'d SelectionSet)> {
        let mut found = Vec::new();
        for (parent, set) in sets {
            for selection in &set.items {
                match &selection.node {
                    Selection::Field(field) if field.node.response_key().node == key => {
                        let field_type = self.types.field_type(parent, &field.node.name.node);
                        let set = &field.node.selection_set.node;
                        found.extend(field_type.map(|field_type| (field_type, set)));
                    }
                    Selection::Field(_) => {}
                    Selection::InlineFragment(fragment) => {
                        let condition = fragment.node.type_condition.as_ref();
                        let on = condition.map_or(*parent, |condition| &condition.node.on.node);
                        let inner = [(on, &fragment.node.selection_set.node)];
                        found.extend(self.fields(key, &inner));
                    }
                    Selection::FragmentSpread(spread) => {
                        let name = &spread.node.fragment_name.node;
                        if let Some(fragment) = self.document.fragments.get(name) {
                            let on = fragment.node.type_condition.node.on.node.as_str();
                            let inner = [(on, &fragment.node.selection_set.node)];
                            found.extend(self.fields(key, &inner));
                        }
                    }
                }
            }
        }
        found
    }
}

/// Finds the value at this path, which becomes an entry if it is missing. Returns `None` if the list around it is
/// missing.
fn find<'d>(data: &'d mut Value, path: &[PathSegment]) -> Option<&'d mut Value> {
    path.iter().try_fold(data, |data, segment| {
        // The executor turns an object into null if all of its fields failed.
        if let (PathSegment::Field(_), Value::Null) = (segment, &data) {
            *data = Value::Object(IndexMap::new());
        }
        match (segment, data) {
            (PathSegment::Field(key), Value::Object(fields)) => {
                Some(fields.entry(Name::new(key)).or_default())
            }
            (PathSegment::Index(index), Value::List(items)) => items.get_mut(*index),
            _ => None,
        }
    })
}
