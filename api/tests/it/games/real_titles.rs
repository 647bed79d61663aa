//! The quality of search on a board of real titles, from `tests/titles`, the same on both databases.
//!
//! The properties are tested on a sample of the titles; `SEARCH_SAMPLE=all` takes all of them.

use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
};

use catalogue::fold;
use entity::{GameId, game};
use exchange::{
    games::{self, GameFilter},
    pagination::Window,
};
use fastrand::Rng;

use crate::support::{
    TestApp,
    board::{Listing, fill},
};

/// The number of titles in the sample.
const SAMPLE: usize = 150;
/// The seed of the sample and of the mistakes.
const SEED: u64 = 24;

/// A board with one copy of each release.
struct RealBoard {
    test: TestApp,
    /// The titles, in the order of their code points.
    titles: Vec<String>,
}

/// Reads the lines of a file of `tests/titles`.
fn lines(file: &str) -> Vec<String> {
    let path = folder().join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/titles")
}

/// Reads the releases: a line has the name, the publisher, the year and the system.
fn releases() -> Vec<Listing> {
    let of_files = ["nintendo.tsv", "sega-sony.tsv", "computers-others.tsv"].map(lines);
    let release = |line: String| {
        let fields: Vec<_> = line.split('\t').collect();
        let [name, publisher, year, system] = fields[..] else {
            panic!("not a release: {line}");
        };
        Listing::new([name, publisher, system], year.parse().unwrap())
    };
    of_files.into_iter().flatten().map(release).collect()
}

impl RealBoard {
    async fn new() -> Self {
        let test = TestApp::new().await;
        let ann = test.with_user("ann").await;
        let releases = releases();
        fill(&test, &ann, &releases).await;
        let mut titles: Vec<_> = releases.into_iter().map(|release| release.name).collect();
        titles.sort_unstable();
        titles.dedup();
        Self { test, titles }
    }

    /// Returns the distinct titles that a search finds, best match first, among its first `most` games.
    async fn search(&self, q: &str, most: usize) -> Vec<String> {
        let mut found: Vec<_> = self.games(q, 100, most).await;
        let mut seen = HashSet::new();
        found.retain(|game| seen.insert(game.name.clone()));
        found.into_iter().map(|game| game.name).collect()
    }

    /// Returns the ids of all games that a search finds, read in pages of this size.
    async fn walk(&self, q: &str, page: usize) -> Vec<GameId> {
        let found = self.games(q, page, usize::MAX).await;
        found.into_iter().map(|game| game.id).collect()
    }

    /// Returns the first `most` games that a search finds, read in pages of at most this size.
    async fn games(&self, q: &str, page: usize, most: usize) -> Vec<game::Model> {
        let filter = GameFilter {
            q: Some(q.to_owned()),
            ..GameFilter::default()
        };
        let (mut found, mut after) = (Vec::new(), None);
        while found.len() < most {
            let window = Window {
                after,
                ..Window::first((most - found.len()).min(page) as i64)
            };
            let board = games::list(&self.test.app, &filter, &window).await.unwrap();
            after = board.page.rows.last().map(|row| row.cursor.encode());
            let last = !board.page.has_next;
            found.extend(board.page.rows.into_iter().map(|row| row.item));
            if last {
                break;
            }
        }
        found
    }

    fn sample(&self, chance: &mut Rng) -> Vec<&str> {
        let size = match std::env::var("SEARCH_SAMPLE") {
            Ok(all) if all == "all" => self.titles.len(),
            _ => SAMPLE,
        };
        let mut titles: Vec<_> = self.titles.iter().map(String::as_str).collect();
        chance.shuffle(&mut titles);
        titles.truncate(size);
        titles
    }
}

