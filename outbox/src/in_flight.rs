//! Events in flight to the brokers: at most one of each aggregate. Each completes by itself, so that a slow event delays
//! only its own aggregate.

use std::{collections::HashSet, time::Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use uuid::Uuid;

use crate::{backoff::Backoff, publisher::Failure};

/// Completions that are taken out of the channel at once.
const BATCH: usize = 500;

/// The state of a leader between two steps.
pub struct InFlight {
    pub backoff: Backoff,
    ids: HashSet<Uuid>,
    completions: Vec<Completion>,
    sender: UnboundedSender<Completion>,
    receiver: UnboundedReceiver<Completion>,
    last_success: Option<Instant>,
}

/// The outcome of sending one event.
struct Completion {
    id: Uuid,
    sent_at: Instant,
    outcome: Result<(), Failure>,
}

/// The outcome of sending several events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completed {
    pub published: Vec<Uuid>,
    pub first_failure: Option<String>,
}

impl Default for InFlight {
    fn default() -> Self {
        let (sender, receiver) = unbounded_channel();
        Self {
            backoff: Backoff::default(),
            ids: HashSet::new(),
            completions: Vec::new(),
            sender,
            receiver,
            last_success: None,
        }
    }
}

impl InFlight {
    /// Returns the events that must not be sent now: those in flight and those that back off.
    #[must_use]
    pub fn excluded(&self) -> Vec<Uuid> {
        let in_flight = self.ids.iter().copied();
        in_flight.chain(self.backoff.waiting()).collect()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Sends an event in its own task, which continues even when this value is dropped.
    pub fn send(
        &mut self,
        id: Uuid,
        delivery: impl Future<Output = Result<(), Failure>> + Send + 'static,
    ) {
        self.ids.insert(id);
        let (sender, sent_at) = (self.sender.clone(), Instant::now());
        tokio::spawn(async move {
            let outcome = delivery.await;
            // There is no receiver after the leadership was lost.
            let _ = sender.send(Completion {
                id,
                sent_at,
                outcome,
            });
        });
    }

    /// Waits until an event has completed. Cancel safe.
    pub async fn completed(&mut self) {
        if self.completions.is_empty() {
            self.receiver.recv_many(&mut self.completions, BATCH).await;
        }
    }

    /// Takes the events that have completed since the last call, whether or not they were published.
    pub fn take_completed(&mut self) -> Completed {
        while let Ok(completion) = self.receiver.try_recv() {
            self.completions.push(completion);
        }
        let mut completed = Completed::default();
        let mut failed = Vec::new();
        for completion in std::mem::take(&mut self.completions) {
            self.ids.remove(&completion.id);
            match completion.outcome {
                Ok(()) => {
                    self.last_success = Some(Instant::now());
                    self.backoff.published(completion.id);
                    completed.published.push(completion.id);
                }
                Err(failure) => failed.push((completion.id, completion.sent_at, failure)),
            }
        }
        for (id, sent_at, failure) in failed {
            completed.first_failure.get_or_insert(failure.cause.clone());
            let others_succeed = self.last_success.is_some_and(|last| last >= sent_at);
            self.backoff.failed(id, failure, others_succeed);
        }
        completed
    }
}
