//! Validation of input. Collects all faults of an input, so that one response names every invalid field.

use std::ops::RangeInclusive;

use entity::limits::{Email, Integer, Password, Text};
use platform::{
    email,
    text::{is_bidi_control, is_line_separator, is_visible, normalized},
};
use secrecy::ExposeSecret;

use crate::error::{Error, FieldError, Result};

/// The maximum number of faults that one response lists.
pub const MAX_FAULTS: usize = 20;

/// The input of a use case.
pub trait Validate {
    /// Records the invalid values, and trims texts.
    fn check(&mut self, faults: &mut Faults);
}

/// A value with limits.
pub trait Limited {
    /// Records an invalid value. Trims and normalizes a text.
    fn check(&mut self, field: &str, faults: &mut Faults);
}

/// The faults of read-only members that a change includes with other values than the current ones. Found before the
/// change, and reported only if nothing else forbids it.
#[derive(Clone, Debug, Default)]
pub struct ReadOnlyFaults(Vec<FieldError>);

impl ReadOnlyFaults {
    /// Fails if there is a fault.
    pub fn into_result(self) -> Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        Err(Error::Invalid(self.0))
    }
}

impl From<Faults> for ReadOnlyFaults {
    fn from(faults: Faults) -> Self {
        Self(faults.found)
    }
}

/// The faults of an input, as they are found.
#[derive(Default)]
pub struct Faults {
    found: Vec<FieldError>,
    /// Set when a field could not be parsed.
    unreadable: bool,
}

impl Faults {
    /// Makes the failure of a single fault.
    pub fn single(field: &str, code: &'static str, message: impl Into<String>) -> Error {
        let mut faults = Self::default();
        faults.add(field, code, message);
        Error::Invalid(faults.found)
    }

    /// Records a fault, up to [`MAX_FAULTS`].
    pub fn add(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        if self.found.len() < MAX_FAULTS {
            self.found.push(FieldError {
                field: field.to_owned(),
                code,
                message: message.into(),
            });
        }
    }

    /// Records a number that is out of range.
    pub fn range(&mut self, field: &str, number: i64, allowed: RangeInclusive<i64>) {
        if !allowed.contains(&number) {
            let (first, last) = allowed.into_inner();
            let message = format!("is {number}; send {first} to {last}");
            self.add(field, "out_of_range", message);
        }
    }

    /// Records a field that cannot be parsed, which makes the whole input malformed.
    pub fn unreadable(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        self.add(field, code, message);
        self.unreadable = true;
    }

    /// Returns true if the field has no fault so far.
    #[must_use]
    pub fn has_no_error_for(&self, field: &str) -> bool {
        self.found.iter().all(|fault| fault.field != field)
    }

    /// Returns the faults.
    #[must_use]
    pub fn into_fields(self) -> Vec<FieldError> {
        self.found
    }

    /// Validates a text of 1 to `max` characters, at least one of them visible. Returns it trimmed.
    fn text(
        &mut self,
        field: &str,
        text: &str,
        max: usize,
        allowed: impl Fn(char) -> bool,
    ) -> String {
        self.length(field, text, max);
        let text = text.trim();
        if !text.chars().all(|c| allowed(c) && !is_bidi_control(c)) {
            self.control_character(field);
        } else if !text.contains(is_visible) {
            let message = format!(
                "must not be empty; send 1 to {max} characters, at least one of them visible"
            );
            self.add(field, "empty", message);
        }
        composed_within(text, max)
    }

    fn length(&mut self, field: &str, text: &str, max: usize) {
        let length = text.chars().count();
        if length > max {
            self.add(
                field,
                "too_long",
                format!("has {length} characters; send at most {max}"),
            );
        }
    }

    /// Validates one line of text to search for; `None` if it is blank.
    pub fn search(&mut self, field: &str, text: Option<&str>, max: usize) -> Option<String> {
        let text = text?;
        if text.contains(char::is_control) {
            self.control_character(field);
            return None;
        }
        self.length(field, text, max);
        let text = text.trim();
        (!text.is_empty()).then(|| composed_within(text, max))
    }

    fn control_character(&mut self, field: &str) {
        let message = "must not contain control characters, nor characters that control the direction of the text, such as \
                       U+202E";
        self.add(field, "control_character", message);
    }

    /// Fails if there is a fault.
    pub fn into_result(self) -> Result<()> {
        if self.found.is_empty() {
            return Ok(());
        }
        Err(self.into_error())
    }

    /// Returns the failure that lists the faults.
    #[must_use]
    pub fn into_error(self) -> Error {
        if self.unreadable {
            Error::Unreadable(self.found)
        } else {
            Error::Invalid(self.found)
        }
    }
}

/// Returns the text in Unicode's composed form, unless that is too long: a few characters get longer when composed.
fn composed_within(text: &str, max: usize) -> String {
    let composed = normalized(text);
    if composed.chars().count() <= max {
        composed
    } else {
        text.to_owned()
    }
}

fn is_allowed_in_line(c: char) -> bool {
    !c.is_control() && !is_line_separator(c)
}

fn is_allowed_in_lines(c: char) -> bool {
    !c.is_control() || matches!(c, '\n' | '\t')
}

impl<T: Limited> Limited for Option<T> {
    fn check(&mut self, field: &str, faults: &mut Faults) {
        if let Some(value) = self {
            value.check(field, faults);
        }
    }
}

impl<const MAX: usize, const MULTILINE: bool> Limited for Text<MAX, MULTILINE> {
    /// Makes LF the line ending of a text of several lines.
    fn check(&mut self, field: &str, faults: &mut Faults) {
        self.0 = if MULTILINE {
            let text = self.0.replace("\r\n", "\n").replace('\r', "\n");
            faults.text(field, &text, MAX, is_allowed_in_lines)
        } else {
            faults.text(field, &self.0, MAX, is_allowed_in_line)
        };
    }
}

impl<const MIN: i32, const MAX: i32> Limited for Integer<MIN, MAX> {
    fn check(&mut self, field: &str, faults: &mut Faults) {
        faults.range(field, self.0.into(), MIN.into()..=MAX.into());
    }
}

impl Limited for Email {
    /// Makes the address canonical.
    fn check(&mut self, field: &str, faults: &mut Faults) {
        let line = faults.text(field, &self.0, Self::MAX, is_allowed_in_line);
        self.0 = email::canonical(&line).unwrap_or_else(|| {
            if faults.has_no_error_for(field) {
                let message = "is not a valid e-mail address; send one such as ann@example.com";
                faults.add(field, "not_an_email", message);
            }
            line
        });
    }
}

impl Limited for Password {
    /// Counts the characters as they were sent (code points, as in JSON Schema). A password sent to log in has no
    /// limits: it is right or wrong.
    fn check(&mut self, field: &str, faults: &mut Faults) {
        let length = self.0.expose_secret().chars().count();
        if length < Self::MIN {
            let message = format!("is too short; send at least {} characters", Self::MIN);
            faults.add(field, "too_short", message);
        } else if length > Self::MAX {
            let message = format!("is too long; send at most {} characters", Self::MAX);
            faults.add(field, "too_long", message);
        }
    }
}
