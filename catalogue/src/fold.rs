//! Folding: what people write in different ways becomes one text.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_script::{Script, UnicodeScript};

use crate::tokens::Text;

/// Returns the folded words of a text, with a blank between them. A text without a letter or digit gives an empty one.
#[must_use]
pub fn fold(text: &str) -> String {
    let text = Text::new(text);
    let words: Vec<&str> = text.words().map(|token| token.letters.as_str()).collect();
    words.join(" ")
}

/// Returns a text in lower case, in composed form and without what readers do not tell apart: marks on Latin, Greek and
/// Cyrillic letters, apostrophes, invisible characters. Other signs and blanks stay.
pub(crate) fn letters(text: &str) -> String {
    let mut apart = String::with_capacity(text.len());
    let mut numeral = false;
    for c in text.chars() {
        // Signs of Roman numerals decompose into letters: they are a word of their own.
        if numeral != matches!(c, 'Ⅰ'..='ⅿ') {
            numeral = !numeral;
            apart.push(' ');
        }
        // Trade marks decompose into letters, and some apostrophes into a blank and a mark.
        if !matches!(c, '™' | '℠') && !is_apostrophe(c) {
            apart.push(c);
        }
    }
    let mut loose = true;
    let unmarked = apart.nfkd().filter(|&c| {
        if is_combining_mark(c) {
            return !loose;
        }
        loose = !keeps_marks(c);
        true
    });
    let composed: String = unmarked.filter(|&c| !is_ignored(c)).nfc().collect();
    let mut folded = String::with_capacity(composed.len());
    for c in composed.chars().flat_map(char::to_lowercase) {
        match c {
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'œ' => folded.push_str("oe"),
            'þ' => folded.push_str("th"),
            'ø' => folded.push('o'),
            'ł' => folded.push('l'),
            'đ' | 'ð' => folded.push('d'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            '\u{2010}'..='\u{2015}' | '\u{2212}' => folded.push('-'),
            c => folded.push(c),
        }
    }
    folded
}

/// Returns true for a character of a word.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Returns true for a character of a script that writes no blanks between words.
pub(crate) fn is_dense(c: char) -> bool {
    // The sign of a long vowel belongs to both kinds of kana.
    c == 'ー'
        || matches!(
            c.script(),
            Script::Han
                | Script::Hiragana
                | Script::Katakana
                | Script::Bopomofo
                | Script::Thai
                | Script::Lao
                | Script::Khmer
                | Script::Myanmar
        )
}

/// Returns true for a character that a mark changes into another one. On other letters, on digits and on signs, a mark
/// is left out.
fn keeps_marks(c: char) -> bool {
    c == 'ー'
        || !matches!(
            c.script(),
            Script::Latin | Script::Greek | Script::Cyrillic | Script::Common
        )
}

fn is_apostrophe(c: char) -> bool {
    matches!(
        c,
        '\'' | '`'
            | '´'
            | 'ʹ'
            | 'ʻ'
            | 'ʼ'
            | 'ʽ'
            | 'ʾ'
            | 'ʿ'
            | 'ˈ'
            | '‘'
            | '’'
            | '‛'
            | '′'
            | '＇'
            | '՚'
            | 'Ꞌ'
            | 'ꞌ'
    )
}

/// Returns true for an apostrophe, and for an invisible character that stands inside of words.
fn is_ignored(c: char) -> bool {
    is_apostrophe(c)
        || matches!(
            c,
            '\u{ad}'
                | '\u{34f}'
                | '\u{61c}'
                | '\u{180b}'..='\u{180f}'
                | '\u{200c}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fe00}'..='\u{fe0f}'
                | '\u{feff}'
                | '\u{e0000}'..='\u{e0fff}'
        )
}
