//! The database: SQLite in a file, or PostgreSQL. Opens it, migrates it under a lock, and runs write transactions.
//!
//! Reads go through [`Database::reader`]; every write is one call of [`Database::write`].

mod conditions;
mod connections;
mod faults;
mod open;
mod queues;
mod reader;
mod storage;
mod transaction;

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use sea_orm::{DatabaseConnection, DbBackend, DbErr, Statement};
use sqlx::{Connection, postgres::PgConnection};
use tokio::sync::Notify;
use tracing::Instrument;

pub use self::{
    conditions::{eq_literal, is_one_of},
    faults::{Fault, fault},
    open::OpenError,
    queues::Row,
    reader::Reader,
    transaction::{LOCK_TIMEOUT, Transaction},
};
use self::{
    connections::Connections,
    open::SqliteWriter,
    reader::StatementObserver,
    transaction::{Context, Mode},
};
use crate::system::Clock;

/// The default time to wait for a connection of the pool.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);
/// The milliseconds since 1970 by the clock of each of the two databases.
const NOW_POSTGRES: &str = "(extract(epoch FROM statement_timestamp()) * 1000)::bigint";
const NOW_SQLITE: &str = "CAST(round(unixepoch('subsec') * 1000) AS INTEGER)";

/// The database. Cheap to clone; all clones share one pool.
#[derive(Clone)]
pub struct Database {
    /// The pool that `connections` wraps, for migrations.
    pool: DatabaseConnection,
    connections: Connections,
    reader: Reader,
    context: Context,
    /// SQLite has a single writer: transactions queue here in order, instead of polling the lock of the file.
    sqlite_writer: Option<Arc<SqliteWriter>>,
}

/// The state of the connection pool of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolStatus {
    pub open: u32,
    /// The number of open connections that are not in use.
    pub idle: u32,
    /// The maximum number of connections.
    pub max: u32,
}

/// The connection broke during COMMIT: the transaction may or may not be committed.
#[derive(Debug, thiserror::Error)]
#[error("the connection broke within COMMIT: {0}")]
pub struct InDoubt(#[source] pub DbErr);

impl From<InDoubt> for DbErr {
    fn from(doubt: InDoubt) -> Self {
        doubt.0
    }
}

impl Database {
    /// Opens a PostgreSQL session that the caller owns, for resources that last as long as a session. `None` on SQLite,
    /// which has one process.
    pub async fn session(&self) -> Result<Option<PgConnection>, sqlx::Error> {
        self.reader.session().await
    }

    /// Returns true when other processes may use the same database.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.sqlite_writer.is_none()
    }

    /// Returns this database with an observer that is called after each statement. Other clones are unaffected.
    #[must_use]
    pub fn with_statement_observer(
        mut self,
        observer: impl Fn(&Statement) + Send + Sync + 'static,
    ) -> Self {
        let observer: StatementObserver = Arc::new(observer);
        self.reader = self.reader.with_statement_observer(observer.clone());
        self.context.observer = Some(observer);
        self
    }

    /// Returns this database with a signal that is sent when one of its transactions waits long for a lock.
    #[must_use]
    pub fn with_lock_wait_signal(mut self, waiting_long: Arc<Notify>) -> Self {
        self.context.waiting_long = Some(waiting_long);
        self
    }

    /// Returns this database with another clock. For tests.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.context.clock = Some(clock);
        self
    }

    /// Returns an SQL expression for the time in milliseconds since 1970, by the database's clock, which all instances
    /// share. It is constant within a statement.
    #[must_use]
    pub fn now(&self) -> String {
        match (&self.context.clock, self.pool.get_database_backend()) {
            (Some(clock), _) => clock.now().timestamp_millis().to_string(),
            (None, DbBackend::Postgres) => NOW_POSTGRES.to_owned(),
            (None, _) => NOW_SQLITE.to_owned(),
        }
    }

    /// Returns the connections for reads outside a transaction.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Begins a transaction without limits, outside the queue of writers. For tools.
    pub async fn begin(&self) -> Result<Transaction, DbErr> {
        self.begin_as(Mode::Tool).await
    }

    /// Waits for running statements, and closes all connections.
    pub async fn close(self) {
        self.connections.close().await;
        let Some(writer) = &self.sqlite_writer else {
            return;
        };
        // Closing the last connection writes the log into the file, so that the file alone is a complete copy.
        if let Some(anchor) = writer.anchor.lock().await.take()
            && let Err(cause) = anchor.close().await
        {
            tracing::warn!(%cause, "the database could not be closed cleanly");
        }
    }

    /// Returns the state of the connection pool.
    #[must_use]
    pub fn pool_status(&self) -> PoolStatus {
        self.connections.status()
    }

    /// Checks that the database answers.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.reader.ping().await
    }

    /// Runs `work` in one write transaction: commits when it returns `Ok`, rolls back when it fails.
    ///
    /// The transaction runs in its own task: a client that disconnects drops the future of its request, but never the
    /// transaction.
    ///
    /// An error means that nothing was changed, except for [`InDoubt`].
    pub async fn write<T, E, W>(&self, work: W) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbErr> + From<InDoubt> + Send + 'static,
        W: for<'c> FnOnce(&'c Transaction) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
    {
        let database = self.clone();
        let transaction = async move { database.transact(work).await };
        let task = tokio::spawn(transaction.in_current_span());
        task.await
            .map_err(|cause| DbErr::Custom(cause.to_string()))?
    }

    async fn transact<T, E, W>(&self, work: W) -> Result<T, E>
    where
        E: From<DbErr> + From<InDoubt>,
        W: for<'c> FnOnce(&'c Transaction) -> BoxFuture<'c, Result<T, E>>,
    {
        let _turn = match &self.sqlite_writer {
            Some(writer) => Some(writer.turn.lock().await),
            None => None,
        };
        let transaction = self.begin_as(Mode::Write).await?;
        match work(&transaction).await {
            Ok(done) => match transaction.commit().await {
                Ok(()) => Ok(done),
                Err(cause) if self.is_in_doubt(&cause) => Err(InDoubt(cause).into()),
                Err(cause) => Err(cause.into()),
            },
            Err(failure) => {
                // The connection is then closed, which rolls back.
                if let Err(cause) = transaction.rollback().await {
                    tracing::debug!(%cause, "a transaction could not be rolled back");
                }
                Err(failure)
            }
        }
    }

    /// Returns true when the transaction may be committed although COMMIT failed: when no answer came, and on SQLite after
    /// an I/O error, since unsynced pages may reach the disk and be recovered after a crash.
    fn is_in_doubt(&self, cause: &DbErr) -> bool {
        match fault(cause) {
            Some(Fault::Unreachable) => true,
            Some(Fault::Failing) => self.sqlite_writer.is_some(),
            _ => false,
        }
    }

    async fn begin_as(&self, mode: Mode) -> Result<Transaction, DbErr> {
        Transaction::begin(&self.connections, mode, self.context.clone()).await
    }
}
