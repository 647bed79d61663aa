//! What every part of the exchange works with. Built once, cheap to clone, given to both surfaces.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use platform::{
    database::Database,
    system::{Clock, Random},
};
use sea_orm::DatabaseTransaction;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::{error::Result, identity::Identity, metrics::Metrics, outbox::tail::Tail, trace};

#[derive(Clone)]
pub struct App {
    pub database: Database,
    pub clock: Clock,
    pub random: Random,
    pub identity: Arc<Identity>,
    /// Rung after each write: something may be in the outbox.
    pub bell: Arc<Notify>,
    /// What happens, for whoever listens at this instance.
    pub tail: Tail,
    pub metrics: Metrics,
    /// Cancelled when this instance is about to stop: a load balancer is to send it nothing more.
    pub stopping: CancellationToken,
    /// What this instance is called among its peers.
    pub instance_name: Arc<str>,
}

impl App {
    /// Runs `work`, given an `App` of its own, in one write transaction: see [`Database::write`].
    pub async fn write<T, W>(&self, work: W) -> Result<T>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(App, &'c DatabaseTransaction) -> BoxFuture<'c, Result<T>>
            + Send
            + 'static,
    {
        let (app, parent) = (self.clone(), trace::current());
        let done = self
            .database
            .write(move |transaction| Box::pin(trace::scope(parent, work(app, transaction))))
            .await;
        self.bell.notify_one();
        done
    }
}
