//! Transactions on connections that this module owns from BEGIN to the answer to COMMIT or ROLLBACK.
//!
//! A connection returns to the pool only when COMMIT or ROLLBACK succeeded. Otherwise it is closed: when either fails, the
//! work panics, its future is dropped, or a statement was not finished. SQLite ends a transaction by itself when it runs
//! out of disk or memory; the following ROLLBACK fails, and a connection that was returned anyway would begin its next
//! transaction in an undefined state.
//!
//! After a failed statement nothing more runs, on either database, and the transaction cannot be committed, even if the
//! caller ignored the error.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sqlx::{AssertSqlSafe, Executor, PgConnection, Postgres, Row as _, Sqlite};
use tokio::sync::{Mutex, Notify};
use tracing::instrument;

use super::{
    connections::{Connections, IdlePool, Lease, query},
    queues::{LockQueues, Row},
    reader::{StatementObserver, observe},
    storage::Storage,
};
use crate::system::Clock;

/// The lock timeout of a write: shorter than the timeout of a request, so that the client gets an answer.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(3);
/// Begins a write on PostgreSQL. Limits are set per transaction, since a pooler may share the session: the lock timeout
/// ([`LOCK_TIMEOUT`]), and the idle time after which the server ends the session, which frees the locks of a frozen
/// instance. Returns the time of the server, and whether the transaction has just begun.
const BEGIN_ON_POSTGRES: &str = "BEGIN; SET LOCAL lock_timeout = '3s'; \
    SET LOCAL idle_in_transaction_session_timeout = '4s'; \
    SELECT (extract(epoch FROM now()) * 1000000)::bigint, now() = statement_timestamp()";
/// Begins a transaction without limits.
const BEGIN_UNLIMITED: &str =
    "BEGIN; SELECT (extract(epoch FROM now()) * 1000000)::bigint, now() = statement_timestamp()";

/// A transaction. Dropping it closes its connection, which rolls back.
pub struct Transaction {
    inner: Mutex<Inner>,
    backend: DbBackend,
    time: Time,
    context: Context,
}

/// The state that the transactions of a process share.
#[derive(Clone, Default)]
pub(super) struct Context {
    pub(super) observer: Option<StatementObserver>,
    pub(super) storage: Arc<Storage>,
    pub(super) queues: Arc<LockQueues>,
    /// Signalled when the transaction waits long for a lock.
    pub(super) waiting_long: Option<Arc<Notify>>,
    /// Replaces the clock of the database in tests.
    pub(super) clock: Option<Clock>,
}

/// The kind of transaction to begin.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// A write of a use case: takes the write lock of SQLite at once, and is limited on PostgreSQL.
    Write,
    /// A transaction of a tool: locks SQLite on its first write, and is unlimited on PostgreSQL.
    Tool,
}

/// The source of the time.
enum Time {
    /// The time of the server when the transaction began, and the local instant of that moment.
    Server(DateTime<Utc>, Instant),
    Clock(Clock),
}

enum Inner {
    Sqlite(HeldConnection<Sqlite>),
    Postgres(HeldConnection<Postgres>),
}

/// A connection with an open transaction. Closed when it is dropped.
struct HeldConnection<D: sqlx::Database> {
    pool: Arc<IdlePool<D>>,
    lease: Option<Lease<D>>,
    state: State,
}

enum State {
    /// All statements so far have succeeded.
    Sound,
    /// A statement is running, or its future was dropped.
    UnderWay,
    /// A statement has failed.
    Failed(DbErr),
}

/// Runs the same code on a connection to either database.
macro_rules! on_connection {
    ($inner:expr, $held:ident => $does:expr) => {
        match $inner {
            Inner::Sqlite($held) => $does,
            Inner::Postgres($held) => $does,
        }
    };
}

/// Runs a statement by a method of [`sqlx::query::Query`], calls the observer, and converts the result.
macro_rules! run {
    ($transaction:expr, $statement:ident, $method:ident, $read:expr, $failed:expr) => {{
        let observed = observe(&$transaction.context.observer, &$statement);
        let done = on_connection!(&mut *$transaction.inner.lock().await, held => {
            let connection = held.begin_statement()?;
            let done = query($statement).$method(connection).await;
            observed();
            held.end_statement(done.map($read), $failed)
        });
        done.inspect_err(|cause| $transaction.context.storage.note(cause))
    }};
}

impl Transaction {
    #[instrument(level = "trace", skip_all)]
    pub(super) async fn begin(
        connections: &Connections,
        mode: Mode,
        context: Context,
    ) -> Result<Self, DbErr> {
        let begun = match connections {
            Connections::Sqlite(pool) => begin_on_sqlite(pool, mode).await,
            Connections::Postgres(pool) => begin_on_postgres(pool, mode).await,
        };
        let (inner, time) = begun.inspect_err(|cause| context.storage.note(cause))?;
        Ok(Self {
            inner: Mutex::new(inner),
            backend: connections.backend(),
            time: context.clock.clone().map_or(time, Time::Clock),
            context,
        })
    }

    /// Runs a statement that locks these rows. Fails at once when others have waited long for one of them, so that a row
    /// that stays locked does not exhaust the connections.
    pub async fn lock<T>(
        &self,
        rows: &[Row],
        locking: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let waiting_long = self.context.waiting_long.as_ref();
        self.context.queues.wait(rows, waiting_long, locking).await
    }

