//! Fields that answer under one name must agree: FieldsInSetCanMerge and SameResponseShape of the specification (5.3.2).
//!
//! async-graphql 7.2 compares the fields of one selection set, and those below them not at all; its executor then merges what two
//! fields gave, lists by index, so that one object gets the id of another.
//!
//! Fields are compared in groups, each with the first of its group, as <https://tech.new-work.se/graphql-overlapping-fields-can-be-merged-fast-ea6e92e0a01>
//! describes: agreement is transitive. What groups of several types have in common is looked at again for each of the types, which is
//! counted and limited.

use std::{collections::HashMap, hash::Hash};

use async_graphql::parser::types::{BaseType, Type};

use super::expanded::{Expanded, Selected};
use crate::graphql::{
    limits::measures::Measure, rejection::Rejection, schema::errors::INVALID_DOCUMENT, schema_types,
};

/// Fails where two fields of the operation contradict each other.
pub fn check(expanded: &Expanded<'_>) -> Result<(), Rejection> {
    let mut overlaps = Overlaps {
        expanded,
        comparisons: 0,
    };
    let roots: Vec<_> = expanded.roots.clone().collect();
    overlaps.same(&roots)?;
    overlaps.alike(&roots)
}

struct Overlaps<'e, 'd> {
    expanded: &'e Expanded<'d>,
    comparisons: usize,
}

impl<'d> Overlaps<'_, 'd> {
    /// Fails unless fields that can be of one object are the same field with the same arguments, also those below them.
    fn same(&mut self, fields: &[usize]) -> Result<(), Rejection> {
        self.comparisons += fields.len();
        Measure::Comparisons.check(self.comparisons)?;
        for group in groups(fields, |field| self.key(field)) {
            for of_object in self.of_each_object(group) {
                self.compare(&of_object, different)?;
                self.same(&self.expanded.below(&of_object))?;
            }
        }
        Ok(())
    }

    /// Fails unless fields that answer under one name have types of one shape, also where they can never be of one object.
    fn alike(&self, fields: &[usize]) -> Result<(), Rejection> {
        for group in groups(fields, |field| self.key(field)) {
            self.compare(&group, |one, other| {
                conflicting(one.of.zip(other.of).filter(|(a, b)| !is_alike(a, b)))
            })?;
            self.alike(&self.expanded.below(&group))?;
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

    /// The fields of each type of object that is among their types, each time with those of interfaces.
    fn of_each_object(&self, group: Vec<usize>) -> Vec<Vec<usize>> {
        let on = |field: usize| self.expanded.fields[field].on;
        let fields = group.iter().copied();
        let (of_objects, of_others): (Vec<_>, Vec<_>) =
            fields.partition(|field| schema_types::is_object(on(*field)));
        let mut objects = groups(&of_objects, on);
        if objects.len() < 2 {
            return vec![group];
        }
        for of_object in &mut objects {
            of_object.extend(&of_others);
        }
        objects
    }

    /// The name that a field answers under.
    fn key(&self, field: usize) -> &'d str {
        &self.expanded.fields[field].field.node.response_key().node
    }

    /// Names both fields, and the fields that they are in up to the one that both are in, in the words of graphql-js.
    fn rejection(&self, one: usize, other: usize, mut reason: String) -> Rejection {
        let fields = &self.expanded.fields;
        let (mut one, mut other) = (one, other);
        let (mut ones, mut others) = (Vec::new(), Vec::new());
        let key = loop {
            let key = self.key(one);
            ones.push(fields[one].field.pos);
            others.push(fields[other].field.pos);
            match (fields[one].within, fields[other].within) {
                (Some(outer), Some(another)) if outer != another => {
                    reason = format!("subfields \"{key}\" conflict because {reason}");
                    (one, other) = (outer, another);
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

/// The fields in groups of one key each, in their order.
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

/// A difference between two fields that must be the same.
fn different(one: &Selected<'_>, other: &Selected<'_>) -> Option<String> {
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

fn conflicting(types: Option<(&Type, &Type)>) -> Option<String> {
    let (one, other) = types?;
    Some(format!(
        "they return conflicting types \"{one}\" and \"{other}\""
    ))
}

/// Do answers of both types look alike? Fields below them are compared by themselves.
fn is_alike(one: &Type, other: &Type) -> bool {
    let is_leaf = |name: &str| schema_types::input(name).is_some();
    one.nullable == other.nullable
        && match (&one.base, &other.base) {
            (BaseType::List(one), BaseType::List(other)) => is_alike(one, other),
            (BaseType::Named(one), BaseType::Named(other)) => {
                one == other || !is_leaf(one) && !is_leaf(other)
            }
            _ => false,
        }
}
