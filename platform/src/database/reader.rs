//! Reads outside of a transaction, on connections that are kept from one to the next.
//!
//! A pool of sqlx asks each connection that it is given back whether it lives, as it cannot know how its last use ended: a
//! round trip for every statement, and as much again for the server. Who has seen the statement end knows. So a connection
//! that has answered is kept for the next read. It is given back where a read failed or nobody waited for its end, while
//! somebody waits for the pool, and by the first read after it was kept for [`KEPT`], so that whatever the pool does for its
//! connections is done for these as well.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult,
    RuntimeErr, Statement, sea_query::Values,
};
use sea_query_sqlx::SqlxValues;
use sqlx::{
    AssertSqlSafe, Connection as _, Executor, IntoArguments, Pool, Postgres, Sqlite,
    pool::PoolConnection, postgres::PgConnection, query::Query,
};
use tracing::instrument;

/// For how long after it was taken from the pool a connection may be kept.
const KEPT: Duration = Duration::from_secs(1);
/// How many connections are kept at the most: as many as an instance has requests under way at once.
const MOST: usize = 8;

type Heard = Arc<dyn Fn(&Statement) + Send + Sync>;

/// Runs single statements, for whoever writes nothing. Cheap to clone; all clones share what is kept.
#[derive(Clone)]
pub struct Reader {
    connections: Connections,
    /// Who is told of each statement that has run.
    heard: Option<Heard>,
}

#[derive(Clone)]
enum Connections {
    Sqlite(Arc<Kept<Sqlite>>),
    Postgres(Arc<Kept<Postgres>>),
}

/// The connections of a pool, and those of them that are kept.
struct Kept<D: sqlx::Database> {
    pool: Pool<D>,
    state: Mutex<State<D>>,
}

struct State<D: sqlx::Database> {
    /// Those that nothing uses, the one used last at the end.
    idle: Vec<Lease<D>>,
    /// How many wait for the pool.
    waiting: usize,
}

/// A connection, and until when it may be kept.
struct Lease<D: sqlx::Database> {
    connection: PoolConnection<D>,
    until: Instant,
}

/// Somebody waits for the pool: until this is dropped nothing is kept.
struct Waiting<'k, D: sqlx::Database>(&'k Kept<D>);

/// The same for the connections to either database.
macro_rules! either {
    ($reader:expr, $kept:ident => $does:expr) => {
        match &$reader.connections {
            Connections::Sqlite($kept) => $does,
            Connections::Postgres($kept) => $does,
        }
    };
}

/// Runs a statement by a method of [`Query`], tells of it, and reads what it gave.
macro_rules! run {
    ($reader:expr, $statement:ident, $method:ident, $read:expr, $failed:expr) => {{
        let told = $reader.telling(&$statement);
        either!($reader, kept => {
            let mut lease = kept.lease().await?;
            let done = query($statement).$method(&mut *lease.connection).await;
            told();
            kept.ended(lease, done.map($read), $failed)
        })
    }};
}

impl Reader {
    /// Reads on connections of this pool.
    pub(super) fn of(pool: &DatabaseConnection) -> Self {
        let connections = match pool.get_database_backend() {
            DbBackend::Sqlite => {
                Connections::Sqlite(Kept::of(pool.get_sqlite_connection_pool().clone()))
            }
            _ => Connections::Postgres(Kept::of(pool.get_postgres_connection_pool().clone())),
        };
        Self {
            connections,
            heard: None,
        }
    }

    /// The same, of whose statements `heard` is told when they have run.
    pub(super) fn overheard(mut self, heard: Heard) -> Self {
        self.heard = Some(heard);
        self
    }

    /// How many connections there are.
    pub(super) fn counted(&self) -> super::Pool {
        either!(self, kept => kept.counted())
    }

    /// Does the database answer?
    pub(super) async fn ping(&self) -> Result<(), DbErr> {
        either!(self, kept => {
            let mut lease = kept.lease().await?;
            let answer = lease.connection.ping().await;
            kept.ended(lease, answer, DbErr::Conn)
        })
    }

    /// A session of PostgreSQL for the caller alone. `None` on SQLite.
    pub(super) async fn session(&self) -> Result<Option<PgConnection>, sqlx::Error> {
        match &self.connections {
            Connections::Sqlite(_) => Ok(None),
            Connections::Postgres(kept) => Ok(Some(kept.take().await?.connection.detach())),
        }
    }

