//! Where events go: to Kafka, or straight into the inbox of the notifier where there is no Kafka. To add a way, add a
//! variant to [`Publisher`] and its arm in [`super::relay::Relay::depart`].

use std::sync::Arc;

use entity::event::cloud::CloudEvent;
use notifier::kafka::{Producer, Record, is_about_the_record};
use platform::trace::{
    export::{self, Kind},
    trace_id,
};
use tokio::sync::Notify;
use tracing::{Instrument, field::Empty};

/// Where events go.
pub enum Publisher {
    Kafka {
        producer: Producer,
        topic: String,
    },
    /// Without Kafka: straight into the notifier's inbox, whose bell this is.
    InProcess(Arc<Notify>),
}

/// Why an event did not get through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub cause: String,
    /// It is about this event, and others have nothing to do with it.
    pub of_the_event: bool,
}

impl Failure {
    /// The event itself cannot be published.
    pub fn of_the_event(cause: impl ToString) -> Self {
        Self {
            cause: cause.to_string(),
            of_the_event: true,
        }
    }
}

/// Sends an event to Kafka, as a span of the trace that caused it; gives the brokers' word on it.
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
    if let Some(own) = export::join(&span, Kind::Producer, parent) {
        event.traceparent = Some(own);
    }
    let delivery = producer.enqueue(topic, &record(&event));
    let delivered = async move {
        delivery.await.map_err(|cause| Failure {
            of_the_event: is_about_the_record(&cause),
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
