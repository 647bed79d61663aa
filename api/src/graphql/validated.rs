//! Tells when a document has been found to fit the schema, before anything is executed: a stream may wait for ever for its first
//! answer, and whoever asked for it is told at once that it has begun.

use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::{
    ServerError, ValidationResult,
    extensions::{Extension, ExtensionContext, ExtensionFactory, NextValidation},
};
use tokio::sync::oneshot;

/// Whom to tell, as data of a request.
pub struct Announcement(Mutex<Option<oneshot::Sender<()>>>);

impl Announcement {
    /// An announcement, and what resolves when it is made; with an error where it never will be.
    pub fn new() -> (Self, oneshot::Receiver<()>) {
        let (sender, receiver) = oneshot::channel();
        (Self(Mutex::new(Some(sender))), receiver)
    }

    fn make(&self) {
        let mut sender = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = sender.take() {
            // Nobody needs to listen any more.
            let _ = sender.send(());
        }
    }
}

/// Makes the announcement of each request that has one.
pub struct Announcing;

impl ExtensionFactory for Announcing {
    fn create(&self) -> Arc<dyn Extension> {
        Arc::new(Self)
    }
}

#[async_graphql::async_trait::async_trait]
impl Extension for Announcing {
    async fn validation(
        &self,
        context: &ExtensionContext<'_>,
        next: NextValidation<'_>,
    ) -> Result<ValidationResult, Vec<ServerError>> {
        let validated = next.run(context).await;
        if let (Ok(_), Ok(announcement)) = (&validated, context.data::<Announcement>()) {
            announcement.make();
        }
        validated
    }
}
