//! Search of `q` in the words of a game ([`game::Model::words`]), case-insensitive for the letters A to Z.
//!
//! With three consecutive letters or digits, `q` matches anywhere in the name or the publisher. With fewer, where a
//! trigram index is of little use, it matches at the start of a word, and without any at the start of a name. Each case
//! is answered by an index. Special characters of LIKE and FTS5 are escaped.

use std::collections::HashMap;

use entity::game;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, FromQueryResult, Statement,
    sea_query::{Expr, ExprTrait, LikeExpr, Query, extension::sqlite::SqliteExpr},
};

use super::super::pagination::Filter;
use crate::error::Result;

/// The maximum number of words to correct.
const CORRECTED: usize = 8;
/// The last character in sort order.
const LAST: char = char::MAX;

/// A search text, normalized like the words of games: in lower case, with each blank doubled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    text: String,
}

/// A word, and the most similar word that occurs in games.
#[derive(FromQueryResult)]
struct Neighbour {
    asked: String,
    word: String,
}

impl Search {
    pub fn new(q: &str) -> Self {
        Self {
            text: q.to_ascii_lowercase().replace(' ', "  "),
        }
    }

    /// Matches the names that start with the text.
    pub fn prefix(&self) -> Condition {
        let first = format!("  {}", self.text);
        let last = format!("{first}{LAST}");
        Condition::all()
            .add(game::Column::Words.gte(first))
            .add(game::Column::Words.lt(last))
    }

    /// Matches the games that contain the text.
    pub fn matches(&self, database: DbBackend) -> Filter {
        let mut letters_in_a_row = self.text.split(|c: char| !c.is_alphanumeric());
        let text = if letters_in_a_row.any(|run| run.chars().nth(2).is_some()) {
            self.text.clone()
        } else if self.text.starts_with(char::is_alphanumeric) {
            format!("  {}", self.text)
        } else {
            return Filter {
                exact: self.prefix(),
                indexed: Condition::all(),
            };
        };
        let indexed = match database {
            DbBackend::Sqlite => Condition::all().add(in_index(&text)),
            _ => Condition::all(),
        };
        let literal = text
            .replace('\\', r"\\")
            .replace('%', r"\%")
            .replace('_', r"\_");
        let shown = LikeExpr::new(format!("%{literal}%")).escape('\\');
        Filter {
            exact: Condition::all().add(game::Column::Words.into_expr().like(shown)),
            indexed,
        }
    }

    /// Replaces each word of four or more letters by the most similar one that occurs in games. `None` if that changes
    /// nothing, and on SQLite, which has no similarity function.
    pub async fn corrected(&self, connection: &impl ConnectionTrait) -> Result<Option<Self>> {
        if connection.get_database_backend() != DbBackend::Postgres {
            return Ok(None);
        }
        let no_letter = |c: char| !c.is_alphabetic();
        let words = self.text.split(no_letter);
        let words = words.filter(|word| word.chars().nth(3).is_some());
        let words: Vec<_> = words.take(CORRECTED).map(str::to_owned).collect();
        let neighbours = Statement::from_sql_and_values(
            DbBackend::Postgres,
            "SELECT asked, word FROM unnest($1::text[]) AS asked, LATERAL (
                SELECT word FROM game_words WHERE word % asked ORDER BY word <-> asked, word LIMIT 1
            ) AS nearest",
            [words.into()],
        );
        let neighbours = Neighbour::find_by_statement(neighbours)
            .all(connection)
            .await?;
        let nearest: HashMap<_, _> = neighbours
            .into_iter()
            .map(|Neighbour { asked, word }| (asked, word))
            .collect();
        let corrected = |piece: &str| {
            let word = piece.trim_end_matches(no_letter);
            let nearest = nearest.get(word).map_or(word, String::as_str);
            piece.replacen(word, nearest, 1)
        };
        let text: String = self
            .text
            .split_inclusive(no_letter)
            .map(corrected)
            .collect();
        Ok((text != self.text).then_some(Self { text }))
    }
}

/// Matches the text in SQLite's FTS5 table, as a quoted string: only the quote needs escaping.
fn in_index(text: &str) -> Expr {
    let literal = format!("\"{}\"", text.replace('"', "\"\""));
    let rows = Query::select()
        .column("rowid")
        .from("games_search")
        .and_where(Expr::col("games_search").matches(Expr::val(literal)))
        .to_owned();
    game::Column::Id.in_subquery(rows)
}
