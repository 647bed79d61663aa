//! The types of a schema, for code that reads documents. They are parsed once from the schema definition language,
//! without the types of introspection.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned,
    parser::{
        parse_schema,
        types::{
            BaseType, DirectiveDefinition, FieldDefinition, InputValueDefinition, OperationType,
            Type, TypeDefinition, TypeKind, TypeSystemDefinition,
        },
    },
};

use crate::list_length::Length;

/// The field that every type has and no type declares.
pub const TYPENAME: &str = "__typename";
/// The scalars of the specification.
const SCALARS: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];

/// The types and directives of a schema, by name.
#[derive(Debug, Default)]
pub struct SchemaTypes {
    outputs: HashMap<Name, Output>,
    inputs: HashMap<Name, Input>,
    /// The arguments of directives.
    directives: HashMap<Name, InputSlots>,
    /// The type of [`TYPENAME`].
    typename: Option<Type>,
}

#[derive(Debug)]
struct Output {
    is_object: bool,
    fields: HashMap<Name, OutputField>,
}

#[derive(Debug)]
struct OutputField {
    field_type: Type,
    arguments: InputSlots,
    /// The length that `@listSize` declares.
    length: Option<Length>,
}

/// A type of values that clients send.
#[derive(Debug)]
pub enum Input {
    Scalar,
    Enum(HashSet<Name>),
    Object {
        members: InputSlots,
        /// True if it must have exactly one member.
        one_of: bool,
    },
}

/// Arguments, or the members of an input object, by name.
pub type InputSlots = HashMap<Name, InputSlot>;

/// An argument, or a member of an input object.
#[derive(Debug)]
pub struct InputSlot {
    pub value_type: Type,
    pub has_default: bool,
}

impl InputSlot {
    /// Returns true if a value must be sent.
    pub fn is_required(&self) -> bool {
        !self.value_type.nullable && !self.has_default
    }
}

impl SchemaTypes {
    /// Parses a schema that async-graphql has exported. A document against a schema that does not parse is left to the
    /// executor.
    #[must_use]
    pub fn from_sdl(sdl: &str) -> Self {
        let mut types = Self {
            typename: Type::new("String!"),
            ..Self::default()
        };
        for name in SCALARS {
            types.inputs.insert(Name::new(name), Input::Scalar);
        }
        let schema = parse_schema(sdl).map(|schema| schema.definitions);
        for definition in schema.unwrap_or_default() {
            match definition {
                TypeSystemDefinition::Type(definition) => types.add(definition.node),
                TypeSystemDefinition::Directive(definition) => {
                    let DirectiveDefinition {
                        name, arguments, ..
                    } = definition.node;
                    types.directives.insert(name.node, slots(arguments));
                }
                TypeSystemDefinition::Schema(_) => {}
            }
        }
        types
    }

    fn add(&mut self, definition: TypeDefinition) {
        let name = definition.name.node;
        let input = match definition.kind {
            TypeKind::Object(object) => return self.add_output(name, true, object.fields),
            TypeKind::Interface(interface) => {
                return self.add_output(name, false, interface.fields);
            }
            TypeKind::Union(_) => return self.add_output(name, false, Vec::new()),
            TypeKind::Scalar => Input::Scalar,
            TypeKind::Enum(values) => {
                let values = values.values.into_iter();
                Input::Enum(values.map(|value| value.node.value.node).collect())
            }
            TypeKind::InputObject(object) => Input::Object {
                members: slots(object.fields),
                one_of: definition
                    .directives
                    .iter()
                    .any(|directive| directive.node.name.node == "oneOf"),
            },
        };
        self.inputs.insert(name, input);
    }

    fn add_output(
        &mut self,
        name: Name,
        is_object: bool,
        fields: Vec<Positioned<FieldDefinition>>,
    ) {
        let field = |field: Positioned<FieldDefinition>| {
            let FieldDefinition {
                name,
                arguments,
                ty,
                directives,
                ..
            } = field.node;
            let field = OutputField {
                field_type: ty.node,
                arguments: slots(arguments),
                length: Length::from_directives(&directives),
            };
            (name.node, field)
        };
        let fields = fields.into_iter().map(field).collect();
        self.outputs.insert(name, Output { is_object, fields });
    }

