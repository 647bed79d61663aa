//! Types of variables: VariablesInAllowedPosition of the specification (5.8.5). async-graphql 7.2 has the rule and
//! never runs it.

use std::collections::HashMap;

use async_graphql::{
    Name, Value as ConstValue,
    parser::types::{BaseType, OperationDefinition, Type, VariableDefinition},
};
use async_graphql_value::Value;

use crate::{
    Rejection,
    limits::invalid,
    schema_types::{Input, InputSlot, SchemaTypes},
};

/// The variables that an operation defines.
pub struct Defined<'d> {
    types: &'d SchemaTypes,
    by_name: HashMap<&'d Name, &'d VariableDefinition>,
}

impl<'d> Defined<'d> {
    /// Collects the variables of an operation. Fails if two have the same name.
    pub fn new(
        types: &'d SchemaTypes,
        operation: &'d OperationDefinition,
    ) -> Result<Self, Rejection> {
        let mut by_name = HashMap::new();
        for definition in operation.variable_definitions.iter().map(|one| &one.node) {
            let name = &definition.name;
            if by_name.insert(&name.node, definition).is_some() {
                let message = format!(
                    "The variable `${}` is defined twice. Rename one.",
                    name.node
                );
                return Err(invalid(&message, Some(name.pos)));
            }
        }
        Ok(Self { types, by_name })
    }

    /// Checks the variables in a value for this slot. Fails with a message.
    pub fn check(&self, value: &Value, slot: &InputSlot) -> Result<(), String> {
        self.check_value(value, &slot.value_type, slot.has_default)
    }

    fn check_value(&self, value: &Value, expected: &Type, has_default: bool) -> Result<(), String> {
        match (value, &expected.base) {
            (Value::Variable(name), _) => self.check_variable(name, expected, has_default),
            (Value::List(items), BaseType::List(item_type)) => items
                .iter()
                .try_for_each(|item| self.check_value(item, item_type, false)),
            (Value::Object(_), BaseType::List(item_type)) => {
                self.check_value(value, item_type, false)
            }
            (Value::Object(sent), BaseType::Named(name)) => {
                let Some(Input::Object { members, .. }) = self.types.input(name) else {
                    return Ok(());
                };
                let mut slots = sent
                    .iter()
                    .filter_map(|(member, value)| Some((value, members.get(member)?)));
                slots.try_for_each(|(value, slot)| self.check(value, slot))
            }
            _ => Ok(()),
        }
    }

    fn check_variable(
        &self,
        name: &Name,
        expected: &Type,
        has_default: bool,
    ) -> Result<(), String> {
        let Some(definition) = self.by_name.get(name) else {
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
        let allowed = Type {
            nullable: expected.nullable || has_default,
            ..expected.clone()
        };
        if is_subtype(&given, &allowed) {
            return Ok(());
        }
        Err(format!(
            "The variable `${name}` has the type `{defined}`, but `{expected}` is expected where it is used. Change its type in the operation."
        ))
    }
}

/// Returns true if each value of the type `one` is also a value of the type `other`.
fn is_subtype(one: &Type, other: &Type) -> bool {
    (other.nullable || !one.nullable)
        && match (&one.base, &other.base) {
            (BaseType::Named(one), BaseType::Named(other)) => one == other,
            (BaseType::List(one), BaseType::List(other)) => is_subtype(one, other),
            _ => false,
        }
}
