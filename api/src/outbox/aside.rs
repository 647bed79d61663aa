//! What a leader remembers between passes: the events that fail, so that they do not keep the others waiting.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use uuid::Uuid;

use super::publisher::Failure;

/// For how long an event is set aside; doubled with each failure up to the second.
const FIRST: Duration = Duration::from_secs(1);
const LAST: Duration = Duration::from_secs(30);

/// The events that are set aside: until when, and for how long.
#[derive(Default)]
pub struct Aside(HashMap<Uuid, (Instant, Duration)>);

impl Aside {
    /// Those whose time has not come.
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

    /// Forgets an event that got through.
    pub fn published(&mut self, id: Uuid) {
        self.0.remove(&id);
    }

    /// Sets aside what failed while others got through, or would fail by itself. Where nothing gets through the fault is
    /// none of the event's, and it is to go as soon as that is mended.
    pub fn failed(&mut self, id: Uuid, failure: Failure, others_get_through: bool) {
        let last = self.0.remove(&id).map(|(_, last)| last);
        if !others_get_through && !failure.of_the_event {
            return;
        }
        let wait = last.map_or(FIRST, |last| LAST.min(last * 2));
        let cause = failure.cause;
        tracing::warn!(event_id = %id, cause, wait_s = wait.as_secs(), "an event does not get through: its aggregate waits");
        self.0.insert(id, (Instant::now() + wait, wait));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timed_out() -> Failure {
        Failure {
            cause: "timed out".to_owned(),
            of_the_event: false,
        }
    }

    #[test]
    fn failed_sets_aside_what_fails_while_others_get_through() {
        let (mut aside, id) = (Aside::default(), Uuid::from_u128(1));
        for wait in [1, 2, 4, 8, 16, 30, 30] {
            aside.failed(id, timed_out(), true);
            assert_eq!(aside.waiting(), [id]);
            assert_eq!(aside.0[&id].1, Duration::from_secs(wait));
        }
        aside.published(id);
        assert!(aside.is_empty());
    }

    #[test]
    fn failed_sets_nothing_aside_while_nothing_gets_through() {
        let (mut aside, id) = (Aside::default(), Uuid::from_u128(1));
        aside.failed(id, timed_out(), true);
        aside.failed(id, timed_out(), false);
        assert!(aside.is_empty());
        aside.failed(id, Failure::of_the_event("too large"), false);
        assert_eq!(aside.waiting(), [id]);
    }
}
