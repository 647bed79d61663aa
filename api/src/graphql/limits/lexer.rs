//! The tokens of a document, looked at before it is parsed: how many there are, and how deep its brackets are inside one another.
//! What the parser takes and must not, too.

use std::collections::HashSet;

use super::{
    invalid,
    measures::{Excess, Measure},
};
use crate::graphql::rejection::Rejection;

/// The number of tokens. It ends at the first one too many: what is behind it is not looked at.
pub fn count(query: &str) -> Result<usize, Excess> {
    let (mut tokens, mut depth) = (0, 0usize);
    for token in (Tokens { rest: query }) {
        tokens += 1;
        match token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        Measure::Brackets.check(depth)?;
        Measure::Tokens.check(tokens)?;
    }
    Ok(tokens)
}

/// Fails where a member comes twice in an input object (5.6.3), of which the parser keeps the last one and says nothing, and where
/// brackets are empty that must not be.
pub fn check_syntax(query: &str) -> Result<(), Rejection> {
    // The members of the objects around, each within its brackets; none for brackets of other things.
    let mut around: Vec<Option<HashSet<&str>>> = Vec::new();
    let mut last = "";
    for token in (Tokens { rest: query }) {
        match token {
            // Otherwise a selection set, which is in no brackets but those of other sets.
            "{" if !around.is_empty() => around.push(Some(HashSet::new())),
            "(" | "[" => around.push(None),
            ")" if last == "(" => {
                let message = "The brackets `()` are empty: leave them out.";
                return Err(invalid(message, None));
            }
            ")" | "]" | "}" => {
                around.pop();
            }
            ":" => {
                if let Some(Some(members)) = around.last_mut()
                    && !members.insert(last)
                {
                    let message = format!("There can be only one input field named \"{last}\".");
                    return Err(invalid(&message, None));
                }
            }
            _ => {}
        }
        last = token;
    }
    Ok(())
}

/// The tokens of a text, roughly: as many as there are for the parser, or more.
struct Tokens<'q> {
    rest: &'q str,
}

impl<'q> Iterator for Tokens<'q> {
    type Item = &'q str;

    fn next(&mut self) -> Option<&'q str> {
        loop {
            let (text, first) = (self.rest, self.rest.chars().next()?);
            let (is_token, behind) = match first {
                ' ' | '\t' | '\r' | '\n' | ',' | '\u{feff}' => (false, &text[first.len_utf8()..]),
                '#' => (
                    false,
                    text.find(['\n', '\r']).map_or("", |end| &text[end..]),
                ),
                '"' => (true, behind_string(&text[1..])),
                '.' => (true, text.trim_start_matches('.')),
                _ if is_word(first) => (true, text.trim_start_matches(is_word)),
                _ => (true, &text[first.len_utf8()..]),
            };
            self.rest = behind;
            if is_token {
                return Some(&text[..text.len() - behind.len()]);
            }
        }
    }
}

/// Of a name, or of a number up to its point.
fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// What comes behind a string, from behind its first quotation mark on.
fn behind_string(text: &str) -> &str {
    if let Some(block) = text.strip_prefix("\"\"") {
        let mut rest = block;
        while let Some(at) = rest.find("\"\"\"") {
            let escaped = rest[..at].ends_with('\\');
            rest = &rest[at + 3..];
            if !escaped {
                return rest;
            }
        }
        return "";
    }
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\\', '\n', '\r']) {
        if !rest[at..].starts_with('\\') {
            return &rest[at + 1..];
        }
        let mut behind = rest[at + 1..].chars();
        behind.next();
        rest = behind.as_str();
    }
    ""
}