/// Splits a title into words, as a person would who types it.
fn words(title: &str) -> Vec<String> {
    let words = title.split(|c: char| c.is_whitespace());
    let words = words.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Makes one mistake in a word: leaves a letter out, adds one, changes one, or swaps two.
fn mistyped(word: &str, chance: &mut Rng) -> String {
    let mut letters: Vec<char> = word.chars().collect();
    let place = chance.usize(1..letters.len());
    match chance.u8(0..4) {
        0 => drop(letters.remove(place)),
        1 => letters.insert(place, chance.lowercase()),
        2 => letters[place] = chance.lowercase(),
        _ => letters.swap(place - 1, place),
    }
    let mistyped: String = letters.into_iter().collect();
    if mistyped == word {
        return self::mistyped(word, chance);
    }
    mistyped
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_find_the_game_that_is_meant_first() {
    let board = RealBoard::new().await;
    assert!(board.titles.len() >= 2_000, "{} titles", board.titles.len());
    let (mut reciprocal, mut asked, mut wrong) = (0.0, 0, BTreeMap::new());
    for line in lines("queries.tsv") {
        let (q, expected) = line.split_once('\t').unwrap();
        let found = board.search(q, 100).await;
        if expected.is_empty() {
            assert_eq!(found, [""; 0], "{q} finds something");
            continue;
        }
        asked += 1;
        let place = found.iter().position(|title| title == expected);
        reciprocal += place.map_or(0.0, |place| 1.0 / (place as f64 + 1.0));
        if place != Some(0) {
            wrong.insert(q.to_owned(), (expected.to_owned(), found.first().cloned()));
        }
    }
    let mean = reciprocal / f64::from(asked);
    assert!(asked >= 150, "{asked} queries");
    assert!(mean >= 0.97, "mean reciprocal rank {mean:.3}: {wrong:#?}");
    // So the databases give the same first answers.
    assert!(wrong.is_empty(), "not first: {wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whole_titles_find_themselves_first() {
    let board = RealBoard::new().await;
    let mut missed = Vec::new();
    for title in board.sample(&mut Rng::with_seed(SEED)) {
        let found = board.search(title, 1).await;
        let same_key = found.first().map(|found| catalogue::titles::key(found));
        if same_key != Some(catalogue::titles::key(title)) {
            missed.push((title.to_owned(), found));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_words_of_a_title_find_it_in_either_order() {
    let board = RealBoard::new().await;
    let (mut chance, mut missed) = (Rng::with_seed(SEED), Vec::new());
    for title in board.sample(&mut Rng::with_seed(SEED)) {
        let mut pair = words(title);
        if pair.len() < 2 {
            continue;
        }
        chance.shuffle(&mut pair);
        let pair = [pair[0].clone(), pair[1].clone()];
        let have_both = board.titles.iter().filter(|other| {
            let words: Vec<_> = words(other).iter().map(|word| fold(word)).collect();
            pair.iter().all(|word| words.contains(&fold(word)))
        });
        let among = have_both.count().max(10);
        for [one, other] in [[0, 1], [1, 0]] {
            let q = format!("{} {}", pair[one], pair[other]);
            let found = board.search(&q, among).await;
            if !found.iter().any(|found| found == title) {
                missed.push((q, title.to_owned(), among));
            }
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_mistake_in_a_long_word_still_finds_the_title() {
    let board = RealBoard::new().await;
    let (mut chance, mut tried, mut missed) = (Rng::with_seed(SEED), 0_usize, Vec::new());
    for title in board.sample(&mut Rng::with_seed(SEED)) {
        let long = words(title)
            .into_iter()
            .filter(|word| word.chars().count() >= 6 && word.chars().all(char::is_alphabetic));
        let Some(word) = chance.choice(long.collect::<Vec<_>>()) else {
            continue;
        };
        tried += 1;
        let q = title.replacen(&word, &mistyped(&word, &mut chance), 1);
        if !board
            .search(&q, 10)
            .await
            .iter()
            .any(|found| found == title)
        {
            missed.push((q, title.to_owned()));
        }
    }
    assert!(
        missed.len() * 20 <= tried,
        "{} of {tried}: {missed:#?}",
        missed.len()
    );
    println!(
        "{} of {tried} titles with a mistake were not found: {missed:#?}",
        missed.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_search_show_each_game_once() {
    let board = RealBoard::new().await;
    for line in lines("queries.tsv").iter().step_by(40) {
        let (q, _) = line.split_once('\t').unwrap();
        let whole = board.walk(q, 100).await;
        assert_eq!(board.walk(q, 7).await, whole, "{q}");
        let distinct: HashSet<_> = whole.iter().collect();
        assert_eq!(distinct.len(), whole.len(), "{q}");
    }
}
