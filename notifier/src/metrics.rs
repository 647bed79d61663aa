//! The metrics of the notifier, in the format of Prometheus.

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

/// The metrics. Cheap to clone; clones share them.
#[derive(Clone, Default)]
pub struct Metrics {
    /// Events received, including duplicates.
    pub events: Counter,
    /// Records sent to the dead-letter topic.
    pub unreadable: Counter,
    /// Failed attempts to store events or to write to the dead-letter topic.
    pub consumer_retries: Counter,
    /// Attempts to send a letter, by outcome.
    letters: Family<OutcomeLabel, Counter>,
    /// Letters in the inbox, by state.
    inbox: Family<StateLabel, Gauge<i64, AtomicI64>>,
    /// The age of the oldest waiting letter, in seconds.
    pub oldest_waiting: Gauge<i64, AtomicI64>,
    /// Records that this member has not read yet.
    pub lag: Gauge<i64, AtomicI64>,
    /// Seconds from an event to the answer of the mail server.
    pub delay: Delay,
}

/// A histogram of seconds from an event to its letter.
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
    /// Returns the gauge of letters in one state.
    pub fn inbox(&self, state: NotificationState) -> Gauge<i64, AtomicI64> {
        let state = state.to_value();
        self.inbox.get_or_create(&StateLabel { state }).clone()
    }

    /// Returns the counter of one outcome: `sent`, `later`, `dead` or `skipped`.
    pub fn letters(&self, outcome: &'static str) -> Counter<u64, AtomicU64> {
        self.letters
            .get_or_create(&OutcomeLabel { outcome })
            .clone()
    }

    /// Encodes all metrics for `/metrics`.
    #[must_use]
    pub fn text(&self) -> String {
        let mut registry = Registry::with_prefix("notifier");
        registry.register("events", "Events received", self.events.clone());
        registry.register(
            "unreadable_records",
            "Records sent to the dead-letter topic",
            self.unreadable.clone(),
        );
        registry.register(
            "consumer_retries",
            "Failed attempts to process records",
            self.consumer_retries.clone(),
        );
        registry.register(
            "letters",
            "Letters by outcome of an attempt",
            self.letters.clone(),
        );
        registry.register(
            "inbox_letters",
            "Letters in the inbox by state",
            self.inbox.clone(),
        );
        registry.register(
            "inbox_oldest_waiting_seconds",
            "Age of the oldest waiting letter",
            self.oldest_waiting.clone(),
        );
        registry.register(
            "resident_memory_bytes",
            "Memory of the process",
            ConstGauge::new(system::resident_memory().unwrap_or_default()),
        );
        registry.register("lag_records", "Records not read yet", self.lag.clone());
        registry.register(
            "letter_delay_seconds",
            "From the event to the answer of the mail server",
            self.delay.0.clone(),
        );
        let mut text = String::new();
        match encode(&mut text, &registry) {
            Ok(()) => text,
            Err(_) => String::new(),
        }
    }
}
