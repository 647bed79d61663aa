//! The parts of the schema that documents need, and a generator of requests: most of them nearly valid, some far from
//! it.

use std::collections::HashMap;

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, InputValueDefinition, Type, TypeKind, TypeSystemDefinition},
};
use fastrand::Rng;
use serde_json::Value;

use super::writer::Writer;

/// The kind of a schema type.
pub enum Shape {
    /// Fields, each with its arguments and its type.
    Fields(Vec<(String, Vec<Input>, String)>),
    Inputs(Vec<Input>),
    Choices(Vec<String>),
}

/// An argument, or a field of an input.
pub struct Input {
    pub name: String,
    pub of: Type,
}

/// The parts of the schema that documents need.
pub struct Grammar {
    pub types: HashMap<String, Shape>,
    /// The types that have fields.
    pub composites: Vec<String>,
}

/// A request.
pub struct Sample {
    pub query: String,
    pub variables: Value,
}

impl Grammar {
    /// Reads the public schema, without these fields.
    pub fn new(sdl: &str, without: &[&str]) -> Self {
        let mut types = HashMap::new();
        let mut composites = Vec::new();
        for definition in parse_schema(sdl).unwrap().definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let name = definition.node.name.node.to_string();
            let shape = match definition.node.kind {
                TypeKind::Object(kind) => Some(kind.fields),
                TypeKind::Interface(kind) => Some(kind.fields),
                TypeKind::Enum(kind) => {
                    let choices = kind.values.iter().map(|value| value.node.value.to_string());
                    types.insert(name.clone(), Shape::Choices(choices.collect()));
                    None
                }
                TypeKind::InputObject(kind) => {
                    let fields = kind.fields.into_iter().map(|field| input(field.node));
                    types.insert(name.clone(), Shape::Inputs(fields.collect()));
                    None
                }
                _ => None,
            };
            if let Some(fields) = shape {
                let fields = fields.into_iter().map(|field| {
                    let arguments = field.node.arguments.into_iter();
                    (
                        field.node.name.to_string(),
                        arguments.map(|argument| input(argument.node)).collect(),
                        innermost(&field.node.ty.node).to_owned(),
                    )
                });
                let kept = fields.filter(|(name, _, _)| !without.contains(&name.as_str()));
                types.insert(name.clone(), Shape::Fields(kept.collect()));
                composites.push(name);
            }
        }
        composites.sort();
        Self { types, composites }
    }

    /// Generates a request; the same state of the generator gives the same one.
    pub fn sample(&self, rng: &mut Rng) -> Sample {
        let mut writer = Writer::new(self, rng);
        let mut query = writer.document();
        let variables = writer.sent();
        if rng.u8(..12) == 0 {
            query = mutilated(rng, query);
        }
        Sample { query, variables }
    }
}

/// Cuts a part of the document out, doubles it, or replaces it.
fn mutilated(rng: &mut Rng, query: String) -> String {
    let letters: Vec<char> = query.chars().collect();
    let from = rng.usize(..letters.len());
    let to = rng.usize(from..letters.len().min(from + 200));
    let (before, part, behind) = (&letters[..from], &letters[from..to], &letters[to..]);
    let text = |part: &[char]| part.iter().collect::<String>();
    let part = match rng.u8(..4) {
        0 => String::new(),
        1 => text(part).repeat(rng.usize(2..20)),
        2 => [
            "{", "}", "\"", "\"\"\"", "#", "...", "$", "@", "\u{feff}", "\\", "\0",
        ][rng.usize(..11)]
        .to_owned(),
        _ => text(part).chars().rev().collect(),
    };
    format!("{}{part}{}", text(before), text(behind))
}

fn input(definition: InputValueDefinition) -> Input {
    Input {
        name: definition.name.to_string(),
        of: definition.ty.node,
    }
}

fn innermost(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name,
        BaseType::List(of) => innermost(of),
    }
}