    /// Waits for something that takes a connection from the pool: a kept one is given back where the pool can open no more,
    /// and none is kept meanwhile.
    pub(super) async fn make_room<T>(&self, taking: impl Future<Output = T>) -> T {
        either!(self, kept => {
            let _waiting = kept.wait();
            taking.await
        })
    }

    /// Waits until what is under way is done, and closes the connections.
    pub(super) async fn close(&self) {
        either!(self, kept => kept.close().await);
    }

    /// What to call when the statement has run.
    fn telling(&self, statement: &Statement) -> impl FnOnce() + use<> {
        let heard = self.heard.clone().map(|heard| (heard, statement.clone()));
        move || {
            if let Some((heard, statement)) = heard {
                heard(&statement);
            }
        }
    }
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        match self.connections {
            Connections::Sqlite(_) => DbBackend::Sqlite,
            Connections::Postgres(_) => DbBackend::Postgres,
        }
    }

    #[instrument(level = "trace", skip_all, fields(sql = statement.sql))]
    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        run!(self, statement, execute, ExecResult::from, DbErr::Exec)
    }

    #[instrument(level = "trace", skip_all, fields(sql = sql))]
    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        either!(self, kept => {
            let mut lease = kept.lease().await?;
            let done = lease.connection.execute(AssertSqlSafe(sql.to_owned())).await;
            kept.ended(lease, done.map(ExecResult::from), DbErr::Exec)
        })
    }

    #[instrument(level = "trace", skip_all, fields(sql = statement.sql))]
    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        run!(
            self,
            statement,
            fetch_optional,
            |row| row.map(QueryResult::from),
            DbErr::Query
        )
    }

    #[instrument(level = "trace", skip_all, fields(sql = statement.sql))]
    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        run!(
            self,
            statement,
            fetch_all,
            |rows| rows.into_iter().map(QueryResult::from).collect(),
            DbErr::Query
        )
    }
}

impl<D: sqlx::Database> Kept<D> {
    fn of(pool: Pool<D>) -> Arc<Self> {
        let state = Mutex::new(State {
            idle: Vec::new(),
            waiting: 0,
        });
        Arc::new(Self { pool, state })
    }

    /// A connection for one statement.
    async fn lease(&self) -> Result<Lease<D>, DbErr> {
        self.take().await.map_err(not_acquired)
    }

    /// The connection used last, or one of the pool.
    async fn take(&self) -> Result<Lease<D>, sqlx::Error> {
        let _waiting = match self.kept() {
            Ok(lease) => return Ok(lease),
            Err(waiting) => waiting,
        };
        let connection = self.pool.acquire().await?;
        let until = Instant::now() + KEPT;
        Ok(Lease { connection, until })
    }

    /// The one used last of those that may still be kept; the others are given back. Where there is none, the pool is waited
    /// for from the same moment, so that no connection is kept past whoever waits.
    fn kept(&self) -> Result<Lease<D>, Waiting<'_, D>> {
        let now = Instant::now();
        let mut state = self.state();
        state.idle.retain(|lease| now < lease.until);
        state.idle.pop().ok_or_else(|| {
            state.waiting += 1;
            Waiting(self)
        })
    }

    /// Keeps the connection whose statement ended well, and says how it ended.
    fn ended<T>(
        &self,
        lease: Lease<D>,
        ended: Result<T, sqlx::Error>,
        failed: fn(RuntimeErr) -> DbErr,
    ) -> Result<T, DbErr> {
        let done = ended.map_err(|cause| failed(RuntimeErr::SqlxError(Arc::new(cause))))?;
        let mut state = self.state();
        if !self.pool.is_closed() && state.waiting == 0 && state.idle.len() < MOST {
            state.idle.push(lease);
        }
        Ok(done)
    }

    /// Somebody waits for the pool. Where it can open no more, the connection that was not used for longest is given back.
    fn wait(&self) -> Waiting<'_, D> {
        let mut state = self.state();
        state.waiting += 1;
        if !state.idle.is_empty() && self.pool.size() >= self.most() {
            state.idle.remove(0);
        }
        Waiting(self)
    }

    /// How many connections there are.
    fn counted(&self) -> super::Pool {
        let (open, idle) = (self.pool.size(), self.pool.num_idle());
        // One that is being opened counts as open, and one that was just given back perhaps twice.
        let idle = u32::try_from(idle.saturating_add(self.state().idle.len()));
        super::Pool {
            open,
            idle: idle.unwrap_or(open).min(open),
            most: self.most(),
        }
    }

    fn most(&self) -> u32 {
        self.pool.options().get_max_connections()
    }

    /// Closes the pool, once nothing uses its connections. From the call on none is kept.
    async fn close(&self) {
        let closed = self.pool.close();
        self.state().idle.clear();
        closed.await;
    }

    fn state(&self) -> MutexGuard<'_, State<D>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D: sqlx::Database> Drop for Waiting<'_, D> {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}

