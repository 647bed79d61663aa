//! Makes the forms of all writes from the OpenAPI description.

use std::{collections::HashMap, sync::OnceLock};

use entity::limits::LINES;
use serde_json::Value;
use utoipa::openapi::OpenApi;

use crate::{
    http::hypermedia::{Options, Property, Template},
    rest::http::json::JSON,
};

/// Fields without a place in forms: alternatives to another field, or to the identity of the sender. A new one
/// needs an entry here: `deprecated` in its schema would show in openapi.json.
const ALTERNATIVES: [&str; 4] = [
    "offered_game_id",
    "requested_game_id",
    "owner_id",
    "requester_id",
];
/// Fields without a place in forms that change a thing: they are read-only, or have a form of their own.
const READ_ONLY: [&str; 2] = ["email", "status"];
/// Fields that are required in forms, because the alternative that makes them optional has no place there. By method.
const REQUIRED: [(&str, &str); 3] = [
    ("POST", "offered_game_ids"),
    ("POST", "requested_game_ids"),
    ("PUT", "current_password"),
];
/// The forms, by method and path pattern. Set by [`load`].
static FORMS: OnceLock<HashMap<(&'static str, String), Template>> = OnceLock::new();

/// Makes the forms, the first time that it is called. No resource has forms before.
pub fn load(description: impl FnOnce() -> OpenApi) {
    FORMS.get_or_init(|| read_all(&serde_json::to_value(description()).unwrap_or_default()));
}

fn read_all(api: &Value) -> HashMap<(&'static str, String), Template> {
    let paths = api["paths"].as_object().into_iter().flatten();
    let methods = [("POST", "post"), ("PUT", "put"), ("DELETE", "delete")];
    paths
        .flat_map(|(path, item)| methods.map(|method| (path, item, method)))
        .filter_map(|(path, item, (method, key))| {
            let form = read(api, method, item.get(key)?);
            Some(((method, pattern(path)), form))
        })
        .collect()
}

/// Returns the form of a request to this path.
pub fn form(method: &'static str, target: &str) -> Option<Template> {
    let form = FORMS.get()?.get(&(method, pattern(target)))?;
    Some(Template {
        target: target.to_owned(),
        ..form.clone()
    })
}

/// Replaces the ids and parameters of a path by `*`.
fn pattern(path: &str) -> String {
    let step = |step: &str| {
        let id = step.starts_with('{') || step.parse::<i64>().is_ok();
        if id { "*".to_owned() } else { step.to_owned() }
    };
    path.split('/').map(step).collect::<Vec<_>>().join("/")
}

fn read(api: &Value, method: &'static str, operation: &Value) -> Template {
    let body = &operation["requestBody"]["content"][JSON]["schema"];
    let body = resolve(api, body);
    let required = |name: &str| {
        let listed = body["required"].as_array().into_iter().flatten();
        listed.into_iter().any(|listed| listed == name) || REQUIRED.contains(&(method, name))
    };
    let has_place = |name: &str| {
        let is_read_only = method == "PUT" && READ_ONLY.contains(&name);
        !is_read_only && !ALTERNATIVES.contains(&name)
    };
    let fields = body["properties"].as_object().into_iter().flatten();
    Template {
        title: text(&operation["summary"]).unwrap_or_default(),
        method,
        target: String::new(),
        content_type: body.is_object().then_some(JSON),
        properties: fields
            .filter(|(name, _)| has_place(name))
            .map(|(name, schema)| Property {
                name: name.clone(),
                prompt: prompt(name),
                required: required(name),
                ..property(resolve(api, schema))
            })
            .collect(),
    }
}

/// Makes a field from the schema of a value.
fn property(schema: &Value) -> Property {
    let example = match &schema["example"] {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let property = Property {
        placeholder: example,
        ..Property::default()
    };
    if let Some(values) = schema["enum"].as_array() {
        let options = Options {
            inline: values.iter().filter_map(text).collect(),
            ..Options::default()
        };
        return Property {
            options: Some(options),
            ..property
        };
    }
    match kind(schema) {
        "array" => {
            let options = Options {
                min_items: schema["minItems"].as_u64().or(Some(1)),
                max_items: schema["maxItems"].as_u64(),
                ..Options::default()
            };
            Property {
                options: Some(options),
                ..Property::default()
            }
        }
        "integer" => Property {
            r#type: Some("number"),
            min: schema["minimum"].as_i64(),
            max: schema["maximum"].as_i64(),
            ..property
        },
        _ => Property {
            r#type: Some(match schema["format"].as_str() {
                Some("email") => "email",
                Some("password") => "password",
                _ if schema["pattern"] == LINES => "textarea",
                _ => "text",
            }),
            min_length: schema["minLength"].as_u64(),
            max_length: schema["maxLength"].as_u64(),
            regex: text(&schema["pattern"]),
            ..property
        },
    }
}

/// Follows a reference to a schema.
fn resolve<'a>(api: &'a Value, schema: &'a Value) -> &'a Value {
    schema["$ref"]
        .as_str()
        .and_then(|reference| api.pointer(reference.trim_start_matches('#')))
        .unwrap_or(schema)
}

/// Returns the type of a value, ignoring that it may be null.
fn kind(schema: &Value) -> &str {
    let one = schema["type"].as_str();
    let several = schema["type"].as_array().into_iter().flatten();
    let mut several = several
        .filter_map(Value::as_str)
        .filter(|name| *name != "null");
    one.or_else(|| several.next()).unwrap_or_default()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(ToOwned::to_owned)
}

/// Makes a label of a field name: "Year published" of `year_published`.
fn prompt(name: &str) -> String {
    let words = name.replace("_ids", "s").replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
