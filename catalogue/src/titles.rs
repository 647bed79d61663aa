//! The keys of titles: two names with the same key name the same title.

use crate::{
    bounds::bounded,
    tokens::{Form, Text, join},
};

/// The most bytes of a key. A longer one ends with a checksum of what it stands for.
pub const MAX_KEY: usize = 512;

/// Returns the key of a title.
///
/// Marks on letters, case, apostrophes, blanks and signs do not count, nor do a leading or ", trailing" article, and
/// brackets at the end that have nothing but tags of a closed list, such as "(PAL, CIB)". `&` is "and". Roman numerals
/// from II to XXXIX are digits. A single letter stays: "Mega Man X" is no "Mega Man 10". Names are compared exactly, since
/// a false match would give a person another game than they want. A name without letters and digits is its own key.
#[must_use]
pub fn key(name: &str) -> String {
    key_of(&Text::new(name), Form::Key, name)
}

/// Returns the key of a text that was read before, in a form of its numerals.
pub(crate) fn key_of(text: &Text, form: Form, name: &str) -> String {
    let key = join(text.title(), form);
    let key = if key.is_empty() {
        name.trim().to_owned()
    } else {
        key
    };
    bounded(key, MAX_KEY)
}
