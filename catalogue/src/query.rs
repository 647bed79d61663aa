//! The text that a person types to find a game.

use std::{
    collections::{BTreeSet, HashMap},
    ops::RangeInclusive,
};

use crate::{
    bounds::{WORDS, cut},
    expression::Expression,
    fold,
    release::{BEGINNING, OTHER, TITLE, WORD},
    spelling::is_spelled,
    titles,
    tokens::{Form, Gap, Text, Token, join_run},
};

/// The forms in which the words of a query are looked for. Digits find a single letter without a form of their own, since
/// a title with such a letter has lexemes with digits, too.
const FORMS: [Form; 3] = [Form::Key, Form::Numbers, Form::Written];

/// The words that a search is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    text: Text,
    typed: String,
}

impl Query {
    /// Reads what was typed. None: it has no letter and no digit, and finds nothing.
    #[must_use]
    pub fn parse(q: &str) -> Option<Query> {
        let text = Text::new(q);
        let has_word = fold::letters(q).chars().any(char::is_alphanumeric);
        (has_word && !text.tokens.is_empty()).then(|| Query {
            text: with_whole_runs(text),
            typed: q.trim().to_owned(),
        })
    }

    /// Returns the folded words as typed, with a blank between them.
    #[must_use]
    pub fn text(&self) -> String {
        self.words().join(" ")
    }

    /// Returns the folded words as typed: numerals stay letters.
    #[must_use]
    pub fn words(&self) -> Vec<&str> {
        self.text
            .words()
            .map(|token| token.letters.as_str())
            .collect()
    }

    /// Returns the keys of the titles that this may be the whole name of: the key of the text, then the keys that it has
    /// with single letters and digits in each other's place where they may be numerals. The first one that exists is the
    /// title that is meant.
    #[must_use]
    pub fn title_keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for form in [Form::Key, Form::Numbers, Form::Letters] {
            let key = titles::key_of(&self.text, form, &self.typed);
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        keys
    }

    /// Returns the condition that a title begins with this text. A title begins with its article, and also with the word
    /// behind it.
    #[must_use]
    pub fn begins(&self) -> Expression {
        self.title_begins_with(|form| join_run(self.text.words(), form))
    }

    /// Returns the condition that the words stand next to each other in the title.
    #[must_use]
    pub fn adjacent(&self) -> Expression {
        let runs = FORMS.map(|form| join_run(self.text.words(), form));
        Expression::any_prefix(
            runs.iter()
                .map(|run| format!("{TITLE}{}", cut(run)))
                .collect(),
        )
    }

    /// Returns the condition that each word is in the title.
    #[must_use]
    pub fn in_title(&self) -> Expression {
        self.each(|at| self.word_in_title(at))
    }

    /// Returns the condition that each word is a whole word of the title. A title with these words is a better match than
    /// one in which other words begin with them, be these next to each other or not.
    #[must_use]
    pub fn whole_in_title(&self) -> Expression {
        self.each(|at| {
            let runs = self.runs(&[at..=at, self.compound(at)]);
            let words = runs.iter().map(|run| format!("{WORD}{}", cut(run)));
            Expression::Any(words.map(Expression::Whole).collect())
        })
    }

    /// Returns the condition that each word is in the title, in the publisher or in a name of the system; or that a title
    /// begins with this text without the article at one of its ends.
    #[must_use]
    pub fn anywhere(&self) -> Expression {
        let words = self.each(|at| self.word_anywhere(at));
        if self.text.article().is_none() {
            return words;
        }
        let bare = self.title_begins_with(|form| join_run(self.text.bare(), form));
        Expression::Any(vec![words, bare])
    }

    /// Returns the typed words that can be corrected: the words to look up near words for.
    #[must_use]
    pub fn misspellable(&self) -> BTreeSet<&str> {
        self.words()
            .into_iter()
            .filter(|word| is_spelled(word))
            .collect()
    }

