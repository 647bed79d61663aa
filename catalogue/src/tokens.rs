//! The words of a text, and what stands between them.

use crate::{
    fold::{is_dense, is_word, letters},
    numerals,
};
use unicode_normalization::char::is_combining_mark;

/// Words in brackets at the end of a name that describe the copy, not the title.
const TAGS: &[&str] = &[
    "pal", "ntsc", "ntsc-u", "ntsc-j", "ntsc-u/j", "usa", "eur", "jpn", "cib", "complete", "boxed",
    "sealed", "new",
];

/// Stands between two numbers of a run. It is no letter or digit, so no word has it, and both databases keep it in a lexeme.
const BETWEEN_NUMBERS: char = '·';

const ARTICLES: &[&str] = &["the", "a", "an"];

/// The gap between a word and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gap {
    /// Nothing: the script changes, or it writes no blanks.
    Nothing,
    /// Signs, such as a hyphen.
    Signs,
    /// A blank, perhaps with signs. It stands before the first word, too.
    Blank,
}

/// The part that a word plays in a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Title,
    /// A leading or trailing article.
    Article,
    /// A word in brackets that describes the copy.
    Tag,
}

/// One folded word. In a script that writes no blanks, it is one character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// The word in letters, as written.
    pub(crate) letters: String,
    /// The word, or digits for a Roman numeral of two letters and more.
    pub(crate) word: String,
    pub(crate) gap: Gap,
    pub(crate) part: Part,
    /// It stands where a single letter may be a numeral: behind another word, and at the end of the title or before a
    /// colon, a comma, `&` or a hyphen with a number, as in "X-2".
    pub(crate) closes: bool,
    /// It is written in a script that writes no blanks.
    pub(crate) dense: bool,
    /// The first sign behind it, if only blanks stand between.
    sign: Option<char>,
}

/// A form of the words of a text that has numerals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Numerals of two letters and more as digits: the form of a title's key.
    Key,
    /// Single letters where they may be numerals as digits, too.
    Numbers,
    /// Numerals as digits, and digits that a single letter stands for as this letter.
    Letters,
    /// As written.
    Written,
}

impl Token {
    /// Returns the word in one of its forms.
    pub(crate) fn form(&self, form: Form) -> &str {
        let variant = match form {
            Form::Written => Some(self.letters.as_str()),
            Form::Numbers if self.closes => numerals::digits_of_letter(&self.word),
            Form::Letters if self.closes => numerals::letter_of_digits(&self.word),
            _ => None,
        };
        variant.unwrap_or(&self.word)
    }

    /// Returns the token of a word that was put in the place of another one.
    pub(crate) fn replaced(&self, word: &str) -> Token {
        Token {
            letters: word.to_owned(),
            word: word.to_owned(),
            ..self.clone()
        }
    }
}

/// A text in folded words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) tokens: Vec<Token>,
}

impl Text {
    pub(crate) fn new(text: &str) -> Text {
        let folded = letters(text);
        let (body, tags) = folded.split_at(end_of_title(&folded));
        let mut tokens = split(body, Part::Title);
        mark(&mut tokens);
        tokens.extend(split(tags, Part::Tag));
        Text { tokens }
    }

    /// Returns all words, as they are written one after the other.
    pub(crate) fn words(&self) -> impl Iterator<Item = &Token> {
        self.tokens.iter()
    }

    /// Returns all words but the article at one of the ends of the title.
    pub(crate) fn bare(&self) -> impl Iterator<Item = &Token> {
        self.tokens
            .iter()
            .filter(|token| token.part != Part::Article)
    }

    /// Returns the words of the title: without articles at its ends and without tags.
    pub(crate) fn title(&self) -> impl Iterator<Item = &Token> {
        self.tokens.iter().filter(|token| token.part == Part::Title)
    }

    /// Returns the article at one of the ends of the title.
    pub(crate) fn article(&self) -> Option<&Token> {
        self.tokens.iter().find(|token| token.part == Part::Article)
    }
}

/// Joins words without blanks, in one form.
pub(crate) fn join<'a>(tokens: impl IntoIterator<Item = &'a Token>, form: Form) -> String {
    tokens.into_iter().map(|token| token.form(form)).collect()
}

