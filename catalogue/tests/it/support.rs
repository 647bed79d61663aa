//! Releases to search in, without a database.

use std::{fs, path::PathBuf};

use catalogue::{Expression, Query, Release};

/// Returns the text of a file of `tests/titles`.
pub fn titles(file: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/titles");
    fs::read_to_string(folder.join(file)).unwrap()
}

/// Returns the names, publishers and systems of the releases.
pub fn releases() -> Vec<[String; 3]> {
    let files = ["nintendo.tsv", "sega-sony.tsv", "computers-others.tsv"].map(titles);
    let lines = files.iter().flat_map(|file| file.lines());
    lines
        .map(|line| match line.split('\t').collect::<Vec<_>>()[..] {
            [name, publisher, _, system] => [name, publisher, system].map(str::to_owned),
            _ => panic!("{line}"),
        })
        .collect()
}

/// Returns the lexemes of a release.
pub fn lexemes(name: &str, publisher: &str, system: &str) -> Vec<String> {
    let release = Release::new(name, publisher, system);
    release.lexemes.into_iter().collect()
}

/// Returns true if an expression of a query finds a title.
pub fn finds(q: &str, expression: fn(&Query) -> Expression, name: &str) -> bool {
    let query = Query::parse(q).unwrap();
    expression(&query).matches(&lexemes(name, "Somebody", "Vectrex"))
}
