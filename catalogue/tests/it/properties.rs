//! Properties of all titles of `tests/titles`.

use std::collections::HashMap;

use catalogue::{Query, Release, fold};

use crate::support;

fn release([name, publisher, system]: &[String; 3]) -> Release {
    Release::new(name, publisher, system)
}

#[test]
fn each_title_begins_with_itself() {
    for row in support::releases() {
        let name = &row[0];
        let release = release(&row);
        let lexemes: Vec<&String> = release.lexemes.iter().collect();
        for q in [name.clone(), name.to_uppercase(), fold(name)] {
            let query = Query::parse(&q).unwrap();
            assert!(query.begins().matches(&lexemes), "{q}");
            assert!(query.adjacent().matches(&lexemes), "{q}");
            assert!(query.in_title().matches(&lexemes), "{q}");
            assert!(query.anywhere().matches(&lexemes), "{q}");
        }
        let keys = Query::parse(name).unwrap().title_keys();
        assert_eq!(keys[0], release.title_key);
    }
}

#[test]
fn two_words_of_a_title_find_it_in_either_order() {
    for row in support::releases() {
        let release = release(&row);
        let lexemes: Vec<&String> = release.lexemes.iter().collect();
        let words: Vec<&str> = row[0].split_whitespace().collect();
        for one in &words {
            for other in &words {
                let q = format!("{one} {other}");
                if let Some(query) = Query::parse(&q) {
                    assert!(query.in_title().matches(&lexemes), "{q} in {}", row[0]);
                }
            }
        }
    }
}

#[test]
fn a_title_and_its_system_find_it() {
    for row in support::releases() {
        let [name, publisher, system] = &row;
        let release = release(&row);
        let lexemes: Vec<&String> = release.lexemes.iter().collect();
        for q in [format!("{system} {name}"), format!("{name} {publisher}")] {
            let query = Query::parse(&q).unwrap();
            assert!(query.anywhere().matches(&lexemes), "{q}");
        }
    }
}

#[test]
fn a_sort_key_names_one_release() {
    let mut all = HashMap::new();
    for row in support::releases() {
        let release = release(&row);
        let lexemes = release.lexemes.clone();
        let known = all.entry(release.sort_key).or_insert(release.lexemes);
        assert_eq!(*known, lexemes, "{row:?}");
    }
}
