//! The types of the schema, for code that reads documents: taken once from the schema definition language. Those of introspection are
//! not among them.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

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

/// The field that every type has, and that no type lists.
pub const TYPENAME: &str = "__typename";
static OF_TYPENAME: LazyLock<Option<Type>> = LazyLock::new(|| Type::new("String!"));
static TYPES: LazyLock<Types> = LazyLock::new(Types::read);

#[derive(Default)]
struct Types {
    outputs: HashMap<Name, Output>,
    inputs: HashMap<Name, Input>,
    /// The arguments of directives.
    directives: HashMap<Name, Places>,
}

struct Output {
    is_object: bool,
    fields: HashMap<Name, (Type, Places)>,
}

/// A type of values that clients send.
pub enum Input {
    Scalar,
    Enum(HashSet<Name>),
    Object {
        members: Places,
        /// Must there be one member, no more and no less?
        one_of: bool,
    },
}

/// Arguments, or the members of an input object, by name.
pub type Places = HashMap<Name, Place>;

/// A place for a value that a client sends.
pub struct Place {
    pub of: Type,
    pub has_default: bool,
}

impl Place {
    /// Must there be a value?
    pub fn is_required(&self) -> bool {
        !self.of.nullable && !self.has_default
    }
}

impl Types {
    fn read() -> Self {
        let schema = parse_schema(super::sdl()).map(|schema| schema.definitions);
        let mut types = Self::default();
        for name in ["Boolean", "Float", "ID", "Int", "String"] {
            types.inputs.insert(Name::new(name), Input::Scalar);
        }
        for definition in schema.unwrap_or_default() {
            match definition {
                TypeSystemDefinition::Type(definition) => types.add(definition.node),
                TypeSystemDefinition::Directive(definition) => {
                    let DirectiveDefinition {
                        name, arguments, ..
                    } = definition.node;
                    types.directives.insert(name.node, places(arguments));
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
                members: places(object.fields),
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
                ..
            } = field.node;
            (name.node, (ty.node, places(arguments)))
        };
        let fields = fields.into_iter().map(field).collect();
        self.outputs.insert(name, Output { is_object, fields });
    }
}

fn places(definitions: Vec<Positioned<InputValueDefinition>>) -> Places {
    let place = |definition: Positioned<InputValueDefinition>| {
        let InputValueDefinition {
            name,
            ty,
            default_value,
            ..
        } = definition.node;
        let place = Place {
            of: ty.node,
            has_default: default_value.is_some(),
        };
        (name.node, place)
    };
    definitions.into_iter().map(place).collect()
}

/// Reads them now.
pub fn load() {
    LazyLock::force(&TYPES);
}

/// The type of input of this name. None where there is none, or it is one of output.
pub fn input(name: &str) -> Option<&'static Input> {
    TYPES.inputs.get(name)
}

/// The type that the fields of such an operation are selected on.
pub fn root(kind: OperationType) -> &'static str {
    match kind {
        OperationType::Query => "Query",
        OperationType::Mutation => "Mutation",
        OperationType::Subscription => "Subscription",
    }
}

/// Is it the name of a type whose fields are selected, and of no interface or union?
pub fn is_object(name: &str) -> bool {
    TYPES.outputs.get(name).is_some_and(|of| of.is_object)
}

/// The type of a field of this type.
pub fn field_type(on: &str, name: &str) -> Option<&'static Type> {
    if name == TYPENAME {
        return OF_TYPENAME.as_ref();
    }
    let (of, _) = TYPES.outputs.get(on)?.fields.get(name)?;
    Some(of)
}

/// The arguments of a field of this type.
pub fn arguments(on: &str, name: &str) -> Option<&'static Places> {
    let (_, arguments) = TYPES.outputs.get(on)?.fields.get(name)?;
    Some(arguments)
}

/// The arguments of a directive.
pub fn directive_arguments(name: &str) -> Option<&'static Places> {
    TYPES.directives.get(name)
}

/// What a list, or a list of lists, is of.
pub fn innermost(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(of) => innermost(of),
    }
}
