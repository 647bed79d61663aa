//! Reads bodies and queries, and reports all of their errors at once: those of serde for each field, in plain words,
//! and the invalid values of the fields that could be read.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashSet},
    fmt::Display,
};

use exchange::validation::{Faults, MAX_FAULTS};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use serde_path_to_error::Segment;
use utoipa::{
    ToSchema,
    openapi::{RefOr, Schema},
};

use super::dto::Dto;
use crate::{
    http::problem::{Fault, Location, pointer_segment},
    rest::http::examples,
};

/// The code and the message of a missing field.
const MISSING: (&str, &str) = ("missing", "is missing");
/// The code and the message of a field that is sent twice.
const DUPLICATE: (&str, &str) = ("duplicate", "is sent twice; send it once");

/// Reads a body, or returns all of its faults. `fields` has one value of each of the `duplicates`.
pub fn read_body<T: Dto + ToSchema>(
    fields: Map<String, Value>,
    duplicates: Vec<String>,
) -> Result<T, Vec<Fault>> {
    let whole = serde_path_to_error::deserialize(Value::from(fields.clone()));
    let first = match whole {
        Ok(body) if duplicates.is_empty() => return Ok(body),
        Ok(_) => None,
        Err(first) => Some(first),
    };
    let mut seen = HashSet::new();
    let mut faults = Vec::new();
    for name in duplicates {
        if seen.insert(Some(name.clone())) {
            faults.push(field_fault(&name, DUPLICATE));
        }
    }
    if let Some(first) = first
        && seen.insert(field_path(&first).into_iter().next())
    {
        faults.push(serde_fault(&first));
    }
    for (name, value) in &fields {
        if let Some(error) = field_error::<T>(name, value)
            && seen.insert(Some(name.clone()))
        {
            faults.push(serde_fault(&error));
        }
    }
    for name in required::<T>() {
        if !fields.contains_key(&name) && seen.insert(Some(name.clone())) {
            faults.push(field_fault(&name, MISSING));
        }
    }
    let unreadable = seen.into_iter().flatten().collect();
    faults.extend(invalid_values::<T>(fields, &unreadable));
    faults.truncate(MAX_FAULTS);
    Err(faults)
}

/// Returns the error of one field of a body, whatever the others are.
fn field_error<T: DeserializeOwned>(
    name: &str,
    value: &Value,
) -> Option<serde_path_to_error::Error<serde_json::Error>> {
    let field = Map::from_iter([(name.to_owned(), value.clone())]);
    let error = serde_path_to_error::deserialize::<_, T>(Value::from(field)).err()?;
    // For a valid field serde reports that another one is missing.
    (field_path(&error).first().map(String::as_str) == Some(name)).then_some(error)
}

/// Validates the fields that could be read. The `unreadable` ones are replaced by those of the schema's example.
fn invalid_values<T: Dto + ToSchema>(
    mut fields: Map<String, Value>,
    unreadable: &BTreeSet<String>,
) -> Vec<Fault> {
    fields.retain(|name, _| !unreadable.contains(name));
    let example = examples::find(&T::name()).unwrap_or_default();
    let stand_ins = example.as_object().into_iter().flatten();
    for (name, value) in stand_ins.filter(|(name, _)| unreadable.contains(*name)) {
        fields.insert(name.clone(), value.clone());
    }
    let mut faults = Faults::default();
    if let Ok(body) = T::deserialize(Value::from(fields)) {
        body.check(&mut faults);
    }
    let faults = faults.into_fields().into_iter();
    faults
        .filter(|fault| !unreadable.contains(&fault.field))
        .map(|fault| field_fault(&fault.field, (fault.code, &fault.message)))
        .collect()
}

/// Reads a query, or adds all of its faults.
pub fn read_query<T: Dto>(query: &str, faults: &mut Faults) -> Option<T> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let first = match from_pairs(&pairs) {
        Ok(parameters) => return Some(parameters),
        Err(first) => first,
    };
    add_fault(&first, faults);
    let names: BTreeSet<_> = pairs.iter().map(|(name, _)| name).collect();
    for name in names {
        let named: Vec<_> = pairs.iter().filter(|(other, _)| other == name).collect();
        if let Err(error) = from_pairs::<T>(named)
            && faults.has_no_error_for(&field_path(&error).concat())
        {
            add_fault(&error, faults);
        }
    }
    let fit = pairs
        .iter()
        .filter(|(name, _)| faults.has_no_error_for(name));
    if let Ok(parameters) = from_pairs::<T>(fit.collect::<Vec<_>>()) {
        parameters.check(faults);
    }
    None
}

