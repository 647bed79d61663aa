//! The correction of mistakes by what releases have.

use std::collections::HashMap;

use crate::{
    query::Query,
    release::{OTHER, TITLE},
    spelling,
};

/// Returns the query with its misspelt words corrected, by the release that needs the least.
///
/// `near` has the near words of typed words; `releases` are the lexemes of releases that [`Query::loosely`] found, with
/// blanks between them ([`Release::text`](crate::Release::text)). In the release that is chosen each word is found, itself
/// or one of its near words, with the smallest sum of distances; then with the fewest words changed; then with the fewest
/// words outside of the title; then the first one of `releases`. A release that fits as typed is passed over. None: nothing
/// is left to choose.
#[must_use]
pub fn correct<S: AsRef<str>>(
    query: &Query,
    near: &HashMap<String, Vec<String>>,
    releases: &[S],
) -> Option<Query> {
    let mut best: Option<Correction> = None;
    for release in releases {
        let lexemes: Vec<&str> = release.as_ref().split_ascii_whitespace().collect();
        if let Some(correction) = Correction::new(query, near, &lexemes)
            && correction.cost.changed > 0
            && best.as_ref().is_none_or(|best| correction.cost < best.cost)
        {
            best = Some(correction);
        }
    }
    best.map(|best| query.with_words(&best.words))
}

/// The extent of a correction, in the order in which it counts.
#[derive(Default, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    /// The sum of the distances.
    distance: usize,
    /// The number of words that change.
    changed: usize,
    /// The number of words that are not in the title.
    outside: usize,
}

/// The words that a release corrects.
struct Correction<'a> {
    cost: Cost,
    /// For each word of the query, what takes its place.
    words: Vec<Option<&'a str>>,
}

impl<'a> Correction<'a> {
    /// Returns what has to be corrected so that a release fits. None: a word is not found in it.
    fn new(
        query: &Query,
        near: &'a HashMap<String, Vec<String>>,
        lexemes: &[&str],
    ) -> Option<Correction<'a>> {
        let mut cost = Cost::default();
        let mut words = Vec::new();
        for (at, typed) in query.words().into_iter().enumerate() {
            if query.word_anywhere(at).matches(lexemes) {
                cost.outside += usize::from(!query.word_in_title(at).matches(lexemes));
                words.push(None);
                continue;
            }
            let found = near.get(typed).into_iter().flatten().filter_map(|word| {
                let place = [TITLE, OTHER]
                    .iter()
                    .position(|&marker| has(lexemes, marker, word))?;
                Some((spelling::distance(typed, word)?, place, word.as_str()))
            });
            let (distance, place, word) = found.min()?;
            cost.distance += distance;
            cost.changed += 1;
            cost.outside += place;
            words.push(Some(word));
        }
        Some(Correction { cost, words })
    }
}

/// Returns true if a word begins at a place of a release.
fn has(lexemes: &[&str], marker: char, word: &str) -> bool {
    lexemes.iter().any(|lexeme| {
        lexeme
            .strip_prefix(marker)
            .is_some_and(|run| run.starts_with(word))
    })
}
