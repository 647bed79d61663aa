//! The outbox: recorded events, the relay to Kafka or the inbox, and leader election.

mod golden;
mod leader;
mod relay;
mod trim;
