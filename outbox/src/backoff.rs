//! Exponential backoff for events that fail to publish, so that they do not hold up the others.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use uuid::Uuid;

use crate::publisher::Failure;

/// The delay after the first failure, doubled by each further one up to the second constant.
const INITIAL: Duration = Duration::from_secs(1);
const MAX: Duration = Duration::from_secs(30);

/// Failed events, each with the end of its delay and the length of it. Kept by a leader from step to step.
#[derive(Default)]
pub struct Backoff(HashMap<Uuid, (Instant, Duration)>);

impl Backoff {
    /// Returns the events whose delay is not over.
    #[must_use]
    pub fn waiting(&self) -> Vec<Uuid> {
        let now = Instant::now();
        let waits = self.0.iter().filter(|(_, (until, _))| *until > now);
        waits.map(|(id, _)| *id).collect()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets an event that was published.
    pub fn published(&mut self, id: Uuid) {
        self.0.remove(&id);
    }

    /// Delays an event that failed while others were published, or whose failure is its own. Where nothing is published
    /// the cause lies elsewhere, and the event has to go out as soon as that is repaired.
    pub fn failed(&mut self, id: Uuid, failure: Failure, others_succeed: bool) {
        let last = self.0.remove(&id).map(|(_, last)| last);
        if !others_succeed && !failure.event_specific {
            return;
        }
        let wait = last.map_or(INITIAL, |last| MAX.min(last * 2));
        let cause = failure.cause;
        tracing::warn!(event_id = %id, cause, wait_s = wait.as_secs(), "an event cannot be published: its aggregate backs off");
        self.0.insert(id, (Instant::now() + wait, wait));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timed_out() -> Failure {
        Failure {
            cause: "timed out".to_owned(),
            event_specific: false,
        }
    }

    #[test]
    fn failed_doubles_the_delay_while_others_succeed() {
        let (mut backoff, id) = (Backoff::default(), Uuid::from_u128(1));
        for wait in [1, 2, 4, 8, 16, 30, 30] {
            backoff.failed(id, timed_out(), true);
            assert_eq!(backoff.waiting(), [id]);
            assert_eq!(backoff.0[&id].1, Duration::from_secs(wait));
        }
        backoff.published(id);
        assert!(backoff.is_empty());
    }

    #[test]
    fn failed_delays_nothing_while_nothing_succeeds() {
        let (mut backoff, id) = (Backoff::default(), Uuid::from_u128(1));
        backoff.failed(id, timed_out(), true);
        backoff.failed(id, timed_out(), false);
        assert!(backoff.is_empty());
        backoff.failed(id, Failure::event_specific("too large"), false);
        assert_eq!(backoff.waiting(), [id]);
    }
}
