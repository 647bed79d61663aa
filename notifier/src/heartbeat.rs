//! How it is seen from outside that a part of the program gets nothing done any more.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};

/// When a part last got something done, or saw that there was nothing to do. Whoever tries the same thing again and again
/// has no heartbeat.
#[derive(Clone)]
pub struct Heartbeat(Arc<AtomicI64>);

impl Heartbeat {
    /// A heartbeat that begins now.
    #[must_use]
    pub fn new(now: DateTime<Utc>) -> Self {
        Self(Arc::new(AtomicI64::new(now.timestamp())))
    }

    pub(crate) fn beat(&self, now: DateTime<Utc>) {
        self.0.store(now.timestamp(), Ordering::Relaxed);
    }

    /// For how long there was none.
    #[must_use]
    pub fn age(&self, now: DateTime<Utc>) -> TimeDelta {
        TimeDelta::seconds(now.timestamp() - self.0.load(Ordering::Relaxed))
    }
}