    /// Returns the input type of this name. `None` for an output type, and for a name that the schema does not have.
    pub fn input(&self, name: &str) -> Option<&Input> {
        self.inputs.get(name)
    }

    /// Returns true for the name of an object type, not of an interface or a union.
    pub fn is_object(&self, name: &str) -> bool {
        let output = self.outputs.get(name);
        output.is_some_and(|output| output.is_object)
    }

    /// Returns the type of a field of the type `parent`.
    pub fn field_type(&self, parent: &str, name: &str) -> Option<&Type> {
        if name == TYPENAME {
            return self.typename.as_ref();
        }
        Some(&self.field(parent, name)?.field_type)
    }

    /// Returns the arguments of a field of the type `parent`.
    pub fn arguments(&self, parent: &str, name: &str) -> Option<&InputSlots> {
        Some(&self.field(parent, name)?.arguments)
    }

    /// Returns the length that `@listSize` declares for a field of the type `parent`.
    pub fn list_length(&self, parent: &str, name: &str) -> Option<&Length> {
        self.field(parent, name)?.length.as_ref()
    }

    fn field(&self, parent: &str, name: &str) -> Option<&OutputField> {
        self.outputs.get(parent)?.fields.get(name)
    }

    /// Lists the lists, each as `Type.field`, that the cost of a document does not include: without `@listSize`, and not
    /// in `sizedFields` of each field that returns their type.
    #[must_use]
    pub fn unsized_lists(&self) -> Vec<String> {
        let fields = self.outputs.iter().flat_map(|(parent, output)| {
            let fields = output.fields.iter();
            fields.map(move |(name, field)| (parent, name, field))
        });
        let lists = fields.filter(|(.., field)| matches!(field.field_type.base, BaseType::List(_)));
        lists
            .filter(|(parent, name, list)| list.length.is_none() && !self.is_sized(parent, name))
            .map(|(parent, name, _)| format!("{parent}.{name}"))
            .collect()
    }

    /// Returns true if a list is in `sizedFields` of each field that returns the type `parent`.
    fn is_sized(&self, parent: &str, name: &str) -> bool {
        let fields = self
            .outputs
            .values()
            .flat_map(|output| output.fields.values());
        let mut lengths = fields
            .filter(|field| innermost(&field.field_type) == parent)
            .map(|field| field.length.as_ref())
            .peekable();
        let is_sized = |length: &Length| length.sized_fields.iter().any(|sized| sized == name);
        lengths.peek().is_some() && lengths.all(|length| length.is_some_and(is_sized))
    }

    /// Returns the arguments of a directive.
    pub fn directive_arguments(&self, name: &str) -> Option<&InputSlots> {
        self.directives.get(name)
    }
}

fn slots(definitions: Vec<Positioned<InputValueDefinition>>) -> InputSlots {
    let slot = |definition: Positioned<InputValueDefinition>| {
        let InputValueDefinition {
            name,
            ty,
            default_value,
            ..
        } = definition.node;
        let slot = InputSlot {
            value_type: ty.node,
            has_default: default_value.is_some(),
        };
        (name.node, slot)
    };
    definitions.into_iter().map(slot).collect()
}

/// Returns the type on which the fields of such an operation are selected.
pub fn root(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

/// Returns the name of the type inside all lists.
pub fn innermost(list: &Type) -> &str {
    match &list.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => innermost(item),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsized_lists_names_lists_without_a_length() {
        let types = SchemaTypes::from_sdl(
            r#"type Query {
                sized: [Int!]! @listSize(assumedSize: 3)
                forgotten: [Int!]!
                page(first: Int): Page @listSize(slicingArguments: ["first"], sizedFields: ["nodes"])
            }
            type Page { nodes: [Int!]! edges: [Int!]! }"#,
        );
        let mut found = types.unsized_lists();
        found.sort();
        assert_eq!(found, ["Page.edges", "Query.forgotten"]);
    }
}