/// Joins words without blanks, in one form, as lexemes have them: a sign keeps numbers apart, so that 2 and 1 are not 21.
pub(crate) fn join_run<'a>(tokens: impl IntoIterator<Item = &'a Token>, form: Form) -> String {
    let digit = |c: char| c.is_ascii_digit();
    let mut run = String::new();
    for token in tokens {
        let word = token.form(form);
        if run.ends_with(digit) && word.starts_with(digit) {
            run.push(BETWEEN_NUMBERS);
        }
        run.push_str(word);
    }
    run
}

/// Splits a folded text into words.
fn split(text: &str, part: Part) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut gap = Gap::Blank;
    for c in text.chars() {
        if is_word(c) {
            push(c, &mut gap, &mut tokens, part);
            continue;
        }
        if c.is_whitespace() || c.is_control() || c == '&' {
            gap = Gap::Blank;
        } else if gap == Gap::Nothing {
            gap = Gap::Signs;
        }
        if !c.is_whitespace()
            && let Some(last) = tokens.last_mut()
        {
            last.sign.get_or_insert(c);
        }
        if c == '&' {
            tokens.push(token("and".to_owned(), Gap::Blank, part));
        }
    }
    for token in &mut tokens {
        if let Some(digits) = numerals::digits(&token.letters) {
            token.word = digits;
        }
    }
    tokens
}

/// Adds a character to the last word, or begins another one with it.
fn push(c: char, gap: &mut Gap, tokens: &mut Vec<Token>, part: Part) {
    let mark = is_combining_mark(c);
    let dense = is_dense(c);
    match tokens.last_mut() {
        Some(last) if *gap == Gap::Nothing && (mark || !last.dense && !dense) => {
            last.letters.push(c);
            last.word.push(c);
        }
        // A mark without a letter is no word.
        _ if mark => {}
        _ => {
            tokens.push(token(c.to_string(), *gap, part));
            *gap = Gap::Nothing;
        }
    }
}

fn token(word: String, gap: Gap, part: Part) -> Token {
    Token {
        dense: word.chars().all(is_dense),
        letters: word.clone(),
        word,
        gap,
        part,
        closes: false,
        sign: None,
    }
}

/// Marks the article of a title, and the words that stand where a single letter may be a numeral.
fn mark(tokens: &mut [Token]) {
    let is_article = |token: &Token| ARTICLES.contains(&token.letters.as_str());
    match tokens {
        [first, second, ..]
            if is_article(first) && first.sign.is_none() && second.gap == Gap::Blank =>
        {
            first.part = Part::Article;
        }
        [.., before, last] if is_article(last) && before.sign == Some(',') => {
            last.part = Part::Article;
        }
        _ => {}
    }
    let mut title: Vec<&mut Token> = tokens
        .iter_mut()
        .filter(|token| token.part == Part::Title)
        .collect();
    for at in 1..title.len() {
        let counted = title.get(at + 1).map(|next| {
            next.gap == Gap::Signs && next.letters.starts_with(|c: char| c.is_ascii_digit())
        });
        title[at].closes = match (title[at].sign, counted) {
            (_, None) | (Some(':' | ',' | '&'), _) => true,
            (Some('-'), Some(counted)) => counted,
            _ => false,
        };
    }
}

/// Returns where the tags begin that a folded name ends with.
fn end_of_title(name: &str) -> usize {
    let mut title = name.trim_end();
    while let Some(before) = without_tags(title) {
        title = before;
    }
    title.len()
}

/// Returns a name without its last pair of brackets, if these have nothing but tags.
fn without_tags(name: &str) -> Option<&str> {
    let (inside, open) = match name.chars().next_back()? {
        ')' => (name.strip_suffix(')')?, '('),
        ']' => (name.strip_suffix(']')?, '['),
        '}' => (name.strip_suffix('}')?, '{'),
        _ => return None,
    };
    let (before, inside) = inside.rsplit_once(open)?;
    let mut tags = inside
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '+' | '&' | '|'))
        .filter(|tag| !tag.is_empty())
        .peekable();
    tags.peek()?;
    tags.all(is_tag).then(|| before.trim_end())
}

fn is_tag(text: &str) -> bool {
    TAGS.contains(&text) || text.split('/').all(|tag| TAGS.contains(&tag))
}
