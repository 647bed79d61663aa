//! What is wrong with a body or a query that does not fit, all of it: what serde says of each field, in words for people,
//! and the values of the other fields that will not do.

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

use super::Sent;
use crate::rest::{
    openapi::example,
    problem::{Fault, Place, step},
};

/// The code and the words for a field that is not there, and for one that is there twice.
const MISSING: (&str, &str) = ("missing", "is missing");
const DUPLICATE: (&str, &str) = ("duplicate", "is there twice; send it once");

/// Reads a body, or says what is wrong with it. `twice`: the names that were sent twice, of which `fields` has one.
pub fn body<T: Sent + ToSchema>(
    fields: Map<String, Value>,
    twice: Vec<String>,
) -> Result<T, Vec<Fault>> {
    let whole = serde_path_to_error::deserialize(Value::from(fields.clone()));
    let first = match whole {
        Ok(body) if twice.is_empty() => return Ok(body),
        Ok(_) => None,
        Err(first) => Some(first),
    };
    let mut seen = HashSet::new();
    let mut faults = Vec::new();
    for name in twice {
        if seen.insert(Some(name.clone())) {
            faults.push(of_field(&name, DUPLICATE));
        }
    }
    if let Some(first) = first
        && seen.insert(trail(&first).into_iter().next())
    {
        faults.push(fault(&first));
    }
    for (name, value) in &fields {
        if let Some(wrong) = alone::<T>(name, value)
            && seen.insert(Some(name.clone()))
        {
            faults.push(fault(&wrong));
        }
    }
    for name in required::<T>() {
        if !fields.contains_key(&name) && seen.insert(Some(name.clone())) {
            faults.push(of_field(&name, MISSING));
        }
    }
    let wrong = seen.into_iter().flatten().collect();
    faults.extend(unfit::<T>(fields, &wrong));
    faults.truncate(MAX_FAULTS);
    Err(faults)
}

/// What is wrong with a field of a body, whatever the others are.
fn alone<T: DeserializeOwned>(
    name: &str,
    value: &Value,
) -> Option<serde_path_to_error::Error<serde_json::Error>> {
    let field = Map::from_iter([(name.to_owned(), value.clone())]);
    let wrong = serde_path_to_error::deserialize::<_, T>(Value::from(field)).err()?;
    // Of a field that is good alone, serde complains that it misses another.
    (trail(&wrong).first().map(String::as_str) == Some(name)).then_some(wrong)
}

/// What is wrong with the values of the fields that could be read. In place of the `wrong` ones stands what the example of
/// the body has there.
fn unfit<T: Sent + ToSchema>(
    mut fields: Map<String, Value>,
    wrong: &BTreeSet<String>,
) -> Vec<Fault> {
    fields.retain(|name, _| !wrong.contains(name));
    let example = example(&T::name()).unwrap_or_default();
    let stand_ins = example.as_object().into_iter().flatten();
    for (name, value) in stand_ins.filter(|(name, _)| wrong.contains(*name)) {
        fields.insert(name.clone(), value.clone());
    }
    let mut faults = Faults::default();
    if let Ok(body) = T::deserialize(Value::from(fields)) {
        body.check(&mut faults);
    }
    let faults = faults.into_fields().into_iter();
    faults
        .filter(|fault| !wrong.contains(&fault.field))
        .map(|fault| of_field(&fault.field, (fault.code, &fault.message)))
        .collect()
}

/// Reads a query, or notes what is wrong with it.
pub fn query<T: Sent>(query: &str, faults: &mut Faults) -> Option<T> {
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    let first = match of_pairs(&pairs) {
        Ok(parameters) => return Some(parameters),
        Err(first) => first,
    };
    note(&first, faults);
    let names: BTreeSet<_> = pairs.iter().map(|(name, _)| name).collect();
    for name in names {
        let named: Vec<_> = pairs.iter().filter(|(other, _)| other == name).collect();
        if let Err(wrong) = of_pairs::<T>(named)
            && faults.has_no_error_for(&trail(&wrong).concat())
        {
            note(&wrong, faults);
        }
    }
    let fit = pairs
        .iter()
        .filter(|(name, _)| faults.has_no_error_for(name));
    if let Ok(parameters) = of_pairs::<T>(fit.collect::<Vec<_>>()) {
        parameters.check(faults);
    }
    None
}

