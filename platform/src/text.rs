//! Checks for characters that are invisible, or that change the order in which others are read; Unicode normalization.

use std::ops::RangeInclusive;

use unicode_normalization::UnicodeNormalization;

/// Invisible characters: the Unicode property Default_Ignorable_Code_Point, and blank glyphs.
const INVISIBLE: &[RangeInclusive<char>] = &[
    '\u{ad}'..='\u{ad}',
    '\u{34f}'..='\u{34f}',
    '\u{61c}'..='\u{61c}',
    '\u{115f}'..='\u{1160}',
    '\u{17b4}'..='\u{17b5}',
    '\u{180b}'..='\u{180f}',
    '\u{200b}'..='\u{200f}',
    '\u{202a}'..='\u{202e}',
    '\u{2060}'..='\u{206f}',
    '\u{2800}'..='\u{2800}',
    '\u{3164}'..='\u{3164}',
    '\u{fe00}'..='\u{fe0f}',
    '\u{feff}'..='\u{feff}',
    '\u{ffa0}'..='\u{ffa0}',
    '\u{fff0}'..='\u{fffc}',
    '\u{1bca0}'..='\u{1bca3}',
    '\u{1d159}'..='\u{1d159}',
    '\u{1d173}'..='\u{1d17a}',
    '\u{e0000}'..='\u{e0fff}',
];

/// Returns true for a character that is visible.
#[must_use]
pub fn is_visible(c: char) -> bool {
    let blank = c.is_whitespace() || c.is_control();
    !blank && !INVISIBLE.iter().any(|range| range.contains(&c))
}

/// Returns true for a character that controls the direction of text: the Unicode property Bidi_Control.
#[must_use]
pub fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Returns true for a line separator that is no control character.
#[must_use]
pub fn is_line_separator(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

/// Returns the text in Normalization Form C, so that spellings that look the same compare equal.
#[must_use]
pub fn normalized(text: &str) -> String {
    text.nfc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_visible_rejects_blank_characters() {
        for c in "\u{200b}\u{3164}\u{ffa0}\u{115f}\u{2800}\u{feff}\u{202e}\u{fe0f}\u{e0041} \u{a0}\u{2028}\u{7}\u{ad}".chars() {
            assert!(!is_visible(c), "{c:?}");
        }
    }

    #[test]
    fn is_visible_accepts_letters_symbols_and_emoji() {
        for c in "aé가ا字1.-+🎮\u{ff21}\u{301}".chars() {
            assert!(is_visible(c), "{c:?}");
        }
    }

    #[test]
    fn normalized_makes_one_spelling_of_two() {
        assert_eq!(normalized("Poke\u{301}mon"), "Pokémon");
    }
}
