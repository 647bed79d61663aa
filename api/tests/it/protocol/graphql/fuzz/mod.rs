//! Random documents. [`grammar`] and [`writer`] generate them, and each goes through the limits and the executor on an
//! exchange with users, games and offers. The server answers every one, and refuses with a code.
//!
//! `cargo test` tries some; `scripts/document-limits fuzz MINUTES` tries more and measures, built for release.

mod grammar;
mod writer;

use std::{
    collections::BTreeMap,
    env,
    time::{Duration, Instant},
};

use fastrand::Rng;
use serde_json::json;

use self::grammar::Grammar;
use super::values;
use crate::{
    quality::statements::Statements,
    support::{TestApp, cpu_meter, http::Client},
};

/// The maximum number of statements of a document: at most one for each field, whatever the length of its list.
const MOST_STATEMENTS: usize = 500;
/// Mutations that end the session of the test, and those that are slow on purpose.
const WITHOUT: &[&str] = &["deleteUser", "login", "register", "changePassword"];

/// The outcomes of many documents.
#[derive(Debug, Default)]
struct Tally {
    /// The number of documents, by outcome.
    outcomes: BTreeMap<String, usize>,
    statements: usize,
    /// The longest CPU time of a refusal, and its document.
    refusal: (Duration, String),
    /// The longest CPU time of an executed document, likewise.
    run: (Duration, String),
}

struct Fuzzer {
    grammar: Grammar,
    client: Client,
    rng: Rng,
    tally: Tally,
    _test: TestApp,
}

impl Fuzzer {
    async fn new(seed: u64) -> Self {
        let test = TestApp::new().await;
        let [ann, bob] = test.people(["ann", "bob"]).await;
        for number in 1..=5 {
            let mine = ann.lists(&format!("Ann's {number}")).await;
            let theirs = bob.lists(&format!("Bob's {number}")).await;
            ann.offers(&[mine], &[theirs]).await.unwrap();
        }
        // Keeps the costs of the first answer out of the measurement.
        ann.client().graphql("{ __typename }", json!({})).await;
        Self {
            grammar: Grammar::new(&api::graphql::sdl(), WITHOUT),
            client: ann.client(),
            rng: Rng::with_seed(seed),
            tally: Tally::default(),
            _test: test,
        }
    }

    /// Sends one document and checks its answer.
    async fn step(&mut self) {
        let sample = self.grammar.sample(&mut self.rng);
        let counted = Statements::listen();
        let began = cpu_meter::processor();
        let answer = self
            .client
            .graphql(&sample.query, sample.variables.clone())
            .await;
        let took = cpu_meter::processor() - began;
        let statements = counted.number();
        let context = || format!("{}\n{}\n{}", sample.query, sample.variables, answer.text);
        let codes: Vec<_> = answer.body["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| error["extensions"]["code"].as_str())
            .collect();
        assert!(
            codes.iter().all(Option::is_some),
            "an error has a code: {}",
            context()
        );
        assert!(!codes.contains(&Some("internal")), "{}", context());
        assert!(
            [200, 413].contains(&answer.status.as_u16()),
            "{}",
            context()
        );
        assert!(
            statements <= MOST_STATEMENTS,
            "{statements} statements: {}",
            context()
        );
        let ran = answer.body.get("data").is_some();
        if ran {
            let cost = &answer.body["extensions"]["cost"];
            let values = values(&answer.body["data"]);
            // Introspection lists count with their average length.
            let measured =
                cost["measured"].as_u64() >= Some(values) || sample.query.contains("__type(");
            assert!(measured, "{values} values of {cost}: {}", context());
        } else {
            assert!(!codes.is_empty(), "{}", context());
            assert!(
                statements <= 1,
                "who it is, and nothing else: {}",
                context()
            );
        }
        self.tally.statements = self.tally.statements.max(statements);
        let slowest = if ran {
            &mut self.tally.run
        } else {
            &mut self.tally.refusal
        };
        if took > slowest.0 {
            *slowest = (took, sample.query);
        }
        let outcome = match (ran, codes.first().copied().flatten()) {
            (true, None) => "ran".to_owned(),
            (true, Some(_)) => "ran, with errors in fields".to_owned(),
            (false, code) => code.unwrap_or_default().to_owned(),
        };
        *self.tally.outcomes.entry(outcome).or_default() += 1;
    }
}

#[tokio::test]
async fn random_document_is_answered() {
    let mut fuzzer = Fuzzer::new(1).await;
    for _ in 0..400 {
        fuzzer.step().await;
    }
    let outcomes = &fuzzer.tally.outcomes;
    for outcome in [
        "ran",
        "ran, with errors in fields",
        "graphql_parse_failed",
        "graphql_validation_failed",
        "too_complex",
        "too_deep",
    ] {
        assert!(
            outcomes.contains_key(outcome),
            "none of them: {outcome}, {outcomes:?}"
        );
    }
    let lives = fuzzer.client.graphql("{ __typename }", json!({})).await;
    assert_eq!(lives.expect(200)["data"], json!({"__typename": "Query"}));
}

#[tokio::test]
#[ignore = "takes minutes, and wants the program as it is deployed: scripts/document-limits fuzz MINUTES"]
async fn random_documents_are_answered_within_the_time_limit() {
    let setting =
        |name: &str, default: u64| env::var(name).map_or(default, |text| text.parse().unwrap());
    let until = Duration::from_secs(60 * setting("FUZZ_MINUTES", 1));
    let mut fuzzer = Fuzzer::new(setting("FUZZ_SEED", 1)).await;
    let began = Instant::now();
    let mut documents = 0;
    let mut settled = None;
    while began.elapsed() < until {
        for _ in 0..2_000 {
            fuzzer.step().await;
        }
        documents += 2_000;
        settled.get_or_insert_with(cpu_meter::resident);
    }
    let tally = fuzzer.tally;
    let grown = cpu_meter::resident().saturating_sub(settled.unwrap()) / 1024;
    println!(
        "{documents} documents in {:?}; after the first 2000 memory grew by {grown} KiB",
        began.elapsed()
    );
    for (outcome, times) in &tally.outcomes {
        println!("{times:>8} {outcome}");
    }
    println!("the most statements: {}", tally.statements);
    println!(
        "the slowest that ran: {:?}, {} bytes",
        tally.run.0,
        tally.run.1.len()
    );
    println!(
        "the slowest refusal: {:?}\n{}",
        tally.refusal.0, tally.refusal.1
    );
    assert!(tally.refusal.0 <= cpu_meter::MOST);
}
