//! How it is seen by its offsets that a consumer stands still.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// How often the group's offsets are held against the topic's end; unchanged twice in a row, the consumer is stalled.
const INTERVAL: Duration = Duration::from_secs(10);

/// For each partition the committed offset and the topic's end.
pub(super) type Progress = BTreeMap<i32, (i64, i64)>;

/// How many records are still to be read.
pub(super) fn lag(progress: &Progress) -> i64 {
    progress
        .values()
        .map(|(committed, end)| end - committed)
        .sum()
}

/// Sees a consumer that has stopped without an error.
pub(super) struct StallDetector {
    last: Instant,
    seen: Progress,
}

impl StallDetector {
    pub fn new() -> Self {
        Self {
            last: Instant::now(),
            seen: Progress::new(),
        }
    }

    pub fn is_due(&mut self) -> bool {
        let due = self.last.elapsed() >= INTERVAL;
        if due {
            self.last = Instant::now();
        }
        due
    }

    /// Has a partition with something to read not moved since the last look?
    pub fn is_stalled(&mut self, progress: Progress) -> bool {
        let stuck = |(partition, (committed, end)): (&i32, &(i64, i64))| {
            let before = self.seen.get(partition);
            // What came only now has had no time yet.
            before.is_some_and(|(then, was_end)| {
                then == committed && committed < was_end && committed < end
            })
        };
        let still = progress.iter().any(stuck);
        self.seen = progress;
        still
    }

    /// Begins anew: nothing can be said of the time since the last look.
    pub fn reset(&mut self) {
        self.seen.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(watch: &mut StallDetector, committed: i64, end: i64) -> bool {
        watch.is_stalled(Progress::from([(0, (committed, end))]))
    }

    #[test]
    fn watch_sees_a_consumer_that_does_not_move() {
        let mut watch = StallDetector::new();
        assert!(!look(&mut watch, 5, 9), "the first look tells nothing");
        assert!(!look(&mut watch, 6, 9), "it moved");
        assert!(look(&mut watch, 6, 9), "it did not");
    }

    #[test]
    fn watch_leaves_a_consumer_in_peace_that_has_nothing_to_do() {
        let mut watch = StallDetector::new();
        assert!(!look(&mut watch, 9, 9));
        assert!(!look(&mut watch, 9, 9));
        assert!(!look(&mut watch, 9, 12), "these came only now");
        assert!(!watch.is_stalled(Progress::new()), "it lost the partition");
        assert!(!look(&mut watch, 9, 12), "and got it back");
    }

    #[test]
    fn watch_leaves_a_consumer_in_peace_whose_brokers_were_away() {
        let mut watch = StallDetector::new();
        assert!(!look(&mut watch, 5, 9));
        watch.reset();
        assert!(!look(&mut watch, 5, 9), "it could not move meanwhile");
        assert!(look(&mut watch, 5, 9), "now it could");
    }
}
