//! Reads outside a transaction, on idle connections that skip the ping of the pool: see [`super::connections`].

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use sqlx::{AssertSqlSafe, Connection as _, Executor, postgres::PgConnection};
use tracing::instrument;

use super::connections::{Connections, either, query};

/// A function that is called after each statement.
pub(super) type StatementObserver = Arc<dyn Fn(&Statement) + Send + Sync>;

/// Runs single read statements. Cheap to clone; clones share the idle connections.
#[derive(Clone)]
pub struct Reader {
    connections: Connections,
    observer: Option<StatementObserver>,
}

/// Runs a statement by a method of [`sqlx::query::Query`], calls the observer, and converts the result.
macro_rules! run {
    ($reader:expr, $statement:ident, $method:ident, $read:expr, $failed:expr) => {{
        let observed = observe(&$reader.observer, &$statement);
        either!(&$reader.connections, pool => {
            let mut lease = pool.lease().await?;
            let done = query($statement).$method(&mut *lease.connection).await;
            observed();
            pool.finish(lease, done.map($read), $failed)
        })
    }};
}

impl Reader {
    /// Creates a reader on these connections.
    pub(super) fn new(connections: Connections) -> Self {
        Self {
            connections,
            observer: None,
        }
    }

    /// Returns this reader with an observer that is called after each statement.
    pub(super) fn with_statement_observer(mut self, observer: StatementObserver) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Checks that the database answers.
    pub(super) async fn ping(&self) -> Result<(), DbErr> {
        either!(&self.connections, pool => {
            let mut lease = pool.lease().await?;
            let answer = lease.connection.ping().await;
            pool.finish(lease, answer, DbErr::Conn)
        })
    }

    /// Opens a PostgreSQL session that the caller owns. `None` on SQLite.
    pub(super) async fn session(&self) -> Result<Option<PgConnection>, sqlx::Error> {
        match &self.connections {
            Connections::Sqlite(_) => Ok(None),
            Connections::Postgres(pool) => Ok(Some(pool.take().await?.connection.detach())),
        }
    }
}

/// Returns a function that reports the statement to the observer.
pub(super) fn observe(
    observer: &Option<StatementObserver>,
    statement: &Statement,
) -> impl FnOnce() + use<> {
    let observer = observer
        .clone()
        .map(|observer| (observer, statement.clone()));
    move || {
        if let Some((observer, statement)) = observer {
            observer(&statement);
        }
    }
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.connections.backend()
    }

    #[instrument(level = "trace", skip_all, fields(sql = statement.sql))]
    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        run!(self, statement, execute, ExecResult::from, DbErr::Exec)
    }

    #[instrument(level = "trace", skip_all, fields(sql = sql))]
    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        either!(&self.connections, pool => {
            let mut lease = pool.lease().await?;
            let done = lease.connection.execute(AssertSqlSafe(sql.to_owned())).await;
            pool.finish(lease, done.map(ExecResult::from), DbErr::Exec)
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
