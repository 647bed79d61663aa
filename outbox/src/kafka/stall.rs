//! Detects a consumer that makes no progress, by its offsets.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// The interval between two looks at the offsets. A consumer that has not moved between two looks is stalled.
const INTERVAL: Duration = Duration::from_secs(10);

/// The committed offset and the end of each partition.
pub type Progress = BTreeMap<i32, (i64, i64)>;

/// Returns the number of records that are not read yet.
#[must_use]
pub fn lag(progress: &Progress) -> i64 {
    progress
        .values()
        .map(|(committed, end)| end - committed)
        .sum()
}

/// Detects a consumer that has stopped without an error.
pub struct StallDetector {
    last: Instant,
    seen: Progress,
}

impl Default for StallDetector {
    fn default() -> Self {
        Self {
            last: Instant::now(),
            seen: Progress::new(),
        }
    }
}

impl StallDetector {
    /// Returns true once in each interval.
    pub fn is_due(&mut self) -> bool {
        let due = self.last.elapsed() >= INTERVAL;
        if due {
            self.last = Instant::now();
        }
        due
    }

    /// Returns true when a partition with unread records has not moved since the last look.
    pub fn is_stalled(&mut self, progress: Progress) -> bool {
        let stuck = |(partition, (committed, end)): (&i32, &(i64, i64))| {
            let before = self.seen.get(partition);
            // Records that have only just arrived had no time to be read.
            before.is_some_and(|(then, was_end)| {
                then == committed && committed < was_end && committed < end
            })
        };
        let still = progress.iter().any(stuck);
        self.seen = progress;
        still
    }

    /// Forgets the last look, when nothing is known of the time since.
    pub fn reset(&mut self) {
        self.seen.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(detector: &mut StallDetector, committed: i64, end: i64) -> bool {
        detector.is_stalled(Progress::from([(0, (committed, end))]))
    }

    #[test]
    fn is_stalled_reports_a_consumer_that_does_not_move() {
        let mut detector = StallDetector::default();
        assert!(!look(&mut detector, 5, 9), "the first look tells nothing");
        assert!(!look(&mut detector, 6, 9), "it moved");
        assert!(look(&mut detector, 6, 9), "it did not");
    }

    #[test]
    fn is_stalled_ignores_a_consumer_without_records() {
        let mut detector = StallDetector::default();
        assert!(!look(&mut detector, 9, 9));
        assert!(!look(&mut detector, 9, 9));
        assert!(!look(&mut detector, 9, 12), "these came only now");
        assert!(
            !detector.is_stalled(Progress::new()),
            "it lost the partition"
        );
        assert!(!look(&mut detector, 9, 12), "and got it back");
    }

    #[test]
    fn is_stalled_ignores_the_time_before_a_reset() {
        let mut detector = StallDetector::default();
        assert!(!look(&mut detector, 5, 9));
        detector.reset();
        assert!(!look(&mut detector, 5, 9), "it could not move meanwhile");
        assert!(look(&mut detector, 5, 9), "now it could");
    }
}
