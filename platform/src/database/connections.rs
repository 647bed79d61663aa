//! The connection pool, with a set of idle connections that skip its ping.
//!
//! sqlx pings each connection that returns to its pool, since it cannot know how its last statement ended: a round trip per
//! statement. A caller that saw its statement succeed keeps the connection here instead. It returns to the pool after
//! [`MAX_IDLE_TIME`], when another caller waits for the pool, and when a statement fails.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sea_orm::sea_query::Values;
use sea_orm::{ConnAcquireErr, DatabaseConnection, DbBackend, DbErr, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::{
    AssertSqlSafe, IntoArguments, Pool, Postgres, Sqlite, pool::PoolConnection, query::Query,
};

/// The time after acquisition for which a connection may be kept.
const MAX_IDLE_TIME: Duration = Duration::from_secs(1);
/// The maximum number of idle connections: the number of requests that an instance runs at once.
const MAX_IDLE: usize = 8;

/// The connections to either database. Cheap to clone; clones share the idle ones.
#[derive(Clone)]
pub(super) enum Connections {
    Sqlite(Arc<IdlePool<Sqlite>>),
    Postgres(Arc<IdlePool<Postgres>>),
}

/// A pool and its idle connections.
pub(super) struct IdlePool<D: sqlx::Database> {
    pool: Pool<D>,
    state: Mutex<State<D>>,
}

struct State<D: sqlx::Database> {
    /// Idle connections; the most recently used one is the last.
    idle: Vec<Lease<D>>,
    /// The number of callers that wait for the pool.
    waiting: usize,
}

/// A connection, and the time until which it may be kept.
pub(super) struct Lease<D: sqlx::Database> {
    pub(super) connection: PoolConnection<D>,
    until: Instant,
}

/// A caller that waits for the pool. Until it is dropped, no connection is kept.
pub(super) struct PoolWaiter<'k, D: sqlx::Database>(&'k IdlePool<D>);

/// Runs the same code on the connections to either database.
macro_rules! either {
    ($connections:expr, $pool:ident => $does:expr) => {
        match $connections {
            $crate::database::connections::Connections::Sqlite($pool) => $does,
            $crate::database::connections::Connections::Postgres($pool) => $does,
        }
    };
}

pub(super) use either;

impl Connections {
    /// Wraps a pool.
    pub(super) fn new(pool: &DatabaseConnection) -> Self {
        match pool.get_database_backend() {
            DbBackend::Sqlite => {
                Self::Sqlite(IdlePool::new(pool.get_sqlite_connection_pool().clone()))
            }
            _ => Self::Postgres(IdlePool::new(pool.get_postgres_connection_pool().clone())),
        }
    }

    pub(super) fn backend(&self) -> DbBackend {
        match self {
            Self::Sqlite(_) => DbBackend::Sqlite,
            Self::Postgres(_) => DbBackend::Postgres,
        }
    }

    /// Returns the state of the pool.
    pub(super) fn status(&self) -> super::PoolStatus {
        either!(self, pool => pool.status())
    }

    /// Waits for running statements, and closes the connections.
    pub(super) async fn close(&self) {
        either!(self, pool => pool.close().await);
    }
}

impl<D: sqlx::Database> IdlePool<D> {
    pub(super) fn new(pool: Pool<D>) -> Arc<Self> {
        let state = Mutex::new(State {
            idle: Vec::new(),
            waiting: 0,
        });
        Arc::new(Self { pool, state })
    }

    /// Acquires a connection for one statement or transaction.
    pub(super) async fn lease(&self) -> Result<Lease<D>, DbErr> {
        self.take().await.map_err(not_acquired)
    }

    /// Takes the most recently used idle connection, or acquires one from the pool.
    pub(super) async fn take(&self) -> Result<Lease<D>, sqlx::Error> {
        let _waiting = match self.idle() {
            Ok(lease) => return Ok(lease),
            Err(waiting) => waiting,
        };
        let connection = self.pool.acquire().await?;
        let until = Instant::now() + MAX_IDLE_TIME;
        Ok(Lease { connection, until })
    }

    /// Takes the most recently used idle connection, and returns expired ones to the pool. When there is none, registers
    /// the caller as waiting under the same lock, so that no connection is kept past it.
    pub(super) fn idle(&self) -> Result<Lease<D>, PoolWaiter<'_, D>> {
        let now = Instant::now();
        let mut state = self.state();
        state.idle.retain(|lease| now < lease.until);
        state.idle.pop().ok_or_else(|| {
            state.waiting += 1;
            PoolWaiter(self)
        })
    }

    /// Maps the result of a statement, and keeps the connection when it succeeded.
    pub(super) fn finish<T>(
        &self,
        lease: Lease<D>,
        ended: Result<T, sqlx::Error>,
        failed: fn(RuntimeErr) -> DbErr,
    ) -> Result<T, DbErr> {
        let done = ended.map_err(|cause| failed(RuntimeErr::SqlxError(Arc::new(cause))))?;
        self.keep(lease);
        Ok(done)
    }

    /// Keeps a connection after a successful use, unless a caller waits for the pool.
    pub(super) fn keep(&self, lease: Lease<D>) {
        let mut state = self.state();
        if !self.pool.is_closed() && state.waiting == 0 && state.idle.len() < MAX_IDLE {
            state.idle.push(lease);
        }
    }

    /// Returns the state of the pool.
    fn status(&self) -> super::PoolStatus {
        let (open, idle) = (self.pool.size(), self.pool.num_idle());
        // A connection that is being opened counts as open, and one that has just been returned may count twice.
        let idle = u32::try_from(idle.saturating_add(self.state().idle.len()));
        super::PoolStatus {
            open,
            idle: idle.unwrap_or(open).min(open),
            max: self.pool.options().get_max_connections(),
        }
    }

    /// Closes the pool when its connections are no longer used. From now on none is kept.
    async fn close(&self) {
        let closed = self.pool.close();
        self.state().idle.clear();
        closed.await;
    }

    fn state(&self) -> MutexGuard<'_, State<D>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D: sqlx::Database> Drop for PoolWaiter<'_, D> {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}

