//! Conflicts of fields with one response key: FieldsInSetCanMerge and SameResponseShape of the specification (5.3.2).
//!
//! async-graphql 7.2 compares the fields of one selection set, but not their subfields. Its executor then merges the
//! results of two fields, lists by index, so that one object gets the id of another.
//!
//! Fields are compared in groups, each with the first of its group, because agreement is transitive, as
//! <https://tech.new-work.se/graphql-overlapping-fields-can-be-merged-fast-ea6e92e0a01> describes. Fields on an
//! interface are compared again for each object type in their group, which is counted and limited.

use std::{collections::HashMap, hash::Hash};

use async_graphql::parser::types::{BaseType, Type};

use super::expanded::{Expanded, Selected};
use crate::{
    Rejection, limits::measures::Measure, rejection::INVALID_DOCUMENT, schema_types::SchemaTypes,
};

/// Fails if two fields of the operation conflict.
pub fn check(expanded: &Expanded<'_>) -> Result<(), Rejection> {
    let mut overlaps = Overlaps {
        expanded,
        comparisons: 0,
    };
    let roots: Vec<_> = expanded.roots.clone().collect();
    overlaps.check_same_field(&roots)?;
    overlaps.check_same_shape(&roots)
}

struct Overlaps<'e, 'd> {
    expanded: &'e Expanded<'d>,
    comparisons: usize,
}

impl<'d> Overlaps<'_, 'd> {
    /// Fails unless fields of one object are the same field with the same arguments, and so are their subfields.
    fn check_same_field(&mut self, fields: &[usize]) -> Result<(), Rejection> {
        self.comparisons += fields.len();
        Measure::COMPARISONS.check(self.comparisons)?;
        for group in groups(fields, |field| self.key(field)) {
            for of_object in self.of_each_object(group) {
                self.compare(&of_object, difference)?;
                self.check_same_field(&self.expanded.children(&of_object))?;
            }
        }
        Ok(())
    }

    /// Fails unless fields with one response key have types of the same shape, even if they cannot be fields of one
    /// object.
    fn check_same_shape(&self, fields: &[usize]) -> Result<(), Rejection> {
        for group in groups(fields, |field| self.key(field)) {
            self.compare(&group, |one, other| {
                let field_types = one.field_type.zip(other.field_type);
                type_conflict(field_types.filter(|(a, b)| !self.have_same_shape(a, b)))
            })?;
            self.check_same_shape(&self.expanded.children(&group))?;
        }
        Ok(())
    }

    fn compare(
        &self,
        group: &[usize],
        conflict: impl Fn(&Selected<'d>, &Selected<'d>) -> Option<String>,
    ) -> Result<(), Rejection> {
        let Some((first, others)) = group.split_first() else {
            return Ok(());
        };
        for other in others {
            let fields = &self.expanded.fields;
            if let Some(reason) = conflict(&fields[*first], &fields[*other]) {
                return Err(self.rejection(*first, *other, reason));
            }
        }
        Ok(())
    }

    /// Splits the fields by object type, with the fields on interfaces in each part.
    fn of_each_object(&self, group: Vec<usize>) -> Vec<Vec<usize>> {
        let parent_type = |field: usize| self.expanded.fields[field].parent_type;
        let fields = group.iter().copied();
        let (of_objects, of_others): (Vec<_>, Vec<_>) =
            fields.partition(|field| self.types().is_object(parent_type(*field)));
        let mut objects = groups(&of_objects, parent_type);
        if objects.len() < 2 {
            return vec![group];
        }
        for of_object in &mut objects {
            of_object.extend(&of_others);
        }
        objects
    }

    /// Returns true if both types have the same shape. Their subfields are compared separately.
    fn have_same_shape(&self, one: &Type, other: &Type) -> bool {
        let is_leaf = |name: &str| self.types().input(name).is_some();
        one.nullable == other.nullable
            && match (&one.base, &other.base) {
                (BaseType::List(one), BaseType::List(other)) => self.have_same_shape(one, other),
                (BaseType::Named(one), BaseType::Named(other)) => {
                    one == other || !is_leaf(one) && !is_leaf(other)
                }
                _ => false,
            }
    }

    fn types(&self) -> &'d SchemaTypes {
        self.expanded.types
    }

    /// Returns the response key of a field.
    fn key(&self, field: usize) -> &'d str {
        &self.expanded.fields[field].field.node.response_key().node
    }

    /// Creates the rejection in the words of graphql-js: it names both fields and their parents up to the first common
    /// one.
    fn rejection(&self, one: usize, other: usize, mut reason: String) -> Rejection {
        let fields = &self.expanded.fields;
        let (mut one, mut other) = (one, other);
        let (mut ones, mut others) = (Vec::new(), Vec::new());
        let key = loop {
            let key = self.key(one);
            ones.push(fields[one].field.pos);
            others.push(fields[other].field.pos);
            match (fields[one].parent, fields[other].parent) {
                (Some(parent), Some(another)) if parent != another => {
                    reason = format!("subfields \"{key}\" conflict because {reason}");
                    (one, other) = (parent, another);
                }
                _ => break key,
            }
        };
        let message = format!(
            "Fields \"{key}\" conflict because {reason}. Use different aliases on the fields to fetch both if this was intentional."
        );
        let places = ones.into_iter().rev().chain(others.into_iter().rev());
        Rejection::document(INVALID_DOCUMENT, message, None).at(places.collect())
    }
}

/// Groups the fields by a key, in their order.
fn groups<K: Hash + Eq>(fields: &[usize], key: impl Fn(usize) -> K) -> Vec<Vec<usize>> {
    let mut places = HashMap::new();
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for field in fields {
        let place = *places.entry(key(*field)).or_insert(groups.len());
        if place == groups.len() {
            groups.push(Vec::new());
        }
        groups[place].push(*field);
    }
    groups
}

/// Returns the difference between two fields that must be the same.
fn difference(one: &Selected<'_>, other: &Selected<'_>) -> Option<String> {
    let (one, other) = (&one.field.node, &other.field.node);
    let (name, another) = (&one.name.node, &other.name.node);
    if name != another {
        return Some(format!("\"{name}\" and \"{another}\" are different fields"));
    }
    let is_same = one.arguments.len() == other.arguments.len()
        && one.arguments.iter().all(|(name, value)| {
            let there = other.get_argument(&name.node);
            there.is_some_and(|there| there.node == value.node)
        });
    (!is_same).then(|| "they have differing arguments".to_owned())
}

fn type_conflict(types: Option<(&Type, &Type)>) -> Option<String> {
    let (one, other) = types?;
    Some(format!(
        "they return conflicting types \"{one}\" and \"{other}\""
    ))
}