type Pair<'q> = (Cow<'q, str>, Cow<'q, str>);

fn from_pairs<'p, T: DeserializeOwned>(
    pairs: impl IntoIterator<Item = &'p Pair<'p>>,
) -> Result<T, serde_path_to_error::Error<serde::de::value::Error>> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    for (name, value) in pairs {
        query.append_pair(name, value);
    }
    let query = query.finish();
    let pairs = form_urlencoded::parse(query.as_bytes());
    serde_path_to_error::deserialize(serde_urlencoded::Deserializer::new(pairs))
}

/// Adds the fault of a parameter. Messages of our own deserializers begin with "must be"; all others come from the
/// standard library's number parsers.
fn add_fault(error: &serde_path_to_error::Error<serde::de::value::Error>, faults: &mut Faults) {
    let name = field_path(error).concat();
    match describe(&error.inner().to_string()) {
        Some((code, message)) => faults.add(&name, code, message),
        None => {
            let message = error.inner().to_string();
            let is_own = message.starts_with("must be ");
            let message = if is_own {
                &message
            } else {
                "must be an integer"
            };
            faults.unreadable(&name, "wrong_type", message);
        }
    }
}

/// Returns the required fields of the published schema.
fn required<T: ToSchema>() -> Vec<String> {
    match T::schema() {
        RefOr::T(Schema::Object(body)) => body.required,
        _ => Vec::new(),
    }
}

fn serde_fault(error: &serde_path_to_error::Error<serde_json::Error>) -> Fault {
    let pointer = field_path(error)
        .iter()
        .map(|name| pointer_segment(name))
        .collect();
    let (code, message) = describe(&error.inner().to_string())
        .unwrap_or_else(|| ("wrong_type", "has the wrong type".to_owned()));
    Fault {
        location: Location::Body(pointer),
        code,
        message,
    }
}

fn field_fault(name: &str, (code, message): (&'static str, &str)) -> Fault {
    Fault {
        location: Location::Body(pointer_segment(name)),
        code,
        message: message.to_owned(),
    }
}

/// Returns the path of the field that an error is about. A missing or duplicate field is named in the message only.
fn field_path<E: Display>(error: &serde_path_to_error::Error<E>) -> Vec<String> {
    let message = error.inner().to_string();
    let named = ["missing field `", "duplicate field `"]
        .into_iter()
        .find_map(|start| message.strip_prefix(start)?.split('`').next());
    let path = error.path().iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    path.chain(named.map(ToOwned::to_owned)).collect()
}

/// Turns a message of serde into a code and plain words: what is wrong, and what to send instead. Never contains the
/// value, which may be a password.
fn describe(message: &str) -> Option<(&'static str, String)> {
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(message, _)| message);
    let (found, expected) = message
        .rsplit_once(", expected ")
        .unwrap_or((message, "other fields"));
    let starts = |words: &str| found.starts_with(words);
    Some(if starts("missing field") {
        (MISSING.0, MISSING.1.to_owned())
    } else if starts("duplicate field") {
        (DUPLICATE.0, DUPLICATE.1.to_owned())
    } else if starts("unknown field") {
        (
            "unknown_field",
            format!("is unknown; known fields: {expected}"),
        )
    } else if starts("unknown variant") {
        (
            "unknown_value",
            format!("is not an allowed value; send {expected}"),
        )
    } else if starts("invalid value: integer") || starts("number too ") {
        ("out_of_range", "is too large or too small".to_owned())
    } else if let Some(found) = found.strip_prefix("invalid type: ") {
        let message = format!("is {}; send {}", found_type(found), expected_type(expected));
        ("wrong_type", message)
    } else {
        return None;
    })
}

/// Returns the JSON type that serde found.
fn found_type(found: &str) -> &'static str {
    match found.split(' ').next() {
        Some("integer" | "floating") => "a number",
        Some("boolean") => "true or false",
        Some("string") => "a string",
        Some("sequence") => "a list",
        Some("map") => "an object",
        _ => "null",
    }
}

/// Returns the JSON type that serde expected.
fn expected_type(expected: &str) -> &str {
    match expected {
        "i32" | "i64" => "an integer",
        "a sequence" => "a list",
        _ => "a string",
    }
}
