//! What every part of the exchange works with. Built once, cheap to clone, given to both surfaces.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use futures_util::future::BoxFuture;
use outbox::feed::EventFeed;
use platform::{
    database::{Database, Transaction},
    system::{Clock, Random},
    trace,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{
    admission, error::Result, http::clients::Clients, identity::Identity, metrics::Metrics,
};

/// The parts, shared by all clones.
#[derive(Clone)]
pub struct App(Arc<Parts>);

#[derive(Clone)]
pub struct Parts {
    pub database: Database,
    pub clock: Clock,
    pub random: Random,
    pub identity: Arc<Identity>,
    /// Rung after each write: something may be in the outbox.
    pub bell: Arc<Notify>,
    /// What happens, for whoever listens at this instance.
    pub feed: EventFeed,
    pub metrics: Metrics,
    /// The bytes, sockets and seats of this instance that clients hold.
    pub clients: Clients,
    /// Cancelled when this instance is about to stop: a load balancer is to send it nothing more.
    pub stopping: CancellationToken,
    /// What this instance is called among its peers.
    pub instance_name: Arc<str>,
}

impl From<Parts> for App {
    fn from(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Other clones keep the parts that they have.
impl DerefMut for App {
    fn deref_mut(&mut self) -> &mut Parts {
        Arc::make_mut(&mut self.0)
    }
}

impl App {
    /// Runs `work`, given an `App` of its own, in one write transaction: see [`Database::write`].
    pub async fn write<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(App, &'c Transaction) -> BoxFuture<'c, Result<T>> + Send + 'static,
    {
        let (app, parent, stuck) = (self.clone(), trace::current(), Arc::new(Notify::new()));
        let database = self.database.clone().with_lock_wait_signal(stuck.clone());
        let writing = database
            .write(move |transaction| Box::pin(trace::scope(parent, work(app, transaction))));
        tokio::pin!(writing);
        let done = tokio::select! {
            done = &mut writing => done,
            // It waits for a lock: another request may run meanwhile.
            () = stuck.notified() => {
                admission::release_current();
                writing.await
            }
        };
        self.bell.notify_one();
        done
    }
}
