//! Counts the tokens of a document before it is parsed, and how deep its brackets are inside one another.

use super::limits::{Excess, Measure};

/// The number of tokens. It ends at the first one too many: what is behind it is not looked at.
pub fn count(query: &str) -> Result<usize, Excess> {
    let (mut tokens, mut depth) = (0, 0usize);
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        let (token, behind) = match first {
            ' ' | '\t' | '\r' | '\n' | ',' | '\u{feff}' => (false, &rest[first.len_utf8()..]),
            '#' => (
                false,
                rest.find(['\n', '\r']).map_or("", |end| &rest[end..]),
            ),
            '"' => (true, behind_string(&rest[1..])),
            '.' => (true, rest.trim_start_matches('.')),
            _ if is_word(first) => (true, rest.trim_start_matches(is_word)),
            _ => (true, &rest[first.len_utf8()..]),
        };
        rest = behind;
        tokens += usize::from(token);
        match first {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        Measure::Brackets.check(depth)?;
        Measure::Tokens.check(tokens)?;
    }
    Ok(tokens)
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
