//! Conditions that a search asks an index for, in the dialects of both databases.

/// A condition on the lexemes of a release.
///
/// An expression without any text, such as `Any(vec![])`, finds nothing. Inside another expression it is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expression {
    /// A lexeme begins with this text.
    Prefix(String),
    /// A lexeme is this text.
    Whole(String),
    /// All of these conditions hold.
    All(Vec<Expression>),
    /// One of these conditions holds.
    Any(Vec<Expression>),
}

/// The signs of one dialect.
struct Dialect {
    quoted: fn(&str, &mut String),
    prefix: &'static str,
    all: &'static str,
    any: &'static str,
    nothing: &'static str,
}

const TSQUERY: Dialect = Dialect {
    quoted: |text, out| {
        out.push('\'');
        for c in text.chars() {
            if matches!(c, '\'' | '\\') {
                out.push(c);
            }
            out.push(c);
        }
        out.push('\'');
    },
    prefix: ":*",
    all: " & ",
    any: " | ",
    nothing: "",
};

const FTS5: Dialect = Dialect {
    quoted: |text, out| {
        out.push('"');
        out.push_str(&text.replace('"', "\"\""));
        out.push('"');
    },
    prefix: "*",
    all: " AND ",
    any: " OR ",
    nothing: "\"\"",
};

impl Expression {
    /// Returns the text for a cast to `tsquery`. The function `to_tsquery` would parse the lexemes once more.
    #[must_use]
    pub fn to_tsquery(&self) -> String {
        self.render(&TSQUERY)
    }

    /// Returns the text for `MATCH` on a table of FTS5 whose tokenizer is `ascii`.
    #[must_use]
    pub fn to_fts5(&self) -> String {
        self.render(&FTS5)
    }

    /// Returns true if a release with these lexemes fits.
    #[must_use]
    pub fn matches<S: AsRef<str>>(&self, lexemes: &[S]) -> bool {
        match self {
            _ if self.is_empty() => false,
            Expression::Prefix(prefix) => lexemes
                .iter()
                .any(|lexeme| lexeme.as_ref().starts_with(prefix.as_str())),
            Expression::Whole(text) => lexemes.iter().any(|lexeme| lexeme.as_ref() == text),
            Expression::All(parts) => parts
                .iter()
                .all(|part| part.is_empty() || part.matches(lexemes)),
            Expression::Any(parts) => parts.iter().any(|part| part.matches(lexemes)),
        }
    }

    /// Returns the condition that a lexeme begins with one of these texts. A text that begins with another one of them
    /// adds nothing, and is left out.
    pub(crate) fn any_prefix(mut prefixes: Vec<String>) -> Expression {
        prefixes.sort_unstable();
        prefixes.dedup_by(|next, kept| next.starts_with(kept.as_str()));
        Expression::Any(prefixes.into_iter().map(Expression::Prefix).collect())
    }

    fn is_empty(&self) -> bool {
        match self {
            Expression::Prefix(text) | Expression::Whole(text) => text.is_empty(),
            Expression::All(parts) | Expression::Any(parts) => {
                parts.iter().all(Expression::is_empty)
            }
        }
    }

    fn render(&self, dialect: &Dialect) -> String {
        if self.is_empty() {
            return dialect.nothing.to_owned();
        }
        let mut out = String::new();
        self.write(dialect, &mut out);
        out
    }

    /// Writes an expression that is not empty. All that has more than one part stands in parentheses, so no operator
    /// binds more than another.
    fn write(&self, dialect: &Dialect, out: &mut String) {
        match self {
            Expression::Prefix(text) => {
                (dialect.quoted)(text, out);
                out.push_str(dialect.prefix);
            }
            Expression::Whole(text) => (dialect.quoted)(text, out),
            Expression::All(parts) => Self::write_parts(parts, dialect.all, dialect, out),
            Expression::Any(parts) => Self::write_parts(parts, dialect.any, dialect, out),
        }
    }

    fn write_parts(parts: &[Expression], sign: &str, dialect: &Dialect, out: &mut String) {
        let mut parts = parts.iter().filter(|part| !part.is_empty()).peekable();
        let Some(first) = parts.next() else { return };
        if parts.peek().is_none() {
            return first.write(dialect, out);
        }
        out.push('(');
        first.write(dialect, out);
        for part in parts {
            out.push_str(sign);
            part.write(dialect, out);
        }
        out.push(')');
    }
}
