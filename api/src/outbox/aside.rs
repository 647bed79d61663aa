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

    /// Sets aside what failed while others got through, or would fail by itself. Where nothing gets through the fault is
    /// none of the events', and all are to go as soon as it is mended.
    pub fn learn(&mut self, published: &[Uuid], failed: Vec<(Uuid, Failure)>) {
        for id in published {
            self.0.remove(id);
        }
        for (id, failure) in failed {
            let last = self.0.remove(&id).map(|(_, last)| last);
            if published.is_empty() && !failure.of_the_event {
                continue;
            }
            let wait = last.map_or(FIRST, |last| LAST.min(last * 2));
            let cause = failure.cause;
            tracing::warn!(event_id = %id, cause, wait_s = wait.as_secs(), "an event does not get through: its aggregate waits");
            self.0.insert(id, (Instant::now() + wait, wait));
        }
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
    fn learn_sets_aside_what_fails_while_others_get_through() {
        let (mut aside, [bad, good]) = (Aside::default(), [1, 2].map(Uuid::from_u128));
        for wait in [1, 2, 4, 8, 16, 30, 30] {
            aside.learn(&[good], vec![(bad, timed_out())]);
            assert_eq!(aside.waiting(), [bad]);
            assert_eq!(aside.0[&bad].1, Duration::from_secs(wait));
        }
        aside.learn(&[bad], Vec::new());
        assert!(aside.0.is_empty());
    }

    #[test]
    fn learn_sets_nothing_aside_while_nothing_gets_through() {
        let (mut aside, [bad, good]) = (Aside::default(), [1, 2].map(Uuid::from_u128));
        aside.learn(&[good], vec![(bad, timed_out())]);
        aside.learn(&[], vec![(bad, timed_out())]);
        assert!(aside.0.is_empty());
        aside.learn(&[], vec![(bad, Failure::of_the_event("too large"))]);
        assert_eq!(aside.waiting(), [bad]);
    }
}