impl<D: sqlx::Database> Drop for Kept<D> {
    /// Whoever is the last to use the pool needs it no more, and may have no runtime left in which a connection could be given
    /// back.
    fn drop(&mut self) {
        for lease in self.state().idle.drain(..) {
            drop(lease.connection.detach());
        }
    }
}

fn query<D>(statement: Statement) -> Query<'static, D, SqlxValues>
where
    D: sqlx::Database,
    SqlxValues: IntoArguments<D>,
{
    let values = statement.values.unwrap_or(Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}

/// As SeaORM says it of its own connections.
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

    use sea_orm::{ConnectOptions, SqliteTransactionMode, TransactionOptions, TransactionTrait};

    use super::*;

    type Failure = Box<dyn std::error::Error>;

    async fn kept() -> Result<Arc<Kept<Sqlite>>, DbErr> {
        let pool = sea_orm::Database::connect("sqlite::memory:").await?;
        Ok(Kept::of(pool.get_sqlite_connection_pool().clone()))
    }

    #[tokio::test]
    async fn connection_is_kept_for_its_time_and_no_longer() -> Result<(), DbErr> {
        let kept = kept().await?;
        let lease = kept.lease().await?;
        kept.ended(lease, Ok(()), DbErr::Query)?;
        assert_eq!(kept.state().idle.len(), 1);
        let mut lease = kept.lease().await?;
        lease.until = Instant::now();
        kept.ended(lease, Ok(()), DbErr::Query)?;
        assert!(kept.kept().is_err());
        Ok(())
    }

    #[tokio::test]
    async fn connection_of_a_read_that_nobody_waits_for_is_not_kept() -> Result<(), Failure> {
        let directory = tempfile::tempdir()?;
        let url = format!("sqlite://{}/test.db?mode=rwc", directory.path().display());
        let mut options = ConnectOptions::new(url);
        options.max_connections(2);
        let pool = sea_orm::Database::connect(options).await?;
        pool.execute_unprepared("CREATE TABLE things (id)").await?;
        let kept = Kept::of(pool.get_sqlite_connection_pool().clone());
        let reader = Reader {
            connections: Connections::Sqlite(kept.clone()),
            heard: None,
        };
        let read = || reader.execute_unprepared("SELECT id FROM things");
        read().await?;
        assert_eq!(kept.state().idle.len(), 1);
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
        assert_eq!(kept.state().idle.len(), 0);
        alone.rollback().await?;
        Ok(())
    }

    #[tokio::test]
    async fn connection_is_not_kept_while_somebody_waits_for_the_pool() -> Result<(), DbErr> {
        let kept = kept().await?;
        let lease = kept.lease().await?;
        let waiting = kept.wait();
        kept.ended(lease, Ok(()), DbErr::Query)?;
        assert_eq!(kept.state().idle.len(), 0);
        drop(waiting);
        let lease = kept.lease().await?;
        kept.ended(lease, Ok(()), DbErr::Query)?;
        assert_eq!(kept.state().idle.len(), 1);
        Ok(())
    }

    #[test]
    fn connections_are_dropped_where_there_is_no_runtime() -> Result<(), Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let kept = runtime.block_on(async {
            let kept = kept().await?;
            kept.ended(kept.lease().await?, Ok(()), DbErr::Query)?;
            Ok::<_, DbErr>(kept)
        })?;
        assert_eq!(kept.state().idle.len(), 1);
        let dropped = thread::spawn(move || drop(kept)).join();
        assert!(dropped.is_ok(), "it panicked");
        Ok(())
    }
}