    /// Returns the time by the clock of the database, which all instances share.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.time {
            Time::Server(at, began) => *at + began.elapsed(),
            Time::Clock(clock) => clock.now(),
        }
    }

    /// Commits. Returns the error of an earlier failed statement, and then commits nothing.
    pub async fn commit(self) -> Result<(), DbErr> {
        let storage = self.context.storage;
        let committed = on_connection!(self.inner.into_inner(), held => held.commit().await);
        committed.inspect_err(|cause| storage.note(cause))
    }

    /// Rolls back.
    pub async fn rollback(self) -> Result<(), DbErr> {
        on_connection!(self.inner.into_inner(), held => held.rollback().await)
    }
}

async fn begin_on_sqlite(pool: &Arc<IdlePool<Sqlite>>, mode: Mode) -> Result<(Inner, Time), DbErr> {
    let begin = match mode {
        Mode::Write => "BEGIN IMMEDIATE",
        Mode::Tool => "BEGIN",
    };
    let mut held = HeldConnection::new(pool).await?;
    // Fails inside another transaction: SQLite does not nest them.
    held.execute(begin).await?;
    Ok((Inner::Sqlite(held), Time::Clock(Clock::system())))
}

async fn begin_on_postgres(
    pool: &Arc<IdlePool<Postgres>>,
    mode: Mode,
) -> Result<(Inner, Time), DbErr> {
    let begin = match mode {
        Mode::Write => BEGIN_ON_POSTGRES,
        Mode::Tool => BEGIN_UNLIMITED,
    };
    let mut held = HeldConnection::new(pool).await?;
    let begun = server_time(held.begin_statement()?, begin).await;
    let (micros, just_now) = held.end_statement(begun, DbErr::Query)?;
    match DateTime::from_timestamp_micros(micros) {
        Some(at) if just_now => Ok((Inner::Postgres(held), Time::Server(at, Instant::now()))),
        _ => Err(DbErr::Custom(
            "the connection is already in a transaction".to_owned(),
        )),
    }
}

async fn server_time(
    connection: &mut PgConnection,
    begin: &'static str,
) -> Result<(i64, bool), sqlx::Error> {
    let rows = sqlx::raw_sql(begin).fetch_all(connection).await?;
    let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
    Ok((row.try_get(0)?, row.try_get(1)?))
}

impl<D: sqlx::Database> HeldConnection<D> {
    /// Acquires a connection, not yet in a transaction.
    async fn new(pool: &Arc<IdlePool<D>>) -> Result<Self, DbErr> {
        Ok(Self {
            lease: Some(pool.lease().await?),
            pool: pool.clone(),
            state: State::Sound,
        })
    }

    /// Returns the connection for one statement. Fails after a statement that failed or was not finished.
    fn begin_statement(&mut self) -> Result<&mut D::Connection, DbErr> {
        match (&self.state, &mut self.lease) {
            (State::Failed(cause), _) => Err(cause.clone()),
            (State::Sound, Some(lease)) => {
                self.state = State::UnderWay;
                Ok(&mut lease.connection)
            }
            _ => Err(DbErr::Custom(
                "a statement of this transaction was not finished".to_owned(),
            )),
        }
    }

    fn end_statement<T>(
        &mut self,
        done: Result<T, sqlx::Error>,
        failed: fn(RuntimeErr) -> DbErr,
    ) -> Result<T, DbErr> {
        let done = done.map_err(|cause| failed(RuntimeErr::SqlxError(Arc::new(cause))));
        self.state = match &done {
            Ok(_) => State::Sound,
            Err(cause) => State::Failed(cause.clone()),
        };
        done
    }

    async fn execute(&mut self, sql: &str) -> Result<D::QueryResult, DbErr>
    where
        for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    {
        let connection = self.begin_statement()?;
        let done = connection.execute(AssertSqlSafe(sql.to_owned())).await;
        self.end_statement(done, DbErr::Exec)
    }

    /// Commits, unless a statement has failed.
    async fn commit(self) -> Result<(), DbErr>
    where
        for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    {
        let State::Failed(cause) = &self.state else {
            return self.end("COMMIT").await;
        };
        let cause = cause.clone();
        self.rollback().await.ok();
        Err(cause)
    }

    async fn rollback(mut self) -> Result<(), DbErr>
    where
        for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    {
        if matches!(self.state, State::Failed(_)) {
            self.state = State::Sound;
        }
        self.end("ROLLBACK").await
    }

    /// Ends the transaction, and keeps the connection when the database confirms it.
    async fn end(mut self, how: &'static str) -> Result<(), DbErr>
    where
        for<'c> &'c mut D::Connection: Executor<'c, Database = D>,
    {
        self.execute(how).await?;
        if let Some(lease) = self.lease.take() {
            self.pool.keep(lease);
        }
        Ok(())
    }
}

impl<D: sqlx::Database> Drop for HeldConnection<D> {
    fn drop(&mut self) {
        if let Some(lease) = self.lease.take() {
            lease.close();
        }
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    #[instrument(level = "trace", skip_all, fields(sql = statement.sql))]
    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        run!(self, statement, execute, ExecResult::from, DbErr::Exec)
    }

    #[instrument(level = "trace", skip_all, fields(sql = sql))]
    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let done = on_connection!(&mut *self.inner.lock().await, held => {
            held.execute(sql).await.map(ExecResult::from)
        });
        done.inspect_err(|cause| self.context.storage.note(cause))
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
