//! The state that all use cases share.

use std::{
    ops::Deref,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use entity::PasswordHash;
use futures_util::future::BoxFuture;
use outbox::feed::EventFeed;
use platform::{
    database::Database,
    system::{Clock, Random},
    trace,
};
use rules::Actor;
use secrecy::SecretString;
use tokio::sync::Notify;

use crate::{
    context::WriteContext,
    error::Result,
    identity::{Identity, passwords::Verdict},
    wait_hook::WaitHook,
    write::Write,
};

/// The database and the services that the use cases work with. Cheap to clone; all clones share them.
#[derive(Clone)]
pub struct Exchange(Arc<Parts>);

/// The parts of an [`Exchange`].
#[derive(Clone)]
pub struct Parts {
    pub database: Database,
    pub clock: Clock,
    pub random: Random,
    pub identity: Arc<Identity>,
    /// Notified after each write, which may have recorded events.
    pub bell: Arc<Notify>,
    /// The events for the subscribers of this instance.
    pub feed: EventFeed,
    /// Called when a request starts to wait, for a lock or for a password worker.
    pub on_wait: WaitHook,
}

impl From<Parts> for Exchange {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for Exchange {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Exchange {
    /// Runs work of the exchange itself in one write transaction: see [`Database::write`].
    pub async fn write<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(Write<'c>) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        self.write_as(Actor::Anonymous.into(), work).await
    }

    /// Runs `work` in one write transaction on behalf of a sender.
    pub(crate) async fn write_as<T, W>(&self, context: WriteContext, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(Write<'c>) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        let (exchange, parent, waits) = (self.clone(), trace::current(), Arc::new(Notify::new()));
        let database = self.database.clone().with_lock_wait_signal(waits.clone());
        let writing = database.write(move |transaction| {
            Box::pin(trace::scope(parent, async move {
                work(Write {
                    exchange: &exchange,
                    context: &context,
                    transaction,
                    checked: &AtomicBool::new(false),
                })
                .await
            }))
        });
        tokio::pin!(writing);
        let done = tokio::select! {
            done = &mut writing => done,
            () = waits.notified() => {
                self.on_wait.call();
                writing.await
            }
        };
        self.bell.notify_one();
        done
    }

    /// Hashes a password: see [`crate::identity::passwords::Passwords::hash`].
    pub(crate) async fn hash_password(
        &self,
        password: SecretString,
        debt: Duration,
    ) -> Result<PasswordHash> {
        self.on_wait.call();
        self.identity.passwords.hash(password, debt).await
    }

    /// Verifies a password: see [`crate::identity::passwords::Passwords::verify`].
    pub(crate) async fn verify_password(
        &self,
        password: SecretString,
        hash: Option<PasswordHash>,
        debt: Duration,
    ) -> Result<Verdict> {
        self.on_wait.call();
        self.identity.passwords.verify(password, hash, debt).await
    }
}
