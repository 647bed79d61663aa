//! Reads bodies and queries. All faults come in one answer: what cannot be read is set aside, so that the rest can be
//! read and validated.

use std::borrow::Cow;

use exchange::{
    error::Error,
    validation::{Faults, MAX_FAULTS},
};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{
    dto::Dto,
    errors::{Cause, ReadError},
    sent::{Member, Object, Sent},
};
use crate::http::problem::{Fault, Location, pointer_segment};

/// Reads a body, or returns all of its faults. `fields` has one value of each of the `duplicates`.
pub fn read_body<T: Dto>(
    fields: &Map<String, Value>,
    duplicates: &[String],
) -> Result<T, Vec<Fault>> {
    let mut errors: Vec<ReadError> = Vec::new();
    for name in duplicates {
        if !is_among(&errors, name) {
            errors.push(ReadError::duplicate(name));
        }
    }
    let mut members = members(fields);
    for (name, value) in &mut members {
        if is_among(&errors, name) {
            *value = Sent::StandIn;
        }
    }
    let body: Option<T> = read_in_attempts(&mut members, &mut errors, replace);
    let mut values = Faults::default();
    match body {
        Some(body) if errors.is_empty() => return Ok(body),
        Some(body) => body.check(&mut values),
        None => {}
    }
    let mut values = values.into_fields();
    values.retain(|fault| !is_among(&errors, &fault.field));
    let values = values.into_iter().map(|fault| Fault {
        location: Location::Body(pointer_segment(&fault.field)),
        code: fault.code,
        message: fault.message,
    });
    let errors = errors.into_iter().map(Fault::from);
    Err(errors.chain(values).take(MAX_FAULTS).collect())
}

/// Returns true if a body can be read as `T`, with no member left over.
pub fn is_readable<T: Dto>(fields: &Map<String, Value>) -> bool {
    Object::new(&members(fields)).read::<T>().is_ok()
}

/// Reads a query, or returns all of its faults.
pub fn read_query<T: Dto>(query: &str) -> Result<T, Error> {
    let pairs: Vec<(Cow<'_, str>, Cow<'_, str>)> =
        form_urlencoded::parse(query.as_bytes()).collect();
    let mut members: Vec<Member<'_>> = pairs
        .iter()
        .map(|(name, value)| (&**name, Sent::Text(value)))
        .collect();
    let mut errors = Vec::new();
    let parameters: Option<T> = read_in_attempts(&mut members, &mut errors, remove);
    let mut faults = Faults::default();
    for error in &errors {
        error.add_to(&mut faults);
    }
    match parameters {
        Some(parameters) if errors.is_empty() => return Ok(parameters),
        Some(parameters) => parameters.check(&mut faults),
        None => {}
    }
    Err(faults.into_error())
}

fn members(fields: &Map<String, Value>) -> Vec<Member<'_>> {
    let json = |(name, value)| (String::as_str(name), Sent::Json(value));
    fields.iter().map(json).collect()
}

/// Reads an object, in as many attempts as it takes. `set_aside` gets the position of a member that cannot be read, and
/// the error. Returns `None` if there are too many errors to report, or if nothing that could be set aside or replaced
/// causes the error.
fn read_in_attempts<'v, T: DeserializeOwned>(
    members: &mut Vec<Member<'v>>,
    errors: &mut Vec<ReadError>,
    set_aside: impl Fn(&mut Vec<Member<'v>>, usize, &ReadError),
) -> Option<T> {
    while errors.len() < MAX_FAULTS {
        let mut object = Object::new(members);
        let error = match object.read() {
            Ok(value) => return Some(value),
            Err(error) => error,
        };
        let is_known = is_among(errors, error.member());
        let goes_on = match (&error.cause, object.position()) {
            (Cause::Missing(name), _) => {
                members.push((name, Sent::StandIn));
                !is_known
            }
            (_, Some(position)) => {
                set_aside(members, position, &error);
                true
            }
            (_, None) => false,
        };
        if !is_known {
            errors.push(error);
        }
        if !goes_on {
            return None;
        }
    }
    None
}

/// Replaces the value of a member of a body. Removes it if that does not help.
fn replace(members: &mut Vec<Member<'_>>, position: usize, error: &ReadError) {
    let is_superfluous = matches!(error.cause, Cause::UnknownField(_) | Cause::Duplicate);
    if is_superfluous || matches!(members[position].1, Sent::StandIn) {
        members.remove(position);
    } else {
        members[position].1 = Sent::StandIn;
    }
}

/// Removes the parameter that cannot be read. Then sorts the rest by name: clients know the faults after the first in
/// that order.
fn remove(members: &mut Vec<Member<'_>>, position: usize, error: &ReadError) {
    let mut names = members.iter().map(|(name, _)| *name);
    let name = names
        .find(|name| *name == error.member())
        .unwrap_or_else(|| members[position].0);
    members.retain(|(other, _)| *other != name);
    members.sort_by_key(|(name, _)| *name);
}

fn is_among(errors: &[ReadError], member: &str) -> bool {
    errors.iter().any(|error| error.member() == member)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Anything {}

    /// Refuses all input as a whole, not one of its members.
    #[derive(Deserialize)]
    #[serde(try_from = "Anything")]
    struct Nothing;

    impl Dto for Nothing {}

    impl TryFrom<Anything> for Nothing {
        type Error = &'static str;

        fn try_from(_: Anything) -> Result<Self, Self::Error> {
            Err("is refused")
        }
    }

    #[test]
    fn object_refused_as_a_whole_is_a_fault() {
        for names in [&[][..], &["a"], &["a", "b"]] {
            let fields: Map<_, _> = names
                .iter()
                .map(|name| ((*name).into(), "x".into()))
                .collect();
            let faults = read_body::<Nothing>(&fields, &[]).err().unwrap_or_default();
            assert_eq!(faults.len(), 1, "{names:?}");
            assert_eq!(faults[0].message, "is refused");
            assert!(read_query::<Nothing>(&names.join("&")).is_err());
        }
    }
}
