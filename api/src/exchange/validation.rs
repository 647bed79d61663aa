//! Checks of what people send. All faults of an input are collected, so that one answer names every bad field.

use platform::text::{is_bidi_control, is_line_separator, is_visible, normalized};

use crate::error::{Error, FieldError, Result};

/// How many faults one answer lists.
pub const MAX_FAULTS: usize = 20;

/// What a use case is asked to do.
pub trait Validate: Sized {
    /// Notes the values that will not do, and takes the blanks around texts away.
    fn check(&mut self, faults: &mut Faults);

    /// The input, if all of it will do.
    fn validate(mut self) -> Result<Self> {
        let mut faults = Faults::default();
        self.check(&mut faults);
        faults.into_result()?;
        Ok(self)
    }
}

/// The faults of members of a thing that a change sends along though no change can touch them. It is found before the
/// change, and told only where the change would be made otherwise.
#[derive(Clone, Debug, Default)]
pub struct ReadOnlyFaults(Vec<FieldError>);

impl ReadOnlyFaults {
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

/// Collects what is wrong with an input.
#[derive(Default)]
pub struct Faults {
    found: Vec<FieldError>,
    /// Is there one that could not be read at all?
    unreadable: bool,
}

impl Faults {
    /// The failure of one fault alone.
    pub fn single(field: &str, code: &'static str, message: impl Into<String>) -> Error {
        let mut faults = Self::default();
        faults.add(field, code, message);
        Error::Invalid(faults.found)
    }

    /// Notes one fault, if there are not [`MAX_FAULTS`] yet.
    pub fn add(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        if self.found.len() < MAX_FAULTS {
            self.found.push(FieldError {
                field: field.to_owned(),
                code,
                message: message.into(),
            });
        }
    }

    /// Notes a field that cannot be read: the whole input is as unreadable.
    pub fn unreadable(&mut self, field: &str, code: &'static str, message: impl Into<String>) {
        self.add(field, code, message);
        self.unreadable = true;
    }

    /// Has the field no fault yet?
    #[must_use]
    pub fn has_no_error_for(&self, field: &str) -> bool {
        self.found.iter().all(|fault| fault.field != field)
    }

    /// All that was noted.
    #[must_use]
    pub fn into_fields(self) -> Vec<FieldError> {
        self.found
    }

    /// One line of text of 1 to `max` characters, at least one of them visible; gives it back without the blanks around it.
    pub fn line(&mut self, field: &str, text: &str, max: usize) -> String {
        self.text(field, text, max, |c| {
            !c.is_control() && !is_line_separator(c)
        })
    }

    /// Text of several lines, of 1 to `max` characters, at least one of them visible; gives it back without the blanks
    /// around it, and with line feeds alone at the ends of its lines, as the forms of browsers have them.
    pub fn lines(&mut self, field: &str, text: &str, max: usize) -> String {
        let text = &text.replace("\r\n", "\n").replace('\r', "\n");
        self.text(field, text, max, |c| {
            !c.is_control() || matches!(c, '\n' | '\r' | '\t')
        })
    }

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

    /// One line of text to look for; `None` where there is nothing to look for.
    pub fn search(&mut self, field: &str, text: Option<&str>, max: usize) -> Option<String> {
        let text = text?;
        if text.contains(char::is_control) {
            self.control_character(field);
            return None;
        }
        self.length(field, text, max);
        text.contains(is_visible)
            .then(|| composed_within(text.trim(), max))
    }

    fn control_character(&mut self, field: &str) {
        let message = "must not contain control characters, nor characters that control the direction of the text, such as \
                       U+202E";
        self.add(field, "control_character", message);
    }

    /// A whole number from `min` to `max`.
    pub fn range(&mut self, field: &str, value: i32, min: i32, max: i32) {
        if !(min..=max).contains(&value) {
            self.add(
                field,
                "out_of_range",
                format!("is {value}; send {min} to {max}"),
            );
        }
    }

    /// `Ok` where nothing is wrong.
    pub fn into_result(self) -> Result<()> {
        if self.found.is_empty() {
            Ok(())
        } else if self.unreadable {
            Err(Error::Unreadable(self.found))
        } else {
            Err(Error::Invalid(self.found))
        }
    }
}

/// The text in the one spelling that is kept, where that is not too long: a few characters have more parts when composed.
fn composed_within(text: &str, max: usize) -> String {
    let composed = composed(text);
    if composed.chars().count() <= max {
        composed
    } else {
        text.to_owned()
    }
}
