//! Liveness: the last time a worker made progress.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};

/// The last time a worker made progress or had nothing to do. Retrying the same step is not progress.
#[derive(Clone)]
pub struct Heartbeat(Arc<AtomicI64>);

impl Heartbeat {
    /// Creates a heartbeat that begins now.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(Arc::new(AtomicI64::new(now.timestamp())))
    }

    pub(crate) fn beat(&self, now: DateTime<Utc>) {
        self.0.store(now.timestamp(), Ordering::Relaxed);
    }

    /// Returns the time since the last beat.
    #[must_use]
    pub fn age(&self, now: DateTime<Utc>) -> TimeDelta {
        TimeDelta::seconds(now.timestamp() - self.0.load(Ordering::Relaxed))
    }
}