impl<D: sqlx::Database> Drop for IdlePool<D> {
    /// Closes idle connections without a runtime, which the last user of the pool may lack.
    fn drop(&mut self) {
        for lease in self.state().idle.drain(..) {
            lease.close();
        }
    }
}

impl<D: sqlx::Database> Lease<D> {
    /// Closes the connection, so that the pool may open another. Needs no runtime.
    pub(super) fn close(self) {
        drop(self.connection.detach());
    }
}

pub(super) fn query<D>(statement: Statement) -> Query<'static, D, SqlxValues>
where
    D: sqlx::Database,
    SqlxValues: IntoArguments<D>,
{
    let values = statement.values.unwrap_or(Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

/// Maps an error of acquisition as SeaORM does for its own connections.
fn not_acquired(cause: sqlx::Error) -> DbErr {
    match cause {
        sqlx::Error::PoolTimedOut => DbErr::ConnectionAcquire(ConnAcquireErr::Timeout),
        sqlx::Error::PoolClosed => DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed),
        cause => DbErr::Conn(RuntimeErr::SqlxError(Arc::new(cause))),
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, pin::pin, task::Poll, thread};

    use sea_orm::{
        ConnectOptions, ConnectionTrait, SqliteTransactionMode, TransactionOptions,
        TransactionTrait,
    };

    use super::{super::Reader, *};

    type Failure = Box<dyn std::error::Error>;

    async fn pool() -> Result<Arc<IdlePool<Sqlite>>, DbErr> {
        let pool = sea_orm::Database::connect("sqlite::memory:").await?;
        Ok(IdlePool::new(pool.get_sqlite_connection_pool().clone()))
    }

    #[tokio::test]
    async fn lease_reuses_an_idle_connection_until_it_expires() -> Result<(), DbErr> {
        let pool = pool().await?;
        let lease = pool.lease().await?;
        pool.finish(lease, Ok(()), DbErr::Query)?;
        assert_eq!(pool.state().idle.len(), 1);
        let mut lease = pool.lease().await?;
        lease.until = Instant::now();
        pool.finish(lease, Ok(()), DbErr::Query)?;
        assert!(pool.idle().is_err());
        Ok(())
    }

    #[tokio::test]
    async fn dropped_read_does_not_keep_its_connection() -> Result<(), Failure> {
        let directory = tempfile::tempdir()?;
        let url = format!("sqlite://{}/test.db?mode=rwc", directory.path().display());
        let mut options = ConnectOptions::new(url);
        options.max_connections(2);
        let pool = sea_orm::Database::connect(options).await?;
        pool.execute_unprepared("CREATE TABLE things (id)").await?;
        let idle_pool = IdlePool::new(pool.get_sqlite_connection_pool().clone());
        let reader = Reader::new(Connections::Sqlite(idle_pool.clone()));
        let read = || reader.execute_unprepared("SELECT id FROM things");
        read().await?;
        assert_eq!(idle_pool.state().idle.len(), 1);
        let alone = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Exclusive),
            ..TransactionOptions::default()
        };
        let alone = pool.begin_with_options(alone).await?;
        {
            let mut read = pin!(read());
            let begun = poll_fn(|context| Poll::Ready(read.as_mut().poll(context))).await;
            assert!(begun.is_pending(), "nobody else can read now");
        }
        assert_eq!(idle_pool.state().idle.len(), 0);
        alone.rollback().await?;
        Ok(())
    }

    #[tokio::test]
    async fn finish_keeps_nothing_while_a_caller_waits() -> Result<(), DbErr> {
        let pool = pool().await?;
        let lease = pool.lease().await?;
        let waiting = pool.idle().err();
        pool.finish(lease, Ok(()), DbErr::Query)?;
        assert_eq!(pool.state().idle.len(), 0);
        drop(waiting);
        let lease = pool.lease().await?;
        pool.finish(lease, Ok(()), DbErr::Query)?;
        assert_eq!(pool.state().idle.len(), 1);
        Ok(())
    }

    #[test]
    fn drop_works_without_a_runtime() -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let pool = runtime.block_on(async {
            let pool = pool().await?;
            pool.finish(pool.lease().await?, Ok(()), DbErr::Query)?;
            Ok::<_, DbErr>(pool)
        })?;
        assert_eq!(pool.state().idle.len(), 1);
        let dropped = thread::spawn(move || drop(pool)).join();
        assert!(dropped.is_ok(), "it panicked");
        Ok(())
    }
}
