//! Values must be of the type of their place: ValuesOfCorrectType of the specification (5.6), for what is written in a document, and
//! CoerceVariableValues (6.1.2), for what is sent beside it.
//!
//! async-graphql 7.2 takes a text for a member of an enumeration in a document as well, anything for an input object, and does not look at
//! an argument at all where one of its variables was left out. As in all of its schemas, an Int has up to 64 bits.

use async_graphql::{
    Name,
    parser::types::{BaseType, Type},
};
use async_graphql_value::Value;

use crate::graphql::schema_types::{self, Input, Places};

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Document,
    /// JSON, which has texts in place of members of an enumeration.
    Variable,
}

/// Fails with what is wrong with the value and where in it, as a sentence that begins with `place`.
pub fn check(place: &str, value: &Value, of: &Type, origin: Origin) -> Result<(), String> {
    if matches!(value, Value::Variable(_)) {
        return Ok(());
    }
    match (&of.base, value) {
        (_, Value::Null) if of.nullable => Ok(()),
        (_, Value::Null) => Err(format!("{place} must not be null: it is of type `{of}`.")),
        (BaseType::List(of), Value::List(items)) => {
            let mut items = items.iter().enumerate();
            items.try_for_each(|(at, item)| check(&format!("{place}[{at}]"), item, of, origin))
        }
        // One item stands for a list of it.
        (BaseType::List(of), item) => check(place, item, of, origin),
        (BaseType::Named(name), value) => named(place, value, name, origin),
    }
}

fn named(place: &str, value: &Value, name: &str, origin: Origin) -> Result<(), String> {
    let is_valid = match (schema_types::input(name), value) {
        (Some(Input::Object { members, one_of }), Value::Object(sent)) => {
            let sent: Vec<_> = sent.iter().collect();
            return object(place, &sent, (name, members, *one_of), origin);
        }
        (Some(Input::Enum(values)), Value::Enum(value)) => values.contains(value),
        (Some(Input::Enum(values)), Value::String(value)) if origin == Origin::Variable => {
            values.contains(value.as_str())
        }
        (Some(Input::Scalar), value) => is_scalar(name, value),
        (Some(_), _) => false,
        // Another rule says that there is no such type.
        (None, _) => true,
    };
    is_valid
        .then_some(())
        .ok_or_else(|| format!("{place} is not a value of type `{name}`."))
}

fn is_scalar(name: &str, value: &Value) -> bool {
    match (name, value) {
        ("Int", Value::Number(number)) => number.is_i64(),
        ("Float", Value::Number(_))
        | ("String", Value::String(_))
        | ("Boolean", Value::Boolean(_))
        | ("ID", Value::String(_)) => true,
        ("ID", Value::Number(number)) => !number.is_f64(),
        ("Int" | "Float" | "String" | "Boolean" | "ID", _) => false,
        // A scalar of our own reads its values itself.
        _ => true,
    }
}

fn object(
    place: &str,
    sent: &[(&Name, &Value)],
    (name, members, one_of): (&str, &Places, bool),
    origin: Origin,
) -> Result<(), String> {
    for (member, value) in sent {
        let Some(of) = members.get(*member) else {
            return Err(format!(
                "{place} has no member `{member}`: the type `{name}` has none of that name."
            ));
        };
        check(&format!("{place}.{member}"), value, &of.of, origin)?;
    }
    let is_missing = |member: &Name| sent.iter().all(|(name, _)| *name != member);
    let mut required = members.iter().filter(|(_, of)| of.is_required());
    if let Some((member, of)) = required.find(|(member, _)| is_missing(member)) {
        return Err(format!(
            "{place}.{member} is missing: it is of type `{}`.",
            of.of
        ));
    }
    match sent {
        [(_, value)] if **value != Value::Null => Ok(()),
        _ if one_of => Err(format!(
            "{place} must have one member, which is not null: the type `{name}` takes one of its members alone."
        )),
        _ => Ok(()),
    }
}