    /// Returns the condition that each word, or one of its near words, is in the title, in the publisher or in a name of
    /// the system. The keys of `near` are words of [`Query::misspellable`].
    #[must_use]
    pub fn loosely(&self, near: &HashMap<String, Vec<String>>) -> Expression {
        self.each(|at| {
            let near = near.get(&self.text.tokens[at].letters);
            self.word(
                at,
                &[TITLE, OTHER],
                near.map(Vec::as_slice).unwrap_or_default(),
            )
        })
    }

    /// Returns the query with other words in the place of some of its words.
    pub(crate) fn with_words(&self, words: &[Option<&str>]) -> Query {
        let tokens = self.text.tokens.iter().zip(words);
        let tokens = tokens.map(|(token, word)| match word {
            Some(word) => token.replaced(word),
            None => token.clone(),
        });
        Query {
            text: Text {
                tokens: tokens.collect(),
            },
            typed: self.typed.clone(),
        }
    }

    /// Returns the condition that one word is in the title.
    pub(crate) fn word_in_title(&self, at: usize) -> Expression {
        self.word(at, &[TITLE], &[])
    }

    /// Returns the condition that one word is in the title, in the publisher or in a name of the system.
    pub(crate) fn word_anywhere(&self, at: usize) -> Expression {
        self.word(at, &[TITLE, OTHER], &[])
    }

    fn title_begins_with(&self, run: impl Fn(Form) -> String) -> Expression {
        let prefixes = FORMS.map(|form| format!("{BEGINNING}{}", cut(&run(form))));
        Expression::any_prefix(prefixes.to_vec())
    }

    fn each(&self, word: impl Fn(usize) -> Expression) -> Expression {
        Expression::All((0..self.text.tokens.len()).map(word).collect())
    }

    /// Returns the condition that a word, or another one in its place, starts at one of the places that the markers stand
    /// for; or that a joined run of neighbouring words starts there, and the word is not its first one. If the word is the
    /// first one of a run, the run begins with it.
    fn word(&self, at: usize, markers: &[char], others: &[String]) -> Expression {
        let mut runs = self.runs(&[
            at..=at,
            at.saturating_sub(1)..=at,
            at.saturating_sub(2)..=at,
            *self.compound(at).start()..=at,
        ]);
        runs.extend_from_slice(others);
        let prefixes = markers
            .iter()
            .flat_map(|marker| runs.iter().map(move |run| format!("{marker}{}", cut(run))));
        Expression::any_prefix(prefixes.collect())
    }

    /// Returns runs of words, joined in each form.
    fn runs(&self, ranges: &[RangeInclusive<usize>]) -> Vec<String> {
        let mut runs = Vec::new();
        for form in FORMS {
            for range in ranges {
                let joined = join_run(&self.text.tokens[range.clone()], form);
                if !runs.contains(&joined) {
                    runs.push(joined);
                }
            }
        }
        runs
    }

    /// Returns the words that are written together with this one, without a blank, as in "S.T.A.L.K.E.R.".
    fn compound(&self, at: usize) -> RangeInclusive<usize> {
        let blank = |token: &Token| token.gap == Gap::Blank;
        let (before, behind) = self.text.tokens.split_at(at + 1);
        let start = before.iter().rposition(blank).unwrap_or(0);
        start..=at + behind.iter().take_while(|token| !blank(token)).count()
    }
}

/// Puts the characters of a script that writes no blanks together: a run of them is one word of a query. Leaves out what
/// is too much.
fn with_whole_runs(text: Text) -> Text {
    let mut tokens: Vec<Token> = Vec::new();
    for token in text.tokens {
        match tokens.last_mut() {
            Some(last) if token.dense && last.dense && token.gap == Gap::Nothing => {
                last.letters.push_str(&token.letters);
                last.word.push_str(&token.word);
                last.closes = token.closes;
            }
            _ => tokens.push(token),
        }
    }
    tokens.truncate(WORDS);
    Text { tokens }
}
