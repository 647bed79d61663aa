//! Metrics of the outbox. The program registers them under its own prefix.

use prometheus_client::{metrics::gauge::Gauge, registry::Registry};

/// The metrics. Clones share them.
#[derive(Clone, Default)]
pub struct Metrics {
    /// 1 while this instance is the leader.
    pub leads: Gauge,
}

impl Metrics {
    pub fn register(&self, registry: &mut Registry) {
        registry.register(
            "relay_leads",
            "1 on the instance that relays events",
            self.leads.clone(),
        );
    }
}
