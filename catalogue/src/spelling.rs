//! Near words: those from which a typed word differs by a mistake or two.
//!
//! Two words are near only if they have a spelling in common, which a database finds by its index: a spelling of a word is
//! the beginning of the word with up to one or two letters left out.

use std::collections::BTreeSet;

use crate::fold::is_dense;

/// Letters from the beginning of a word that its spellings are made of.
const BEGINNING: usize = 12;

/// The fewest letters of a typed word that is corrected.
const SHORTEST_TYPED: usize = 3;

/// The fewest letters of a word that typed words are corrected to.
const SHORTEST: usize = 4;

/// Returns true for a folded word that is corrected if it is misspelt: three letters or more and no digit, in a script that
/// separates words.
pub(crate) fn is_spelled(word: &str) -> bool {
    has_letters(word, SHORTEST_TYPED)
}

/// Returns true for a folded word that typed words are corrected to: four letters or more and no digit, in a script that
/// separates words.
pub(crate) fn is_correct(word: &str) -> bool {
    has_letters(word, SHORTEST)
}

fn has_letters(word: &str, least: usize) -> bool {
    word.chars().count() >= least && word.chars().all(|c| c.is_alphabetic() && !is_dense(c))
}

/// Returns the spellings of a folded word: its first 12 letters, with none of them and with up to as many left out as
/// [`distance`] allows for mistakes. Two words that are near to each other have a spelling in common. Empty for a word
/// that takes no part in correction.
#[must_use]
pub fn spellings(word: &str) -> Vec<String> {
    if !is_spelled(word) {
        return Vec::new();
    }
    let letters: Vec<char> = word.chars().collect();
    let beginning: String = letters.iter().take(BEGINNING).collect();
    let mut all = BTreeSet::from([beginning.clone()]);
    let mut last = vec![beginning];
    for _ in 0..mistakes(letters.len()) {
        last = last.iter().flat_map(|word| shorter(word)).collect();
        last.sort_unstable();
        last.dedup();
        all.extend(last.iter().cloned());
    }
    all.into_iter().collect()
}

/// Returns how many letters of a folded word are typed wrongly: letters that are missing, added or changed, and neighbours
/// that are swapped. None: more than one, or more than two in a word of eight letters or more; or one of them takes no part
/// in correction.
#[must_use]
pub fn distance(typed: &str, word: &str) -> Option<usize> {
    if !is_spelled(typed) || !is_correct(word) {
        return None;
    }
    let distance = strsim::osa_distance(typed, word);
    (distance <= mistakes(word.chars().count())).then_some(distance)
}

/// Returns how many mistakes are allowed in a word of this length.
fn mistakes(letters: usize) -> usize {
    match letters {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// Returns a word without each of its letters in turn.
fn shorter(word: &str) -> Vec<String> {
    word.char_indices()
        .map(|(at, c)| format!("{}{}", &word[..at], &word[at + c.len_utf8()..]))
        .collect()
}
