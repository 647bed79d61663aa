//! Variables must fit the places where they are used: VariablesInAllowedPosition of the specification (5.8.5). async-graphql 7.2 has the
//! rule and never runs it.

use std::collections::HashMap;

use async_graphql::{
    Name, Value as ConstValue,
    parser::types::{BaseType, OperationDefinition, Type, VariableDefinition},
};
use async_graphql_value::Value;

use crate::graphql::{
    limits::invalid,
    rejection::Rejection,
    schema_types::{self, Input, Place},
};

/// The variables of an operation, by name.
pub struct Defined<'d>(HashMap<&'d Name, &'d VariableDefinition>);

impl<'d> Defined<'d> {
    /// Fails where two variables have one name.
    pub fn by(operation: &'d OperationDefinition) -> Result<Self, Rejection> {
        let mut defined = HashMap::new();
        for definition in operation.variable_definitions.iter().map(|one| &one.node) {
            let name = &definition.name;
            if defined.insert(&name.node, definition).is_some() {
                let message = format!("There are two variables `${}`. Rename one.", name.node);
                return Err(invalid(&message, Some(name.pos)));
            }
        }
        Ok(Self(defined))
    }

    /// Fails with what is wrong where a variable in the value does not fit its place, or does not exist.
    pub fn check(&self, value: &Value, place: &Place) -> Result<(), String> {
        self.look(value, &place.of, place.has_default)
    }

    fn look(&self, value: &Value, of: &Type, has_default: bool) -> Result<(), String> {
        match (value, &of.base) {
            (Value::Variable(name), _) => self.fits(name, of, has_default),
            (Value::List(items), BaseType::List(of)) => {
                items.iter().try_for_each(|item| self.look(item, of, false))
            }
            (Value::Object(_), BaseType::List(of)) => self.look(value, of, false),
            (Value::Object(sent), BaseType::Named(name)) => {
                let Some(Input::Object { members, .. }) = schema_types::input(name) else {
                    return Ok(());
                };
                let mut places = sent
                    .iter()
                    .filter_map(|(member, value)| Some((value, members.get(member)?)));
                places.try_for_each(|(value, place)| self.check(value, place))
            }
            _ => Ok(()),
        }
    }

    fn fits(&self, name: &Name, of: &Type, has_default: bool) -> Result<(), String> {
        let Some(definition) = self.0.get(name) else {
            return Err(format!(
                "The variable `${name}` is not defined. Define it in the operation."
            ));
        };
        let default = definition.default_value.as_ref().map(|value| &value.node);
        let never_null = default.is_some_and(|default| *default != ConstValue::Null);
        let defined = &definition.var_type.node;
        let given = Type {
            nullable: defined.nullable && !never_null,
            ..defined.clone()
        };
        let taken = Type {
            nullable: of.nullable || has_default,
            ..of.clone()
        };
        if is_subtype(&given, &taken) {
            return Ok(());
        }
        Err(format!(
            "The variable `${name}` is of type `{defined}`, and is used where `{of}` is expected. Change its type in the operation."
        ))
    }
}

/// Is each value of the one type a value of the other?
fn is_subtype(one: &Type, other: &Type) -> bool {
    (other.nullable || !one.nullable)
        && match (&one.base, &other.base) {
            (BaseType::Named(one), BaseType::Named(other)) => one == other,
            (BaseType::List(one), BaseType::List(other)) => is_subtype(one, other),
            _ => false,
        }
}
