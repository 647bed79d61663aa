//! Titles, releases and words: what the games of the exchange name. They grow with the games and are never deleted.
//!
//! A release is a title by a publisher on a system; a game is a copy of one. [`catalogue`] derives the keys. Rows are
//! inserted after all locks of a transaction, table by table and in the order of their keys, so that two writers of
//! the same new title do not deadlock. Rows that exist are not locked.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    slice,
};

use catalogue::{RULE, Release, spelling::spellings};
use entity::game;
use sea_orm::{ActiveValue::Set, ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, Value};
use serde_json::{Value as Json, json};

/// The maximum number of rows of one statement.
const AT_ONCE: usize = 1000;

/// The texts by which a game names its release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseName {
    pub name: String,
    pub publisher: String,
    pub gaming_system: String,
}

/// The keys of a game, by the current rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// The key of its title, or of the title that this one means.
    pub title_key: String,
    pub system_key: String,
    /// The key of its release, which sorts as a catalogue does.
    pub sort_key: String,
}

impl Keys {
    /// Makes the keys of a release whose title has another meaning, if it has one.
    fn new(release: &Release, means: Option<String>) -> Self {
        Self {
            title_key: means.unwrap_or_else(|| release.title_key.clone()),
            system_key: release.system_key.clone(),
            sort_key: release.sort_key.clone(),
        }
    }

    /// Returns true if a game has these keys already.
    pub(crate) fn are_those_of(&self, game: &game::Model) -> bool {
        game.key_rule == RULE
            && (&game.title_key, &game.system_key, &game.sort_key)
                == (&self.title_key, &self.system_key, &self.sort_key)
    }

    /// Sets the keys of a row.
    pub fn set(self, row: &mut game::ActiveModel) {
        row.title_key = Set(self.title_key);
        row.system_key = Set(self.system_key);
        row.sort_key = Set(self.sort_key);
        row.key_rule = Set(RULE);
    }
}

impl From<&ReleaseName> for Release {
    fn from(named: &ReleaseName) -> Self {
        Self::new(&named.name, &named.publisher, &named.gaming_system)
    }
}

/// Returns the keys of a game. Inserts its title and its release if they are new; otherwise this is one look-up.
pub async fn know(transaction: &impl ConnectionTrait, named: &ReleaseName) -> Result<Keys, DbErr> {
    let release = Release::from(named);
    let backend = transaction.get_database_backend();
    let sql = "SELECT means FROM titles WHERE key = $1 AND EXISTS (SELECT 1 FROM releases WHERE sort_key = $2)";
    let keys = [&release.title_key, &release.sort_key].map(|key| Value::from(key.as_str()));
    let known = Statement::from_sql_and_values(backend, sql, keys);
    match transaction.query_one_raw(known).await? {
        Some(title) => Ok(Keys::new(&release, title.try_get_by_index(0)?)),
        None => {
            let keys = know_all(transaction, slice::from_ref(named)).await?.pop();
            keys.ok_or_else(|| DbErr::Custom("a game got no keys".to_owned()))
        }
    }
}

/// Returns the keys of many games, in their order. Inserts the titles and the releases that are new.
pub async fn know_all(
    transaction: &impl ConnectionTrait,
    named: &[ReleaseName],
) -> Result<Vec<Keys>, DbErr> {
    let releases: Vec<Release> = named.iter().map(Release::from).collect();
    let names = releases.iter().zip(named).rev();
    let titles: BTreeMap<&str, &str> = names
        .map(|(release, named)| (&*release.title_key, &*named.name))
        .collect();
    let means = know_titles(transaction, titles).await?;
    let keys = |release: &Release| Keys::new(release, means.get(&release.title_key).cloned());
    let distinct: BTreeMap<&str, &Release> = releases
        .iter()
        .map(|release| (&*release.sort_key, release))
        .collect();
    know_releases(transaction, distinct, keys).await?;
    Ok(releases.iter().map(keys).collect())
}

/// Inserts the titles that are new, from their keys and names. Returns what the others mean, if they mean another title.
async fn know_titles(
    transaction: &impl ConnectionTrait,
    mut titles: BTreeMap<&str, &str>,
) -> Result<HashMap<String, String>, DbErr> {
    let mut means = HashMap::new();
    let keys: Vec<_> = titles.keys().copied().collect();
    for title in select_in(transaction, "key, means FROM titles WHERE key", &keys).await? {
        let key: String = title.try_get_by_index(0)?;
        titles.remove(&*key);
        if let Some(other) = title.try_get_by_index(1)? {
            means.insert(key, other);
        }
    }
    let rows = titles.into_iter().map(|(key, name)| json!([key, name]));
    let columns = "titles (key, name) SELECT value ->> 0, value ->> 1";
    insert(transaction, columns, "key", rows.collect()).await?;
    Ok(means)
}

