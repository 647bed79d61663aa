//! Tells when a subscription has begun: it may wait for ever for its first answer, and whoever asked for it is told at once that
//! its document was taken.

use std::sync::{Mutex, PoisonError};

use async_graphql::Context;
use tokio::sync::oneshot;

/// Whom to tell, as data of a request.
pub struct Announcement(Mutex<Option<oneshot::Sender<()>>>);

impl Announcement {
    /// An announcement, and what resolves when it is made; with an error where it never will be.
    pub fn new() -> (Self, oneshot::Receiver<()>) {
        let (sender, receiver) = oneshot::channel();
        (Self(Mutex::new(Some(sender))), receiver)
    }

    /// Makes the announcement of the request that a resolver works for, if it has one.
    pub fn make(context: &Context<'_>) {
        let Ok(Self(sender)) = context.data() else {
            return;
        };
        let mut sender = sender.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = sender.take() {
            // Nobody needs to listen any more.
            let _ = sender.send(());
        }
    }
}
