//! Publishes the limits and patterns of fields and parameters. The limits are those that [`entity::limits`] and the use
//! cases define.

use std::{collections::BTreeMap, mem::take};

use entity::limits::{INLINE, Name};
use exchange::{
    offers::MAX_GAMES,
    pagination::{DEFAULT_LIMIT, MAX_LIMIT},
    titles::{DEFAULT_SUGGESTIONS, MAX_SUGGESTIONS},
};
use serde_json::{Value, json};
use utoipa::{
    Number,
    openapi::{
        KnownFormat, Object, RefOr, Schema, SchemaFormat, Type, path::Parameter, schema::SchemaType,
    },
};

use crate::operations::{self, Route};

const SEARCH: &str = r"^[^\u0000-\u001F\u007F-\u009F]*$";
const EXPAND: &str = "^((offered_games|requested_games|offerer|receiver)(,(offered_games|requested_games|offerer|receiver))*)?$";
const EXPAND_DESCRIPTION: &str = "The resources to embed in full in `_embedded`, separated by commas: `offered_games`, `requested_games`, `offerer`, `receiver`.";
const EVENT_ID: &str = "^([0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})?$";
const CURSOR: &str = "^[A-Za-z0-9_-]*$";

type Schemas = BTreeMap<String, RefOr<Schema>>;

/// Adds the limits to the fields of all bodies, and gives each field its value in the example of the body.
pub fn add_to_fields(schemas: &mut Schemas) {
    let (values, bodies): (Schemas, Schemas) = take(schemas)
        .into_iter()
        .partition(|(name, _)| name.starts_with(INLINE));
    *schemas = bodies;
    for schema in schemas.values_mut() {
        if let RefOr::T(Schema::Object(body)) = schema {
            for field in body.properties.values_mut() {
                if let Some(value) = referred_value(field, &values) {
                    *field = value.into();
                }
            }
            spread_example(body);
        }
    }
    for name in ["OfferCreate", "OfferUpdate"] {
        if let Some(RefOr::T(Schema::Object(body))) = schemas.get_mut(name) {
            limit_sides(body);
        }
    }
    if let Some(RefOr::T(Schema::Object(body))) = schemas.get_mut("OfferCreate") {
        require_sides(body);
    }
}

/// Adds the limits to a parameter of a query or a header, and the pattern of a text. An empty text counts as absent.
pub fn add_to_parameter(parameter: &mut Parameter, route: &Route) {
    let Some(RefOr::T(Schema::Object(value))) = &mut parameter.schema else {
        return;
    };
    let is_event_id = value.format == Some(SchemaFormat::KnownFormat(KnownFormat::Uuid));
    let (pattern, max_length) = match parameter.name.as_str() {
        _ if is_event_id => {
            (value.schema_type, value.format) = (Type::String.into(), None);
            (EVENT_ID, None)
        }
        "after" | "before" => (CURSOR, None),
        "q" => (SEARCH, Some(Name::MAX)),
        "title_key" => (SEARCH, Some(catalogue::titles::MAX_KEY)),
        "gaming_system" => (SEARCH, Some(catalogue::systems::MAX_KEY)),
        "expand" => {
            value.example = Some("offered_games,receiver".into());
            parameter.description = Some(EXPAND_DESCRIPTION.to_owned());
            (EXPAND, None)
        }
        "limit" => {
            let (default, maximum): (Value, Number) = if route.path == operations::GET_TITLES.path {
                (DEFAULT_SUGGESTIONS.into(), MAX_SUGGESTIONS.into())
            } else {
                (DEFAULT_LIMIT.into(), MAX_LIMIT.into())
            };
            (value.minimum, value.maximum) = (Some(1_usize.into()), Some(maximum));
            value.default = Some(default);
            return;
        }
        _ => return,
    };
    (value.pattern, value.max_length) = (Some(pattern.to_owned()), max_length);
}

/// Requires each side of a new offer to name games, by one id, by a list, or by both.
fn require_sides(body: &mut Object) {
    let side = |side: &str| {
        let (one, several) = (format!("{side}_game_id"), format!("{side}_game_ids"));
        json!({"anyOf": [
            {"required": [one], "properties": {one.as_str(): {"type": "integer"}}},
            {"required": [several], "properties": {several.as_str(): {"minItems": 1}}},
        ]})
    };
    let sides = Value::from(["offered", "requested"].map(side).to_vec());
    body.extensions = Some([("allOf", sides)].into_iter().collect());
}

/// Limits the lists of games.
fn limit_sides(body: &mut Object) {
    for field in body.properties.values_mut() {
        if let RefOr::T(Schema::Array(games)) = field {
            games.max_items = Some(MAX_GAMES);
        }
    }
}

/// Returns the schema of the value that a field refers to, with the description of the field.
fn referred_value(field: &RefOr<Schema>, values: &Schemas) -> Option<Object> {
    match field {
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next()?;
            let RefOr::T(Schema::Object(value)) = values.get(name)? else {
                return None;
            };
            let mut value = value.clone();
            if !reference.description.is_empty() {
                value.description = Some(reference.description.clone());
            }
            Some(value)
        }
        // The value or null.
        RefOr::T(Schema::OneOf(either)) => {
            let mut value = referred_value(either.items.first()?, values)?;
            if let SchemaType::Type(kind) = value.schema_type {
                value.schema_type = SchemaType::Array(vec![kind, Type::Null]);
            }
            Some(value)
        }
        RefOr::T(_) => None,
    }
}

/// Replaces the example of a body by examples of its fields.
fn spread_example(body: &mut Object) {
    let Some(Value::Object(example)) = body.example.take_if(|example| example.is_object()) else {
        return;
    };
    for (name, value) in example {
        if let Some(RefOr::T(Schema::Object(field))) = body.properties.get_mut(&name) {
            field.example = Some(value);
        }
    }
}
