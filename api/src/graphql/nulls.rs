//! What a failed field leaves in the data: null, or where it may not be null, null for the nearest object around it
//! that may be. The executor of async-graphql 7.2 leaves failed fields out instead, which clients cannot type.
//!
//! Its extensions could put the nulls in as it goes, and would cost every field of every answer. So it is done
//! afterwards, and only where something failed: what the failure's path leads through is looked up in the document.
//!
//! Source: <https://spec.graphql.org/October2021/#sec-Handling-Field-Errors>

use std::{collections::HashMap, sync::LazyLock};

use async_graphql::{
    Name, PathSegment, Response, Value,
    indexmap::IndexMap,
    parser::{
        parse_query, parse_schema,
        types::{
            BaseType, ExecutableDocument, OperationType, Selection, SelectionSet, Type, TypeKind,
            TypeSystemDefinition,
        },
    },
};

/// The types of all fields, by the type that has them and by name.
static FIELDS: LazyLock<HashMap<Name, HashMap<Name, Type>>> = LazyLock::new(|| {
    let schema = parse_schema(super::sdl()).map(|schema| schema.definitions);
    let definitions = schema.unwrap_or_default().into_iter();
    let fields = definitions.filter_map(|definition| {
        let TypeSystemDefinition::Type(definition) = definition else {
            return None;
        };
        let fields = match definition.node.kind {
            TypeKind::Object(object) => object.fields,
            TypeKind::Interface(interface) => interface.fields,
            _ => return None,
        };
        let fields = fields.into_iter().map(|field| field.node);
        let fields = fields.map(|field| (field.name.node, field.ty.node));
        Some((definition.node.name.node, fields.collect()))
    });
    fields.collect()
});

/// Learns the types now: the first answer that needs them would wait.
pub fn learn() {
    LazyLock::force(&FIELDS);
}

/// Puts the nulls into an answer to the operation of this name, or to the only one.
pub fn put(response: &mut Response, query: &str, name: Option<&str>, kind: OperationType) {
    if response.errors.iter().all(|error| error.path.is_empty()) {
        return;
    }
    let Ok(document) = parse_query(query) else {
        return;
    };
    let places = response
        .errors
        .iter()
        .filter(|error| !error.path.is_empty())
        .map(|error| place(&error.path, &document, name, kind));
    let mut places: Vec<_> = places.collect();
    // An object that is null has no place for another null within.
    places.sort_unstable_by_key(|place| place.len());
    let mut done: Vec<&[PathSegment]> = Vec::new();
    for place in places {
        if !done.iter().any(|outer| place.starts_with(outer)) {
            match at(&mut response.data, place) {
                Some(failed) => *failed = Value::Null,
                None => response.data = Value::Null,
            }
            done.push(place);
        }
    }
}

/// As much of the path of a failure as leads to what is null.
fn place<'p>(
    path: &'p [PathSegment],
    document: &ExecutableDocument,
    name: Option<&str>,
    kind: OperationType,
) -> &'p [PathSegment] {
    let root = match kind {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    };
    let mut operations = document.operations.iter();
    let chosen = operations.find(|(its, _)| name.is_none() || its.map(Name::as_str) == name);
    let mut sets: Vec<_> = chosen
        .map(|(_, operation)| (root, &operation.node.selection_set.node))
        .into_iter()
        .collect();
    let mut list = None;
    let mut nullable = 0;
    for (depth, segment) in path.iter().enumerate() {
        let of = match (segment, list) {
            (PathSegment::Field(key), _) => {
                let fields = fields(key, &sets, document);
                let Some((of, _)) = fields.first() else {
                    break;
                };
                let of = *of;
                let inner = fields.into_iter();
                sets = inner.map(|(of, set)| (innermost(of), set)).collect();
                of
            }
            (PathSegment::Index(_), Some(of)) => of,
            (PathSegment::Index(_), None) => break,
        };
        if of.nullable {
            nullable = depth + 1;
        }
        list = match &of.base {
            BaseType::List(of) => Some(&**of),
            BaseType::Named(_) => None,
        };
    }
    &path[..nullable]
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
                    let of = FIELDS
                        .get(*on)
                        .and_then(|fields| fields.get(&field.node.name.node));
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

fn innermost(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(of) => innermost(of),
    }
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
