//! CPU time and memory of each refusal. `scripts/document-limits hostile` runs it, built for release.

use std::time::Duration;

use super::{documents, error, send};
use crate::support::{TestApp, cpu_meter};

const TIMES: u32 = 50;

#[tokio::test]
#[ignore = "measures, and wants the program as it is deployed: scripts/document-limits hostile"]
async fn hostile_document_is_refused_within_time_and_memory() {
    let test = TestApp::new().await;
    let client = test.anonymous();
    let corpus = documents::all();
    let mut slowest = (Duration::ZERO, "");
    for hostile in &corpus {
        send(&client, hostile).await;
    }
    let before = cpu_meter::resident();
    for hostile in &corpus {
        let (mut total, mut most) = (Duration::ZERO, Duration::ZERO);
        for _ in 0..TIMES {
            let began = cpu_meter::processor();
            let answer = send(&client, hostile).await;
            let took = cpu_meter::processor() - began;
            assert_eq!(error(&answer), hostile.code, "{}", hostile.name);
            total += took;
            most = most.max(took);
        }
        println!(
            "{:>8.3} ms mean {:>8.3} ms most  {}",
            (total / TIMES).as_secs_f64() * 1e3,
            most.as_secs_f64() * 1e3,
            hostile.name
        );
        slowest = slowest.max((most, hostile.name));
    }
    let grown = cpu_meter::resident().saturating_sub(before) / 1024;
    println!(
        "{} documents, {TIMES} times each; the slowest: {:?} ({}); memory grew by {grown} KiB",
        corpus.len(),
        slowest.0,
        slowest.1
    );
    assert!(slowest.0 <= cpu_meter::MOST, "{slowest:?}");
}
