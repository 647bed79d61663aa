//! The systems that games run on.

mod table;

use std::{collections::HashMap, sync::LazyLock};

pub use self::table::ALL;
use crate::{
    bounds::bounded,
    tokens::{Form, Text, join},
};

/// The most bytes of a key. A longer one ends with a checksum of what it stands for.
pub const MAX_KEY: usize = 200;

/// A system that is known.
#[derive(Debug, PartialEq, Eq)]
pub struct System {
    /// The text that stands for it in games and filters. It never changes.
    pub key: &'static str,
    /// The name to show.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
}

/// The systems by their folded keys, names and aliases.
static BY_NAME: LazyLock<HashMap<String, &'static System>> = LazyLock::new(|| {
    let systems = ALL.iter();
    systems
        .flat_map(|system| {
            system
                .names()
                .chain([system.key])
                .map(move |name| (folded(name), system))
        })
        .collect()
});

/// The systems by their keys.
static BY_KEY: LazyLock<HashMap<&'static str, &'static System>> =
    LazyLock::new(|| ALL.iter().map(|system| (system.key, system)).collect());

impl System {
    /// Returns its name and its aliases.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.name].into_iter().chain(self.aliases.iter().copied())
    }
}

/// Returns the key of the system that a text names by its key, its name or an alias. Case, blanks, signs and marks do not
/// count. A text that names no known system is its own key: its folded words without blanks, or the text itself if it has
/// none.
#[must_use]
pub fn key(text: &str) -> String {
    let folded = folded(text);
    match BY_NAME.get(&folded) {
        Some(system) => system.key.to_owned(),
        None => bounded(folded, MAX_KEY),
    }
}

/// Returns the known system with a key.
#[must_use]
pub fn by_key(key: &str) -> Option<&'static System> {
    BY_KEY.get(key).copied()
}

/// Returns the name to show for a key: the name of the system, or the key itself if the system is not known.
#[must_use]
pub fn name(key: &str) -> &str {
    by_key(key).map_or(key, |system| system.name)
}

/// Returns the folded words without blanks.
fn folded(text: &str) -> String {
    let joined = join(Text::new(text).words(), Form::Written);
    if joined.is_empty() {
        text.trim().to_lowercase()
    } else {
        joined
    }
}
