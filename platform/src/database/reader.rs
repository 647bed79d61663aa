//! Reads outside of a transaction, on connections that are kept from one to the next: see [`super::kept`].

use std::sync::Arc;

use async_trait::async_trait;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement};
use sqlx::{AssertSqlSafe, Connection as _, Executor, postgres::PgConnection};
use tracing::instrument;

use super::kept::{Connections, either, query};

/// Is told of each statement that has run.
pub(super) type Heard = Arc<dyn Fn(&Statement) + Send + Sync>;

/// Runs single statements, for whoever writes nothing. Cheap to clone; all clones share what is kept.
#[derive(Clone)]
pub struct Reader {
    connections: Connections,
    /// Who is told of each statement that has run.
    heard: Option<Heard>,
}

/// Runs a statement by a method of [`sqlx::query::Query`], tells of it, and reads what it gave.
macro_rules! run {
    ($reader:expr, $statement:ident, $method:ident, $read:expr, $failed:expr) => {{
        let told = telling(&$reader.heard, &$statement);
        either!(&$reader.connections, kept => {
            let mut lease = kept.lease().await?;
            let done = query($statement).$method(&mut *lease.connection).await;
            told();
            kept.ended(lease, done.map($read), $failed)
        })
    }};
}

impl Reader {
    /// Reads on these connections.
    pub(super) fn of(connections: Connections) -> Self {
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

    /// Does the database answer?
    pub(super) async fn ping(&self) -> Result<(), DbErr> {
        either!(&self.connections, kept => {
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
}

/// What to call when the statement has run.
pub(super) fn telling(heard: &Option<Heard>, statement: &Statement) -> impl FnOnce() + use<> {
    let heard = heard.clone().map(|heard| (heard, statement.clone()));
    move || {
        if let Some((heard, statement)) = heard {
            heard(&statement);
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
        either!(&self.connections, kept => {
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
