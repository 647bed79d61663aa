//! Sanitizes texts of users for letters.

use platform::text::{is_bidi_control, is_line_separator};

/// Returns the text on one line of at most `max` characters, without control and direction characters, with whitespace
/// collapsed.
#[must_use]
pub fn one_line(text: &str, max: usize) -> String {
    let visible: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|c| !is_direction(*c))
        .collect();
    let line = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= max {
        return line;
    }
    line.chars()
        .take(max.saturating_sub(1))
        .chain(['…'])
        .collect()
}

/// Returns the text with its line breaks, without characters that could reorder or hide the text around it.
pub(super) fn lines(text: &str) -> String {
    text.replace("\r\n", "\n")
        .replace('\r', "\n")
        .chars()
        .filter(|c| (!c.is_control() || matches!(c, '\n' | '\t')) && !is_direction(*c))
        .collect()
}

/// Returns true for a character that changes the direction of text or is an invisible line break.
fn is_direction(c: char) -> bool {
    is_bidi_control(c) || is_line_separator(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_cannot_break_out_of_a_header() {
        assert_eq!(
            one_line("Ann\r\nBcc: eve@example.com", 64),
            "Ann Bcc: eve@example.com"
        );
        assert_eq!(one_line("\u{202e}nnA\u{2028} \u{0}x", 64), "nnA x");
        assert_eq!(one_line("Ångström 🎮", 64), "Ångström 🎮");
    }

    #[test]
    fn one_line_truncates_by_characters() {
        assert_eq!(one_line("🎮🎮🎮", 3), "🎮🎮🎮");
        assert_eq!(one_line("🎮🎮🎮🎮", 3), "🎮🎮…");
    }
}