type Pair<'q> = (Cow<'q, str>, Cow<'q, str>);

fn of_pairs<'p, T: DeserializeOwned>(
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

/// Notes what is wrong with a parameter. What a reader of ours says of it begins with "must be"; what is left is said of
/// numbers by the standard library.
fn note(wrong: &serde_path_to_error::Error<serde::de::value::Error>, faults: &mut Faults) {
    let name = trail(wrong).concat();
    match translate(&wrong.inner().to_string()) {
        Some((code, message)) => faults.add(&name, code, message),
        None => {
            let said = wrong.inner().to_string();
            let own = said.starts_with("must be ");
            let message = if own { &said } else { "must be a whole number" };
            faults.unreadable(&name, "wrong_type", message);
        }
    }
}

/// The fields that a body must have, as its published schema says.
fn required<T: ToSchema>() -> Vec<String> {
    match T::schema() {
        RefOr::T(Schema::Object(body)) => body.required,
        _ => Vec::new(),
    }
}

fn fault(wrong: &serde_path_to_error::Error<serde_json::Error>) -> Fault {
    let pointer = trail(wrong).iter().map(|name| step(name)).collect();
    let (code, message) = translate(&wrong.inner().to_string())
        .unwrap_or_else(|| ("wrong_type", "is not of the right type".to_owned()));
    Fault {
        place: Place::Body(pointer),
        code,
        message,
    }
}

fn of_field(name: &str, (code, message): (&'static str, &str)) -> Fault {
    Fault {
        place: Place::Body(step(name)),
        code,
        message: message.to_owned(),
    }
}

/// The names on the way to what an error is about. A field that is missing, or there twice, stands in the message only.
fn trail<E: Display>(wrong: &serde_path_to_error::Error<E>) -> Vec<String> {
    let said = wrong.inner().to_string();
    let named = ["missing field `", "duplicate field `"]
        .into_iter()
        .find_map(|start| said.strip_prefix(start)?.split('`').next());
    let path = wrong.path().iter().filter_map(|segment| match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { .. } | Segment::Unknown => None,
    });
    path.chain(named.map(ToOwned::to_owned)).collect()
}

/// What serde says, as a code and in words for people: what is wrong, and what would be right. Never the value, which may
/// be a password.
fn translate(said: &str) -> Option<(&'static str, String)> {
    let said = said.rsplit_once(" at line ").map_or(said, |(said, _)| said);
    let (found, expected) = said.rsplit_once(", expected ").unwrap_or((said, "others"));
    let starts = |words: &str| found.starts_with(words);
    Some(if starts("missing field") {
        (MISSING.0, MISSING.1.to_owned())
    } else if starts("duplicate field") {
        (DUPLICATE.0, DUPLICATE.1.to_owned())
    } else if starts("unknown field") {
        (
            "unknown_field",
            format!("is not known here; known: {expected}"),
        )
    } else if starts("unknown variant") {
        (
            "unknown_value",
            format!("is no such value; send {expected}"),
        )
    } else if starts("invalid value: integer") || starts("number too ") {
        (
            "out_of_range",
            "is too large or too small a number".to_owned(),
        )
    } else if let Some(found) = found.strip_prefix("invalid type: ") {
        let message = format!("is {}; send {}", kind(found), wanted(expected));
        ("wrong_type", message)
    } else {
        return None;
    })
}

/// What JSON calls the type that serde found.
fn kind(found: &str) -> &'static str {
    match found.split(' ').next() {
        Some("integer" | "floating") => "a number",
        Some("boolean") => "true or false",
        Some("string") => "a text",
        Some("sequence") => "a list",
        Some("map") => "an object",
        _ => "null",
    }
}

/// What JSON calls the type that serde wants.
fn wanted(expected: &str) -> &str {
    match expected {
        "i32" | "i64" => "a whole number",
        "a sequence" => "a list",
        _ => "a text",
    }
}
