//! The tokens of a document: their number and the depth of their brackets, counted before the document is parsed, and
//! faults that the parser of async-graphql accepts.

use std::collections::HashSet;

use super::{
    invalid,
    measures::{Excess, Measure},
};
use crate::Rejection;

/// Counts the tokens. Stops at the first one beyond the limit.
pub fn count(query: &str) -> Result<usize, Excess> {
    let (mut tokens, mut depth) = (0, 0usize);
    for token in (Tokens { rest: query }) {
        tokens += 1;
        match token {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        Measure::BRACKETS.check(depth)?;
        Measure::TOKENS.check(tokens)?;
    }
    Ok(tokens)
}

/// Fails if parentheses are empty, or if an input object repeats a member (section 5.6.3 of the specification); the
/// parser silently keeps only the last.
pub fn check_syntax(query: &str) -> Result<(), Rejection> {
    // The members of the enclosing objects, one set a bracket; `None` for brackets of anything else.
    let mut around: Vec<Option<HashSet<&str>>> = Vec::new();
    let mut last = "";
    for token in (Tokens { rest: query }) {
        match token {
            // A selection set is only ever inside other sets, so nothing encloses it here.
            "{" if !around.is_empty() => around.push(Some(HashSet::new())),
            "(" | "[" => around.push(None),
            ")" if last == "(" => {
                let message = "The parentheses `()` are empty. Remove them.";
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

/// The tokens of a text, at least as many as the parser finds.
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

/// Returns true for a character of a name, or of a number before its decimal point.
fn is_word(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// Returns the text after a string whose first quotation mark is already consumed.
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
