//! The failures to read a value. serde reports each cause by a constructor of its own, so that none is known by its
//! words only.

use std::fmt;

use exchange::validation::Faults;
use serde::de::{self, Expected, Unexpected};

use crate::http::problem::{Fault, Location, pointer_segment};

/// A member of a body, or a parameter of a query, that cannot be read.
#[derive(Debug)]
pub struct ReadError {
    /// The names and indices that lead to the value, the outermost first.
    path: Vec<String>,
    pub cause: Cause,
}

/// The reason why a value cannot be read.
#[derive(Debug)]
pub enum Cause {
    Missing(&'static str),
    Duplicate,
    /// Has the known names.
    UnknownField(&'static [&'static str]),
    /// Has the allowed values.
    UnknownValue(&'static [&'static str]),
    WrongType {
        found: &'static str,
        expected: &'static str,
    },
    OutOfRange,
    /// A text of which no value can be made. Says what to send instead.
    Unparsable(String),
}

impl ReadError {
    pub fn duplicate(name: &str) -> Self {
        Self::from(Cause::Duplicate).within(name)
    }

    /// Adds the name or the index of the value that contains the faulty one.
    pub fn within(mut self, segment: impl fmt::Display) -> Self {
        self.path.insert(0, segment.to_string());
        self
    }

    /// Returns the name of the member or parameter.
    pub fn member(&self) -> &str {
        self.path.first().map_or("", String::as_str)
    }

    /// Adds the fault of a parameter. A value in no known format makes the whole query malformed.
    pub fn add_to(&self, faults: &mut Faults) {
        match &self.cause {
            Cause::Unparsable(message) => {
                faults.unreadable(self.member(), self.cause.code(), message);
            }
            cause => faults.add(self.member(), cause.code(), cause.to_string()),
        }
    }
}

impl Cause {
    /// Returns the stable code for clients.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing(_) => "missing",
            Self::Duplicate => "duplicate",
            Self::UnknownField(_) => "unknown_field",
            Self::UnknownValue(_) => "unknown_value",
            Self::WrongType { .. } | Self::Unparsable(_) => "wrong_type",
            Self::OutOfRange => "out_of_range",
        }
    }
}

/// Says what is wrong, and what to send instead. Never contains the value, which may be a password.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let listed = |names: &[&str]| format!("`{}`", names.join("`, `"));
        match self {
            Self::Missing(_) => f.write_str("is missing"),
            Self::Duplicate => f.write_str("is sent twice; send it once"),
            Self::UnknownField(known) => {
                write!(f, "is unknown; the known fields are {}", listed(known))
            }
            Self::UnknownValue(allowed) => {
                write!(
                    f,
                    "is not an allowed value; send one of {}",
                    listed(allowed)
                )
            }
            Self::WrongType { found, expected } => write!(f, "is {found}; send {expected}"),
            Self::OutOfRange => f.write_str("is too large or too small"),
            Self::Unparsable(message) => f.write_str(message),
        }
    }
}

impl From<Cause> for ReadError {
    fn from(cause: Cause) -> Self {
        Self {
            path: Vec::new(),
            cause,
        }
    }
}

impl From<ReadError> for Fault {
    fn from(error: ReadError) -> Self {
        let segments = error.path.iter().map(|name| pointer_segment(name));
        Self {
            location: Location::Body(segments.collect()),
            code: error.cause.code(),
            message: error.cause.to_string(),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl std::error::Error for ReadError {}

impl de::Error for ReadError {
    /// Takes the message of a deserializer of this API.
    fn custom<T: fmt::Display>(message: T) -> Self {
        Cause::Unparsable(message.to_string()).into()
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::custom("has the wrong type")
    }

    fn invalid_value(found: Unexpected<'_>, _: &dyn Expected) -> Self {
        match found {
            Unexpected::Signed(_) | Unexpected::Unsigned(_) => Cause::OutOfRange.into(),
            _ => Self::custom("has the wrong type"),
        }
    }

    fn unknown_variant(_: &str, allowed: &'static [&'static str]) -> Self {
        Cause::UnknownValue(allowed).into()
    }

    fn unknown_field(_: &str, known: &'static [&'static str]) -> Self {
        Cause::UnknownField(known).into()
    }

    fn missing_field(name: &'static str) -> Self {
        Self::from(Cause::Missing(name)).within(name)
    }

    fn duplicate_field(name: &'static str) -> Self {
        Self::duplicate(name)
    }
}
