//! The queries of `tests/titles`, ranked without a database.

use catalogue::{Expression, Query, Release};

use crate::support;

/// A release with the texts that a search reads.
struct Row {
    name: String,
    release: Release,
    lexemes: Vec<String>,
}

/// Returns the name of the release that comes first, of those that fit without a correction.
fn first<'a>(query: &Query, rows: &'a [Row]) -> Option<&'a str> {
    let keys = query.title_keys();
    let mut titles = keys.iter().filter_map(|key| {
        let same = |row: &&Row| row.release.title_key == *key;
        rows.iter().find(same)
    });
    if let Some(row) = titles.next() {
        return Some(&row.name);
    }
    let ranks: [fn(&Query) -> Expression; 6] = [
        Query::begins,
        |query| Expression::All(vec![query.adjacent(), query.whole_in_title()]),
        Query::whole_in_title,
        Query::adjacent,
        Query::in_title,
        Query::anywhere,
    ];
    ranks.into_iter().find_map(|rank| {
        let expression = rank(query);
        let found = rows.iter().filter(|row| expression.matches(&row.lexemes));
        let first = found.min_by_key(|row| &row.release.sort_key)?;
        Some(first.name.as_str())
    })
}

#[test]
fn queries_find_the_title_that_is_meant_first() {
    let rows: Vec<Row> = support::releases()
        .into_iter()
        .map(|[name, publisher, system]| {
            let release = Release::new(&name, &publisher, &system);
            let lexemes = release.lexemes.iter().cloned().collect();
            Row {
                name,
                release,
                lexemes,
            }
        })
        .collect();
    let text = support::titles("queries.tsv");
    let (mut asked, mut right, mut wrong) = (0, 0, Vec::new());
    for line in text.lines() {
        let (q, expected) = line.split_once('\t').unwrap();
        let found = Query::parse(q).and_then(|query| first(&query, &rows));
        if found.is_some() || expected.is_empty() {
            asked += 1;
            if found.unwrap_or_default() == expected {
                right += 1;
            } else {
                wrong.push((q, expected, found));
            }
        }
    }
    assert!(right * 100 >= asked * 97, "{right} of {asked}: {wrong:#?}");
}
