//! The W3C Trace Context: the trace that a `traceparent` belongs to, and the `traceparent` of the work that runs now.
//! [`mod@context`] reads and writes `traceparent`, [`export`] sends the spans of traces to a collector.
//!
//! Source: <https://www.w3.org/TR/trace-context/#traceparent-header>

pub mod context;
pub mod export;

tokio::task_local! {
    static PARENT: String;
}

/// Runs `work` under a `traceparent`, if there is one: see [`current`].
pub async fn scope<F: Future>(parent: Option<String>, work: F) -> F::Output {
    match parent {
        Some(parent) => PARENT.scope(parent, work).await,
        None => work.await,
    }
}

/// Returns the `traceparent` that this code runs under.
#[must_use]
pub fn current() -> Option<String> {
    PARENT.try_with(Clone::clone).ok()
}

/// Reads the trace id of a `traceparent`, 32 hexadecimal digits. Returns `None` for anything else: clients send any text.
#[must_use]
pub fn trace_id(traceparent: &str) -> Option<&str> {
    let id = traceparent.split('-').nth(1)?;
    let is_hex = |c| matches!(c, b'0'..=b'9' | b'a'..=b'f');
    (id.len() == 32 && id.bytes().all(is_hex)).then_some(id)
}
