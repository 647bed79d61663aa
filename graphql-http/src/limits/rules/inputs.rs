//! Types of values: ValuesOfCorrectType of the specification (5.6) for literals in a document, and CoerceVariableValues
//! (6.1.2) for variables.
//!
//! async-graphql 7.2 accepts a string for an enum value in a document, and anything for an input object, and skips an
//! argument if one of its variables was not sent. As in all of its schemas, an Int has up to 64 bits.

use async_graphql::{
    Name,
    parser::types::{BaseType, Type},
};
use async_graphql_value::Value;

use crate::schema_types::{Input, InputSlots, SchemaTypes};

/// The source of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A literal of the document.
    Document,
    /// JSON, which has strings for enum values.
    Variable,
}

/// Checks a value against its type. Fails with a message that begins with `place`, the part of the document that it is
/// in.
pub fn check(
    types: &SchemaTypes,
    place: &str,
    value: &Value,
    value_type: &Type,
    origin: Origin,
) -> Result<(), String> {
    if matches!(value, Value::Variable(_)) {
        return Ok(());
    }
    match (&value_type.base, value) {
        (_, Value::Null) if value_type.nullable => Ok(()),
        (_, Value::Null) => Err(format!(
            "{place} must not be null: it has the type `{value_type}`."
        )),
        (BaseType::List(item_type), Value::List(items)) => {
            let mut items = items.iter().enumerate();
            items.try_for_each(|(index, item)| {
                check(types, &format!("{place}[{index}]"), item, item_type, origin)
            })
        }
        // A single value stands for a list with one item.
        (BaseType::List(item_type), item) => check(types, place, item, item_type, origin),
        (BaseType::Named(name), value) => check_named(types, place, value, name, origin),
    }
}

fn check_named(
    types: &SchemaTypes,
    place: &str,
    value: &Value,
    name: &str,
    origin: Origin,
) -> Result<(), String> {
    let is_valid = match (types.input(name), value) {
        (Some(Input::Object { members, one_of }), Value::Object(sent)) => {
            let sent: Vec<_> = sent.iter().collect();
            return check_object(types, place, &sent, (name, members, *one_of), origin);
        }
        (Some(Input::Enum(values)), Value::Enum(value)) => values.contains(value),
        (Some(Input::Enum(values)), Value::String(value)) if origin == Origin::Variable => {
            values.contains(value.as_str())
        }
        (Some(Input::Scalar), value) => is_scalar(name, value),
        (Some(_), _) => false,
        // Another rule reports an unknown type.
        (None, _) => true,
    };
    is_valid
        .then_some(())
        .ok_or_else(|| format!("{place} is not a value of the type `{name}`."))
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
        // A scalar of the schema parses its values itself.
        _ => true,
    }
}

fn check_object(
    types: &SchemaTypes,
    place: &str,
    sent: &[(&Name, &Value)],
    (name, members, one_of): (&str, &InputSlots, bool),
    origin: Origin,
) -> Result<(), String> {
    for (member, value) in sent {
        let Some(slot) = members.get(*member) else {
            return Err(format!(
                "{place} must not have a member `{member}`: the type `{name}` has none of that name."
            ));
        };
        let place = format!("{place}.{member}");
        check(types, &place, value, &slot.value_type, origin)?;
    }
    let is_missing = |member: &Name| sent.iter().all(|(name, _)| *name != member);
    let mut required = members.iter().filter(|(_, slot)| slot.is_required());
    if let Some((member, slot)) = required.find(|(member, _)| is_missing(member)) {
        return Err(format!(
            "{place}.{member} is missing: it has the type `{}`.",
            slot.value_type
        ));
    }
    match sent {
        [(_, value)] if **value != Value::Null => Ok(()),
        _ if one_of => Err(format!(
            "{place} must have exactly one member, and that must not be null: the type `{name}` is a choice."
        )),
        _ => Ok(()),
    }
}
