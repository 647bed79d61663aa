//! The W3C Trace Context: which trace a `traceparent` belongs to. [`export`] sends the spans of traces to a collector.
//!
//! Source: <https://www.w3.org/TR/trace-context/#traceparent-header>

pub mod export;

/// The trace of a `traceparent`, 32 hexadecimal digits. None where there is no such thing in it: it may be anybody's text.
#[must_use]
pub fn trace_id(traceparent: &str) -> Option<&str> {
    let id = traceparent.split('-').nth(1)?;
    let is_hex = |c| matches!(c, b'0'..=b'9' | b'a'..=b'f');
    (id.len() == 32 && id.bytes().all(is_hex)).then_some(id)
}
