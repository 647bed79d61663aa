//! The W3C Trace Context of the request under way, so that an event can say what caused it.
//!
//! Source: <https://www.w3.org/TR/trace-context/#traceparent-header>

use platform::system::Random;

tokio::task_local! {
    static PARENT: String;
}

/// Runs `work` for the given `traceparent`.
pub async fn scope<F: Future>(parent: Option<String>, work: F) -> F::Output {
    match parent {
        Some(parent) => PARENT.scope(parent, work).await,
        None => work.await,
    }
}

/// The `traceparent` of the request that this code runs for.
#[must_use]
pub fn current() -> Option<String> {
    PARENT.try_with(Clone::clone).ok()
}

/// A step of this service in the trace that the request names, or in a new one.
#[must_use]
pub fn step(incoming: Option<&str>, random: &Random) -> String {
    let (trace, flags) = match incoming.and_then(read) {
        Some((trace, flags)) => (trace.to_owned(), flags),
        None => (hex::encode(random.bytes::<16>()), "01"),
    };
    format!("00-{trace}-{}-{flags}", hex::encode(random.bytes::<8>()))
}

/// The trace and the flags, where the header is as it should be.
fn read(header: &str) -> Option<(&str, &str)> {
    let mut parts = header.split('-');
    let (version, trace, parent, flags) =
        (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is = |text: &str, length| {
        text.len() == length && text.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
    };
    let something = |text: &str| text.bytes().any(|c| c != b'0');
    let whole = parts.next().is_none() || version != "00";
    let good = is(version, 2) && version != "ff" && whole && is(flags, 2);
    let named = is(trace, 32) && something(trace) && is(parent, 16) && something(parent);
    (good && named).then_some((trace, flags))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn step_stays_in_the_trace_of_the_request() {
        let incoming = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
        let next = step(Some(incoming), &Random::system());
        assert!(
            next.starts_with("00-0af7651916cd43dd8448eb211c80319c-"),
            "{next}"
        );
        assert!(next.ends_with("-00") && next != incoming, "{next}");
        assert!(read(&next).is_some());
    }

    #[test]
    fn step_begins_a_trace_where_the_header_is_not_one() {
        for incoming in [
            "",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        ] {
            let next = step(Some(incoming), &Random::system());
            assert!(read(&next).is_some(), "{next}");
            assert!(!next.contains("0af7651916cd43dd8448eb211c80319c"), "{next}");
        }
    }
}
