//! Correction.

use std::collections::HashMap;

use catalogue::{Query, Release, correct, spelling};

/// Returns the near words of a query's words among those of releases, as a database finds them.
fn near(query: &Query, releases: &[Release]) -> HashMap<String, Vec<String>> {
    let mut near: HashMap<String, Vec<String>> = HashMap::new();
    for typed in query.misspellable() {
        for word in releases.iter().flat_map(|release| &release.words) {
            if spelling::distance(typed, word).is_some_and(|distance| distance > 0) {
                near.entry(typed.to_owned()).or_default().push(word.clone());
            }
        }
    }
    near
}

/// Returns what a query is corrected to among titles.
fn corrected(q: &str, titles: &[&str]) -> Option<String> {
    let releases: Vec<Release> = titles
        .iter()
        .map(|title| Release::new(title, "Nintendo", "Vectrex"))
        .collect();
    let query = Query::parse(q).unwrap();
    let near = near(&query, &releases);
    let loose = query.loosely(&near);
    let found: Vec<String> = releases
        .iter()
        .filter(|release| loose.matches(&Vec::from_iter(&release.lexemes)))
        .map(Release::text)
        .collect();
    correct(&query, &near, &found).map(|query| query.text())
}

#[test]
fn correct_takes_the_words_of_a_release() {
    let titles = ["The Legend of Zelda", "Zelta", "Spider-Man 2", "Metroid"];
    for (q, text) in [
        ("legend zelta", Some("legend zelda")),
        ("lgend zelda", Some("legend zelda")),
        ("legnd zedla", Some("legend zelda")),
        ("spidermna 2", Some("spiderman 2")),
        ("spidr man", Some("spider man")),
        ("nintedno metriod", Some("nintendo metroid")),
        ("metroid", None),
        ("legend metriod", None),
        ("spidermna 3", None),
        ("qqqqq", None),
    ] {
        assert_eq!(corrected(q, &titles).as_deref(), text, "{q}");
    }
}

#[test]
fn correct_passes_over_a_release_that_fits_as_typed() {
    assert_eq!(
        corrected("zelta", &["Zelta", "Zelda"]).as_deref(),
        Some("zelda")
    );
}

#[test]
fn correct_changes_the_fewest_letters_then_the_fewest_words() {
    assert_eq!(
        corrected("castlevanai", &["Castlevanya", "Castlevania"]).as_deref(),
        Some("castlevania")
    );
    // One word with two mistakes, rather than two with one each.
    let query = Query::parse("abcdefgh ijklmnop").unwrap();
    let near = HashMap::from([
        (
            "abcdefgh".to_owned(),
            vec!["abcdefxy".to_owned(), "abcdefgx".to_owned()],
        ),
        ("ijklmnop".to_owned(), vec!["ijklmnox".to_owned()]),
    ]);
    let releases = [
        "tabcdefgx tijklmnox",
        "tabcdefxy tijklmnop",
        "tabcdefxy tijklmnop t2",
    ];
    let best = correct(&query, &near, &releases).unwrap();
    assert_eq!(best.text(), "abcdefxy ijklmnop");
}

#[test]
fn correct_prefers_words_of_the_title() {
    assert_eq!(
        corrected("htman nintendo", &["Human", "Hitman Nintendo"]).as_deref(),
        Some("hitman nintendo")
    );
}

#[test]
fn correct_takes_the_first_of_equal_releases() {
    assert_eq!(
        corrected("zelta", &["Delta", "Zelda"]).as_deref(),
        Some("delta")
    );
    assert_eq!(
        corrected("zelta", &["Zelda", "Delta"]).as_deref(),
        Some("zelda")
    );
}
