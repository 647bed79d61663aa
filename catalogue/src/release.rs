//! A release: a title by a publisher on a system. A game is a copy of one.

use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

use crate::{
    bounds::{WORDS, cut},
    sorting,
    spelling::is_correct,
    systems, titles,
    tokens::{Form, Gap, Text, Token, join_run},
};

/// Marks a lexeme that starts anywhere in the title.
pub(crate) const TITLE: char = 't';
/// Marks a lexeme that starts at the beginning of the title.
pub(crate) const BEGINNING: char = 'b';
/// Marks a lexeme that is a word of the title, or words that are written without a blank between them.
pub(crate) const WORD: char = 'w';
/// Marks a lexeme of the publisher and of the names of the system.
pub(crate) const OTHER: char = 'o';

/// The keys of a release, and what a search finds it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The key of its title.
    pub title_key: String,
    /// The key of its system.
    pub system_key: String,
    /// Sorts releases as a catalogue does, byte by byte, and names the release: releases with the same key have the same
    /// lexemes.
    pub sort_key: String,
    /// Joined runs: each starts at a word and goes to the end of its text, without blanks, up to 64 characters. The first
    /// letter says where it starts: `b` at the beginning of the title, `t` anywhere in the title, `o` in the publisher or
    /// in a name of the system. A lexeme with `w` is a word of the title, or words that are written without a blank. `·`
    /// stands between two numbers; no lexeme has a blank or another sign.
    pub lexemes: BTreeSet<String>,
    /// The words that typed words are corrected to: all in letters, of title, publisher and names of the system, also
    /// those that are written with signs between them, without these ("spiderman").
    pub words: BTreeSet<String>,
}

impl Release {
    /// Returns the release that a game with these three texts is a copy of.
    #[must_use]
    pub fn new(name: &str, publisher: &str, gaming_system: &str) -> Release {
        let title = Text::new(name);
        let maker = Text::new(publisher);
        let system = Text::new(gaming_system);
        let system_key = systems::key(gaming_system);
        let mut found = Found::default();
        found.add_title(&title);
        found.add_others(&maker);
        let known = SYSTEMS.get(system_key.as_str());
        match known {
            Some(known) => found.extend(known),
            None => found.add_others(&system),
        }
        let unknown = known.is_none().then_some(&system);
        Release {
            title_key: titles::key_of(&title, Form::Key, name),
            sort_key: sorting::key(&title, name, &system_key, unknown, &maker),
            system_key,
            lexemes: found.lexemes,
            words: found.words,
        }
    }

    /// Returns the lexemes with a blank between them.
    #[must_use]
    pub fn text(&self) -> String {
        let lexemes: Vec<&str> = self.lexemes.iter().map(String::as_str).collect();
        lexemes.join(" ")
    }
}

/// The lexemes and words of the names of each known system.
static SYSTEMS: LazyLock<HashMap<&'static str, Found>> = LazyLock::new(|| {
    let systems = systems::ALL.iter().map(|system| {
        let mut found = Found::default();
        for name in system.names().chain([system.key]) {
            found.add_others(&Text::new(name));
        }
        (system.key, found)
    });
    systems.collect()
});

/// The lexemes and words of texts.
#[derive(Default)]
struct Found {
    lexemes: BTreeSet<String>,
    words: BTreeSet<String>,
}

impl Found {
    /// Adds a title, with single letters and with digits where these may be numerals.
    fn add_title(&mut self, title: &Text) {
        let words: Vec<&Token> = title.words().collect();
        let bare: Vec<&Token> = title.bare().collect();
        let named: Vec<&Token> = title.article().into_iter().chain(title.bare()).collect();
        for form in [Form::Key, Form::Numbers] {
            for (start, word) in words.iter().enumerate().take(WORDS) {
                self.add_run(TITLE, &words[start..], form);
                if !word.dense {
                    self.add_run(WORD, &[word], form);
                }
            }
            for compound in words.chunk_by(|_, next| next.gap != Gap::Blank) {
                self.add_run(WORD, compound, form);
            }
            for beginning in [&words, &bare, &named] {
                self.add_run(BEGINNING, beginning, form);
            }
        }
        self.add_words(title);
    }

    /// Adds a publisher or a name of a system.
    fn add_others(&mut self, text: &Text) {
        let tokens: Vec<&Token> = text.words().collect();
        for start in 0..tokens.len().min(WORDS) {
            for form in [Form::Written, Form::Key] {
                self.add_run(OTHER, &tokens[start..], form);
            }
        }
        self.add_words(text);
    }

    fn add_run(&mut self, marker: char, tokens: &[&Token], form: Form) {
        if !tokens.is_empty() {
            let joined = join_run(tokens.iter().copied(), form);
            self.lexemes.insert(format!("{marker}{}", cut(&joined)));
        }
    }

    /// Adds the words that typed words are corrected to.
    fn add_words(&mut self, text: &Text) {
        let mut compound = String::new();
        let mut tokens = text.words().peekable();
        while let Some(token) = tokens.next() {
            self.add_word(&token.word);
            compound.push_str(&token.letters);
            if tokens.peek().is_none_or(|next| next.gap == Gap::Blank) {
                self.add_word(cut(&compound));
                compound.clear();
            }
        }
    }

    fn add_word(&mut self, word: &str) {
        if is_correct(word) {
            self.words.insert(word.to_owned());
        }
    }

    fn extend(&mut self, other: &Found) {
        self.lexemes.extend(other.lexemes.iter().cloned());
        self.words.extend(other.words.iter().cloned());
    }
}
