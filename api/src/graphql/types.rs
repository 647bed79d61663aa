//! The types of the schema, for whoever looks into a document: read once from the schema definition language.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use async_graphql::{
    Name,
    parser::{
        parse_schema,
        types::{BaseType, Type, TypeKind, TypeSystemDefinition},
    },
};

static TYPES: LazyLock<Types> = LazyLock::new(Types::read);

struct Types {
    /// What variables may be of.
    inputs: HashSet<Name>,
    /// The types of all fields, by the type that has them and by name.
    fields: HashMap<Name, HashMap<Name, Type>>,
}

impl Types {
    fn read() -> Self {
        let schema = parse_schema(super::sdl()).map(|schema| schema.definitions);
        let built_in = ["Boolean", "Float", "ID", "Int", "String"];
        let mut types = Self {
            inputs: built_in.into_iter().map(Name::new).collect(),
            fields: HashMap::new(),
        };
        for definition in schema.unwrap_or_default() {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let name = definition.node.name.node;
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                TypeKind::Scalar | TypeKind::Enum(_) | TypeKind::InputObject(_) => {
                    types.inputs.insert(name);
                    continue;
                }
                TypeKind::Union(_) => continue,
            };
            let fields = fields.into_iter().map(|field| field.node);
            let fields = fields.map(|field| (field.name.node, field.ty.node));
            types.fields.insert(name, fields.collect());
        }
        types
    }
}

/// Reads them now.
pub fn learn() {
    LazyLock::force(&TYPES);
}

/// May a variable be of this type?
pub fn is_input(name: &str) -> bool {
    TYPES.inputs.contains(name)
}

/// The type of a field of this type.
pub fn of_field(on: &str, name: &str) -> Option<&'static Type> {
    TYPES.fields.get(on)?.get(name)
}

/// What a list, or a list of lists, is of.
pub fn innermost(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(of) => innermost(of),
    }
}
