//! The forms of all operations that change something, read from the description once.

use std::{collections::HashMap, sync::LazyLock};

use serde_json::Value;

use super::{Options, Property, Template};
use crate::rest::openapi::{self, JSON};

/// Other ways to say what another field of the form, or who sends it, says.
const ALTERNATIVES: [&str; 4] = [
    "offered_game_id",
    "requested_game_id",
    "owner_id",
    "requester_id",
];
/// In a change, what cannot be changed, or what is done by a form of its own.
const FIXED: [&str; 2] = ["email", "status"];
/// Required unless their alternative is there, which no form has: of a new thing, and of a change.
const REQUIRED: [(&str, &str); 3] = [
    ("POST", "offered_game_ids"),
    ("POST", "requested_game_ids"),
    ("PUT", "current_password"),
];
static FORMS: LazyLock<HashMap<(&'static str, String), Template>> = LazyLock::new(|| {
    let api = serde_json::to_value(openapi::description()).unwrap_or_default();
    let paths = api["paths"].as_object().into_iter().flatten();
    let methods = [("POST", "post"), ("PUT", "put"), ("DELETE", "delete")];
    paths
        .flat_map(|(path, item)| methods.map(|method| (path, item, method)))
        .filter_map(|(path, item, (method, key))| {
            let form = read(&api, method, item.get(key)?);
            Some(((method, shape(path)), form))
        })
        .collect()
});

/// The form for a request to this path.
pub fn form(method: &'static str, target: &str) -> Option<Template> {
    let form = FORMS.get(&(method, shape(target)))?;
    Some(Template {
        target: target.to_owned(),
        ..form.clone()
    })
}

/// A path without what tells one thing from another.
fn shape(path: &str) -> String {
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
    let asked = |name: &str| {
        let fixed = method == "PUT" && FIXED.contains(&name);
        !fixed && !ALTERNATIVES.contains(&name)
    };
    let fields = body["properties"].as_object().into_iter().flatten();
    Template {
        title: text(&operation["summary"]).unwrap_or_default(),
        method,
        target: String::new(),
        content_type: body.is_object().then_some(JSON),
        properties: fields
            .filter(|(name, _)| asked(name))
            .map(|(name, schema)| Property {
                name: name.clone(),
                prompt: prompt(name),
                required: required(name),
                ..property(resolve(api, schema))
            })
            .collect(),
    }
}

/// What a schema says of a value.
fn property(schema: &Value) -> Property {
    let example = match &schema["example"] {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    };
    let shown = Property {
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
            ..shown
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
            ..shown
        },
        _ => Property {
            r#type: Some(match schema["format"].as_str() {
                Some("email") => "email",
                Some("password") => "password",
                _ if schema["pattern"] == openapi::LINES => "textarea",
                _ => "text",
            }),
            min_length: schema["minLength"].as_u64(),
            max_length: schema["maxLength"].as_u64(),
            regex: text(&schema["pattern"]),
            ..shown
        },
    }
}

/// The schema that a reference names.
fn resolve<'a>(api: &'a Value, schema: &'a Value) -> &'a Value {
    schema["$ref"]
        .as_str()
        .and_then(|reference| api.pointer(reference.trim_start_matches('#')))
        .unwrap_or(schema)
}

/// The type of a value, that it may be null aside.
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

/// `year_published` is "Year published".
fn prompt(name: &str) -> String {
    let words = name.replace("_ids", "s").replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
