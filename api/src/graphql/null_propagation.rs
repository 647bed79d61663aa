//! What a failed field leaves in the data: null, or where it may not be null, null for the nearest object around it
//! that may be. The executor of async-graphql 7.2 leaves failed fields out instead, which clients cannot type.
//!
//! Its extensions could put the nulls in as it goes, and would cost every field of every answer. So it is done
//! afterwards, and only where something failed: what the failure's path leads through is looked up in the document.
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

use super::{limits, schema_types};

/// Puts the nulls into an answer to the operation of this name, or to the only one.
pub fn propagate(response: &mut Response, query: &str, name: Option<&str>) {
    let failed = response.errors.iter().map(|error| error.path.as_slice());
    let failed: Vec<_> = failed.filter(|path| !path.is_empty()).collect();
    if failed.is_empty() {
        return;
    }
    let Ok(document) = parse_query(query) else {
        return;
    };
    let Ok((_, asked)) = limits::operation(&document.operations, name) else {
        return;
    };
    let root = schema_types::root(asked.ty);
    // The same field may fail in each of many rows.
    let mut depths = HashMap::new();
    let mut places: Vec<_> = failed
        .into_iter()
        .map(|path| {
            let keys: Vec<_> = path.iter().map(key).collect();
            let depth = depths.entry(keys).or_insert_with_key(|keys| {
                depth(keys, (root, &asked.selection_set.node), &document)
            });
            &path[..*depth]
        })
        .collect();
    // Deep ones first: where an object around them is null, they go with it.
    places.sort_unstable_by_key(|place| Reverse(place.len()));
    for place in places {
        match at(&mut response.data, place) {
            Some(failed) => *failed = Value::Null,
            None => {
                response.data = Value::Null;
                return;
            }
        }
    }
}

/// The key of a field; none of an item of a list.
fn key(segment: &PathSegment) -> Option<&str> {
    match segment {
        PathSegment::Field(key) => Some(key),
        PathSegment::Index(_) => None,
    }
}

/// How many steps of the path of a failure lead to what is null.
fn depth(
    path: &[Option<&str>],
    asked: (&str, &SelectionSet),
    document: &ExecutableDocument,
) -> usize {
    let (mut sets, mut list, mut nullable) = (vec![asked], None, 0);
    for (before, key) in path.iter().enumerate() {
        let of = match key {
            Some(key) => {
                let fields = fields(key, &sets, document);
                let first = fields.first().map(|(of, _)| *of);
                sets = fields
                    .into_iter()
                    .map(|(of, set)| (schema_types::innermost(of), set))
                    .collect();
                first
            }
            None => list,
        };
        let Some(of) = of else {
            break;
        };
        if of.nullable {
            nullable = before + 1;
        }
        list = match &of.base {
            BaseType::List(of) => Some(&**of),
            BaseType::Named(_) => None,
        };
    }
    nullable
}

/// The fields that answer under `key`, each with its type and with what is asked of it.
fn fields<'d>(
    key: &str,
    sets: &[(&str, &'d SelectionSet)],
    document: &'d ExecutableDocument,
) -> Vec<(&'static Type, &'d SelectionSet)> {
    let mut found = Vec::new();
    for (on, set) in sets {
        for selection in &set.items {
            match &selection.node {
                Selection::Field(field) if field.node.response_key().node == key => {
                    let of = schema_types::field_type(on, &field.node.name.node);
                    found.extend(of.map(|of| (of, &field.node.selection_set.node)));
                }
                Selection::Field(_) => {}
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let on = condition.map_or(*on, |condition| &condition.node.on.node);
                    let inner = [(on, &fragment.node.selection_set.node)];
                    found.extend(fields(key, &inner, document));
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node)
                    {
                        let on = fragment.node.type_condition.node.on.node.as_str();
                        let inner = [(on, &fragment.node.selection_set.node)];
                        found.extend(fields(key, &inner, document));
                    }
                }
            }
        }
    }
    found
}

/// What is at this place of the data. None where it was left out with the list that it was to be in.
fn at<'d>(data: &'d mut Value, place: &[PathSegment]) -> Option<&'d mut Value> {
    place.iter().try_fold(data, |data, segment| {
        // An object of which every field failed came as null.
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