/// Inserts the releases that are new, from their sort keys, and their words. `keys` tells the titles that they have.
async fn know_releases(
    transaction: &impl ConnectionTrait,
    mut releases: BTreeMap<&str, &Release>,
    keys: impl Fn(&Release) -> Keys,
) -> Result<(), DbErr> {
    let sought: Vec<_> = releases.keys().copied().collect();
    let column = "sort_key FROM releases WHERE sort_key";
    for known in select_in(transaction, column, &sought).await? {
        let key: String = known.try_get_by_index(0)?;
        releases.remove(&*key);
    }
    let row = |release: &&Release| {
        let keys = keys(release);
        json!([
            keys.sort_key,
            keys.title_key,
            keys.system_key,
            release.text()
        ])
    };
    let lexemes = match transaction.get_database_backend() {
        DbBackend::Postgres => "array_to_tsvector(string_to_array(value ->> 3, ' '))",
        _ => "value ->> 3",
    };
    let columns = format!(
        "releases (sort_key, title_key, system_key, lexemes) SELECT value ->> 0, value ->> 1, value ->> 2, {lexemes}"
    );
    let rows = releases.values().map(row).collect();
    insert(transaction, &columns, "sort_key", rows).await?;
    let words = releases.values().flat_map(|release| &release.words);
    know_words(transaction, words.map(String::as_str).collect()).await
}

/// Inserts the words that are new, with their spellings.
async fn know_words(
    transaction: &impl ConnectionTrait,
    words: BTreeSet<&str>,
) -> Result<(), DbErr> {
    let rows = words.into_iter().map(|word| json!([word])).collect();
    let columns = "words (word) SELECT value ->> 0";
    let mut rows_of_spellings = BTreeSet::new();
    for new in insert(transaction, columns, "word", rows).await? {
        let word: String = new.try_get_by_index(0)?;
        rows_of_spellings.extend(
            spellings(&word)
                .into_iter()
                .map(|spelling| (spelling, word.clone())),
        );
    }
    let rows = rows_of_spellings
        .into_iter()
        .map(|row| json!(row))
        .collect();
    let columns = "spellings (spelling, word) SELECT value ->> 0, value ->> 1";
    insert(transaction, columns, "word", rows).await?;
    Ok(())
}

/// Selects by a list of keys. `what` ends with the column that has them.
pub(crate) async fn select_in(
    transaction: &impl ConnectionTrait,
    what: &str,
    keys: &[&str],
) -> Result<Vec<QueryResult>, DbErr> {
    let backend = transaction.get_database_backend();
    let mut found = Vec::new();
    for keys in keys.chunks(AT_ONCE) {
        let (list, value) = match backend {
            DbBackend::Postgres => {
                let keys: Vec<_> = keys.iter().copied().map(str::to_owned).collect();
                ("= ANY($1)", keys.into())
            }
            _ => (
                "IN (SELECT value FROM json_each($1))",
                json!(keys).to_string().into(),
            ),
        };
        let sql = format!("SELECT {what} {list}");
        let select = Statement::from_sql_and_values(backend, sql, [value]);
        found.extend(transaction.query_all_raw(select).await?);
    }
    Ok(found)
}

/// Inserts rows in their order, except those that exist. `columns` are those of the table, then how to read them from a
/// `value` of JSON. Returns a column of the rows that were inserted.
async fn insert(
    transaction: &impl ConnectionTrait,
    columns: &str,
    returned: &str,
    rows: Vec<Json>,
) -> Result<Vec<QueryResult>, DbErr> {
    let backend = transaction.get_database_backend();
    let sql = format!(
        "INSERT INTO {columns} FROM {} WHERE TRUE ON CONFLICT DO NOTHING RETURNING {returned}",
        json_rows(backend)
    );
    let mut inserted = Vec::new();
    for rows in rows.chunks(AT_ONCE) {
        let rows = json!(rows).to_string().into();
        let insert = Statement::from_sql_and_values(backend, sql.as_str(), [rows]);
        inserted.extend(transaction.query_all_raw(insert).await?);
    }
    Ok(inserted)
}

/// Returns the SQL for the rows of the JSON array in the first parameter. Each is an array in the column `value`.
pub(crate) fn json_rows(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => "json_array_elements($1::json)",
        _ => "json_each($1)",
    }
}
