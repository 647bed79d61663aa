//! Transactions, on connections that this module owns from BEGIN to the answer to COMMIT or ROLLBACK.
//!
//! A connection goes back to the pool only when the database has answered COMMIT or ROLLBACK with success. In every other
//! case it is closed: when either fails, when the work panics, when its future is dropped, when a statement was not finished.
//! SQLite ends a transaction by itself when it runs out of room or memory; the ROLLBACK that follows fails, and a connection
//! that went back all the same would begin its next transaction inside one that does not exist.
//!
//! After a statement has failed nothing more runs, on either database, and the transaction cannot be committed, even where
//! the caller has swallowed the failure.

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

/// For how long a statement of a write waits for a lock: less than a request may take, so that whoever waits is answered.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(3);
/// Begins a write on PostgreSQL. The limits are set here and not for the session, which a pooler may share: how long to wait
/// for a lock ([`LOCK_TIMEOUT`]), and how long the server lets the transaction idle before it ends the session, so that the
/// locks of a frozen instance are free again. Gives the time of the server, and whether the transaction began just now.
const BEGIN_ON_POSTGRES: &str = "BEGIN; SET LOCAL lock_timeout = '3s'; \
    SET LOCAL idle_in_transaction_session_timeout = '4s'; \
    SELECT (extract(epoch FROM now()) * 1000000)::bigint, now() = statement_timestamp()";
/// The same without limits.
const BEGIN_UNLIMITED: &str =
    "BEGIN; SELECT (extract(epoch FROM now()) * 1000000)::bigint, now() = statement_timestamp()";

/// A transaction. Rolled back, and its connection closed, when it is dropped.
pub struct Transaction {
    inner: Mutex<Inner>,
    backend: DbBackend,
    time: Time,
    context: Context,
}

/// What a transaction shares with others of its process.
#[derive(Clone, Default)]
pub(super) struct Context {
    pub(super) observer: Option<StatementObserver>,
    pub(super) storage: Arc<Storage>,
    pub(super) queues: Arc<LockQueues>,
    /// Told when the transaction waits long for a lock.
    pub(super) waiting_long: Option<Arc<Notify>>,
    /// The clock that stands in for the database's, in tests.
    pub(super) clock: Option<Clock>,
}

/// Says which transaction to begin.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// Of a use case: takes SQLite's only write lock at once, and is limited on PostgreSQL.
    Write,
    /// Of a tool: on SQLite a writer only once it writes, unlimited on PostgreSQL.
    Tool,
}

/// Where the time comes from.
enum Time {
    /// From the server, which said this when the transaction began.
    Server(DateTime<Utc>, Instant),
    Clock(Clock),
}

enum Inner {
    Sqlite(HeldConnection<Sqlite>),
    Postgres(HeldConnection<Postgres>),
}

/// A connection inside of a transaction. Closed when it is dropped.
struct HeldConnection<D: sqlx::Database> {
    pool: Arc<IdlePool<D>>,
    lease: Option<Lease<D>>,
    state: State,
}

enum State {
    /// All statements have succeeded.
    Sound,
    /// A statement is under way, or was when its future was dropped.
    UnderWay,
    /// A statement has failed.
    Failed(DbErr),
}

/// Does the same on a connection to either database.
macro_rules! on_connection {
    ($inner:expr, $held:ident => $does:expr) => {
        match $inner {
            Inner::Sqlite($held) => $does,
            Inner::Postgres($held) => $does,
        }
    };
}

/// Runs a statement by a method of [`sqlx::query::Query`], tells of it, and reads what it gave.
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

    /// Runs what locks these rows. Where others have waited for one of them for long it fails at once, so that a row that
    /// is locked for long does not take all connections.
    pub async fn lock<T>(
        &self,
        rows: &[Row],
        locking: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let waiting_long = self.context.waiting_long.as_ref();
        self.context.queues.wait(rows, waiting_long, locking).await
    }

    /// The time by the clock of the database, which all instances share; that of one of them may be wrong.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.time {
            Time::Server(at, began) => *at + began.elapsed(),
            Time::Clock(clock) => clock.now(),
        }
    }

    /// Commits. A failure of an earlier statement is given again, and nothing is committed.
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
    // Within another transaction this fails: SQLite nests none.
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
            "the connection was within a transaction already".to_owned(),
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
    /// A connection of the pool, not yet within a transaction.
    async fn new(pool: &Arc<IdlePool<D>>) -> Result<Self, DbErr> {
        Ok(Self {
            lease: Some(pool.lease().await?),
            pool: pool.clone(),
            state: State::Sound,
        })
    }

    /// The connection, for one statement. None runs after one that failed or was not finished.
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

    /// Commits, unless a statement failed.
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

    /// Ends the transaction, and keeps the connection if the database says that it did.
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
