//! The order of a catalogue, and with it the names of releases.

use crate::{
    bounds::{bounded, checksum},
    tokens::{Form, Text, Token},
};

/// The most bytes of the title and of the publisher.
const TITLE: usize = 600;
const PUBLISHER: usize = 300;

/// Returns the key by which releases are sorted, byte by byte, and told apart: the title's words without articles at its
/// ends, then the system, then the publisher. Numbers and numerals sort by value. A release with other words than these
/// has a checksum of them at the end: of the title as written, and of a system that is not known.
pub(crate) fn key(
    title: &Text,
    name: &str,
    system_key: &str,
    unknown_system: Option<&Text>,
    publisher: &Text,
) -> String {
    let mut catalogue = words(title.title(), Form::Numbers);
    let mut written = words(title.words(), Form::Key);
    let mut differs = catalogue != written;
    if let Some(system) = unknown_system {
        let system = words(system.words(), Form::Written);
        differs |= system != system_key;
        written = format!("{written}\t{system}");
    }
    catalogue = if catalogue.is_empty() {
        one_line(name)
    } else {
        numbered(&catalogue)
    };
    let mut key = format!(
        "{}\t{system_key}\t{}",
        bounded(catalogue, TITLE),
        bounded(words(publisher.words(), Form::Written), PUBLISHER),
    );
    if differs {
        key.push('\t');
        key.push_str(&checksum(&written));
    }
    key
}

/// Returns words in one form, with a blank between them.
fn words<'a>(tokens: impl Iterator<Item = &'a Token>, form: Form) -> String {
    let words: Vec<&str> = tokens.map(|token| token.form(form)).collect();
    words.join(" ")
}

/// Returns a text with the count of its digits before each number, so that 2 sorts before 10.
fn numbered(text: &str) -> String {
    let mut numbered = String::with_capacity(text.len() + 4);
    let mut digits = String::new();
    for c in text.chars().chain([' ']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            numbered.push_str(&digits.len().min(9).to_string());
            numbered.push_str(&digits);
            digits.clear();
        }
        numbered.push(c);
    }
    numbered.pop();
    numbered
}

/// Returns a text without blanks and control characters at its ends, and with one blank for those in it.
fn one_line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> String {
        key(&Text::new(name), name, "snes", None, &Text::new("Nintendo"))
    }

    #[test]
    fn key_has_title_system_and_publisher() {
        assert_eq!(
            of("Super Mario World 2"),
            "super mario world 12\tsnes\tnintendo"
        );
        assert_eq!(of("!!!"), "!!!\tsnes\tnintendo");
    }

    #[test]
    fn key_sorts_as_a_catalogue_does() {
        let sorted = [
            "!!!",
            "2 Fast",
            "10 Yard Fight",
            "A Boy and His Blob",
            "Final Fantasy II",
            "Final Fantasy IX",
            "Final Fantasy X",
            "Final Fantasy XI",
            "Legend of Zelda, The",
            "Mega Man 2",
            "Mega Man X",
            "mega man 11",
            "NBA 2K9",
            "NBA 2K10",
            "Pokémon Blue",
            "POKEMON RED",
            "The Simpsons",
            "Star Fox",
            "Zelda II",
        ];
        let keys = sorted.map(of);
        assert!(keys.is_sorted(), "{keys:#?}");
    }

    #[test]
    fn key_tells_apart_what_is_written_with_other_words() {
        let names = [
            "Simpsons",
            "The Simpsons",
            "Simpsons, The",
            "Mega Man X",
            "Mega Man 10",
            "Mega Man 10 (PAL)",
            "ClayFighter",
            "Clay Fighter",
            "Clay Fighter (box only)",
        ];
        let mut keys: Vec<String> = names.iter().map(|name| of(name)).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), names.len());
        assert_eq!(of("Final Fantasy VII"), of("Final  Fantasy® 7"));
    }
}
