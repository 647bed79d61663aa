//! What the notifier counts, in the format of Prometheus.

use std::sync::atomic::{AtomicI64, AtomicU64};

use entity::NotificationState;
use platform::system;
use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::Histogram,
    },
    registry::Registry,
};
use sea_orm::ActiveEnum;

/// The counters. Cheap to clone; all clones count together.
#[derive(Clone, Default)]
pub struct Metrics {
    /// Events taken into the inbox, duplicates among them.
    pub events: Counter,
    /// Records that went to the dead topic.
    pub unreadable: Counter,
    /// How often storing events, or writing to the dead topic, failed and was tried again.
    pub consumer_retries: Counter,
    /// Letters by what became of an attempt to send them.
    letters: Family<OutcomeLabel, Counter>,
    /// Rows of the inbox by state, as last counted.
    inbox: Family<StateLabel, Gauge<i64, AtomicI64>>,
    /// Seconds since the event of the letter that waits longest, as last looked up.
    pub oldest_waiting: Gauge<i64, AtomicI64>,
    /// Records of the topic that this member has still to read.
    pub lag: Gauge<i64, AtomicI64>,
    /// From the event to the mail server's word.
    pub delay: Delay,
}

/// Seconds from an event to its letter.
#[derive(Clone)]
pub struct Delay(pub Histogram);

impl Default for Delay {
    fn default() -> Self {
        Self(Histogram::new([
            0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 3600.0,
        ]))
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabel {
    state: String,
}

impl Metrics {
    /// The gauge of the rows in one state.
    pub fn inbox(&self, state: NotificationState) -> Gauge<i64, AtomicI64> {
        let state = state.to_value();
        self.inbox.get_or_create(&StateLabel { state }).clone()
    }

    /// The counter of one outcome: `sent`, `later`, `dead` or `skipped`.
    pub fn letters(&self, outcome: &'static str) -> Counter<u64, AtomicU64> {
        self.letters
            .get_or_create(&OutcomeLabel { outcome })
            .clone()
    }

    /// All of them, as `/metrics` shows them.
    #[must_use]
    pub fn text(&self) -> String {
        let mut registry = Registry::with_prefix("notifier");
        registry.register("events", "Events taken in", self.events.clone());
        registry.register(
            "unreadable_records",
            "Records sent to the dead topic",
            self.unreadable.clone(),
        );
        registry.register(
            "consumer_retries",
            "Attempts to take records in that failed",
            self.consumer_retries.clone(),
        );
        registry.register(
            "letters",
            "Letters by what became of an attempt",
            self.letters.clone(),
        );
        registry.register(
            "inbox_letters",
            "Letters of the inbox by state",
            self.inbox.clone(),
        );
        registry.register(
            "inbox_oldest_waiting_seconds",
            "Age of the letter that waits longest",
            self.oldest_waiting.clone(),
        );
        registry.register(
            "resident_memory_bytes",
            "Memory of the process",
            ConstGauge::new(system::resident_memory().unwrap_or_default()),
        );
        registry.register("lag_records", "Records still to read", self.lag.clone());
        registry.register(
            "letter_delay_seconds",
            "From the event to the mail server's word",
            self.delay.0.clone(),
        );
        let mut text = String::new();
        match encode(&mut text, &registry) {
            Ok(()) => text,
            Err(_) => String::new(),
        }
    }
}
