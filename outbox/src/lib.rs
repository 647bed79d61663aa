//! The transactional outbox and the inbox at its other end: events are delivered from the transaction of their change to
//! live clients and to the notifier, at least once, and the events of an aggregate in order.
//!
//! [`record()`] is the only writer of events. The [`leader`] runs the [`relay`], which publishes them through a
//! [`publisher`], and [`retention`], which deletes old ones. The [`feed`] hands events to the live clients of this
//! instance; the [`inbox`] holds letters until they are sent. [`kafka`] has the producer and the consumer.
//!
//! This crate knows events, and no rules: the recipients of an event are chosen by the notifier (see
//! [`inbox::Addressing`]). To run another task on one instance only, implement [`leader::Task`] and give it to
//! [`leader::Leader::with_task`].

pub mod backlog;
pub mod backoff;
pub mod feed;
pub mod in_flight;
pub mod inbox;
pub mod kafka;
pub mod leader;
pub mod metrics;
pub mod publisher;
mod record;
pub mod relay;
pub mod retention;
pub mod settings;

pub use self::{
    backlog::{Backlog, backlog},
    metrics::Metrics,
    record::{Audience, record},
};
