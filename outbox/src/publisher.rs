//! The destinations of events: Kafka, or the notifier's inbox where there is no Kafka. To add a destination, add a variant
//! to [`Publisher`] and its arm in [`crate::relay::Relay::send_due`].

use std::sync::Arc;

use entity::event::cloud::CloudEvent;
use platform::trace::{
    context::{Kind, join_trace},
    trace_id,
};
use tokio::sync::Notify;
use tracing::{Instrument, field::Empty};

use crate::{
    inbox::Addressing,
    kafka::{Producer, Record, is_record_error},
};

/// The destination of events.
pub enum Publisher {
    Kafka {
        producer: Producer,
        topic: String,
    },
    /// The notifier's inbox. `wake_up` wakes up the sender of letters.
    Inbox {
        addressing: Addressing,
        wake_up: Arc<Notify>,
    },
}

/// The reason why an event could not be published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub cause: String,
    /// True when the event itself is at fault, and others may succeed.
    pub event_specific: bool,
}

impl Failure {
    /// Creates the failure of an event that can never be published as it is.
    pub fn event_specific(cause: impl ToString) -> Self {
        Self {
            cause: cause.to_string(),
            event_specific: true,
        }
    }
}

/// Sends an event to Kafka, in a span of the trace that caused it. Resolves when the brokers have confirmed or rejected it.
pub fn publish(
    producer: &Producer,
    topic: &str,
    mut event: CloudEvent,
) -> impl Future<Output = Result<(), Failure>> + Send + use<> {
    let parent = event.traceparent.as_deref();
    let span = tracing::info_span!(
        "publish",
        trace_id = parent.and_then(trace_id),
        event = %event.id,
        otel.kind = Empty
    );
    if let Some(own) = join_trace(&span, Kind::Producer, parent) {
        event.traceparent = Some(own);
    }
    let delivery = producer.enqueue(topic, &record(&event));
    let delivered = async move {
        delivery.await.map_err(|cause| Failure {
            event_specific: is_record_error(&cause),
            cause: cause.to_string(),
        })
    };
    delivered.instrument(span)
}

fn record(event: &CloudEvent) -> Record {
    let headers = event.headers().into_iter();
    Record {
        key: event.subject().into_bytes(),
        payload: event.data().into_bytes(),
        headers: headers
            .map(|(name, value)| (name.to_owned(), value.into_bytes()))
            .collect(),
    }
}
