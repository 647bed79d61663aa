//! Signals that a subscription was accepted, so that the response headers can be sent before the first event.

use std::sync::{Mutex, PoisonError};

use async_graphql::Context;
use tokio::sync::oneshot;

/// The signal of one subscription, as data of its request.
pub struct SubscriptionAck(Mutex<Option<oneshot::Sender<()>>>);

impl SubscriptionAck {
    /// Creates a signal and its receiver, which fails if the signal is dropped unsent.
    pub(crate) fn channel() -> (Self, oneshot::Receiver<()>) {
        let (sender, receiver) = oneshot::channel();
        (Self(Mutex::new(Some(sender))), receiver)
    }

    /// Sends the signal of the request that a resolver works for. Does nothing for a query or a mutation.
    pub fn send(context: &Context<'_>) {
        let Ok(Self(sender)) = context.data() else {
            return;
        };
        let mut sender = sender.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = sender.take() {
            // The client may have gone.
            let _ = sender.send(());
        }
    }
}
