//! The database: SQLite in a file, or PostgreSQL. Opens it, migrates it under a lock, and runs write transactions.
//!
//! Reads go through [`Database::reader`]; every write is one call of [`Database::write`].

mod connections;
mod faults;
mod queues;
mod reader;
mod storage;
mod transaction;

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ColumnTrait, ConnectOptions, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement,
    Value,
    sea_query::{Expr, postgres_array::NotU8},
};
use sqlx::{
    ConnectOptions as _, Connection, Executor,
    postgres::{PgConnectOptions, PgConnection},
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::{Mutex, Notify};
use tracing::Instrument;

use self::{
    connections::Connections,
    reader::StatementObserver,
    transaction::{Context, Mode},
};
pub use self::{
    faults::{Fault, fault},
    queues::Row,
    reader::Reader,
    transaction::{LOCK_TIMEOUT, Transaction},
};
use crate::system::Clock;

/// The default time to wait for a connection of the pool.
pub const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);
/// The maximum number of connections of this process.
const MAX_CONNECTIONS: u32 = 20;
/// The idle time after which a connection is pinged before it is used. Busy connections are spared the round trip.
const PING_AFTER_IDLE: Duration = Duration::from_secs(1);
/// The milliseconds since 1970 by the clock of each of the two databases.
const NOW_POSTGRES: &str = "(extract(epoch FROM statement_timestamp()) * 1000)::bigint";
const NOW_SQLITE: &str = "CAST(round(unixepoch('subsec') * 1000) AS INTEGER)";
/// The advisory lock that serializes migrations: "exchange" in ASCII.
const MIGRATION_LOCK: i64 = i64::from_be_bytes(*b"exchange");
/// Begins the transaction that holds the migration lock and idles until the migrations are done.
const BEGIN_TO_MIGRATE: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0";

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

struct SqliteWriter {
    turn: Mutex<()>,
    /// A connection that stays open as long as the database. When the last connection closes, the next one rebuilds the
    /// index of the write-ahead log, which fails on a full disk: then not even reads would work.
    anchor: Mutex<Option<SqliteConnection>>,
    /// The lock that keeps a second process out while the database is open.
    _file: File,
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

/// The reasons why the database cannot be opened. Each prints as one line that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("another process has {} open; stop it, or set DATABASE_URL to another file", .0.display())]
    InUse(PathBuf),
    #[error("there is no database at {}; set DATABASE_URL", .0.display())]
    Missing(PathBuf),
    #[error("cannot lock {}: {cause}", path.display())]
    Lock {
        path: PathBuf,
        cause: std::io::Error,
    },
    #[error("DATABASE_URL must begin with sqlite:// or postgres://")]
    UnknownScheme,
    #[error(
        "the database at DATABASE_URL is newer than this program, which does not know its migration {0}; start the version \
         that applied it, or a later one"
    )]
    Newer(String),
    #[error("cannot open the database at DATABASE_URL: {0}")]
    Unreachable(#[from] DbErr),
    #[error("cannot open the database at DATABASE_URL: {0}")]
    Sqlx(#[from] sqlx::Error),
}

impl Database {
    /// Opens the database at `url` and applies missing migrations, one process at a time. `acquire_timeout` limits the wait
    /// for a connection afterwards.
    pub async fn open(url: &str, acquire_timeout: Duration) -> Result<Self, OpenError> {
        let database = Self::connect(url).await?;
        database.migrate().await?;
        // A connection that was open during a migration may hold stale column names: sqlx keeps those that SQLite returned
        // when it prepared a statement.
        database.connections.close().await;
        Ok(Self::with_pool(url, Some(acquire_timeout), database.sqlite_writer).await?)
    }

    /// Opens an existing database without migrating it. For tools.
    pub async fn open_existing(url: &str) -> Result<Self, OpenError> {
        if is_sqlite(url) {
            let options = url.parse::<SqliteConnectOptions>()?;
            let path = options.get_filename();
            if !path.is_file() {
                return Err(OpenError::Missing(path.to_owned()));
            }
        }
        Self::connect(url).await
    }

    async fn connect(url: &str) -> Result<Self, OpenError> {
        let sqlite_writer = if is_sqlite(url) {
            Some(Arc::new(SqliteWriter::open(url).await?))
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            // sqlx describes a bad URL without its password, SeaORM would print all of it. Connecting here reports errors
            // at once; a pool would retry for its whole timeout.
            let options = without_session_parameters(url.parse()?);
            options.connect().await?.close().await?;
            None
        } else {
            return Err(OpenError::UnknownScheme);
        };
        Ok(Self::with_pool(url, None, sqlite_writer).await?)
    }

    async fn with_pool(
        url: &str,
        acquire_timeout: Option<Duration>,
        sqlite_writer: Option<Arc<SqliteWriter>>,
    ) -> Result<Self, DbErr> {
        let pool = pool(url, acquire_timeout).await?;
        let connections = Connections::new(&pool);
        Ok(Self {
            reader: Reader::new(connections.clone()),
            connections,
            pool,
            context: Context::default(),
            sqlite_writer,
        })
    }

    /// Applies missing migrations, unless the schema is newer than this program. PostgreSQL: under an advisory lock in a
    /// transaction of its own, which the server releases however that ends. SQLite: the lock of the file already excludes
    /// other processes.
    async fn migrate(&self) -> Result<(), OpenError> {
        let Some(mut session) = self.session().await? else {
            return self.migrate_alone().await;
        };
        session.execute(BEGIN_TO_MIGRATE).await?;
        let lock = sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1)");
        if !lock.bind(MIGRATION_LOCK).fetch_one(&mut session).await? {
            tracing::info!("another instance is migrating the database; waiting");
            let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)");
            lock.bind(MIGRATION_LOCK).execute(&mut session).await?;
        }
        let migrated = self.migrate_alone().await;
        session.close().await?;
        migrated
    }

    async fn migrate_alone(&self) -> Result<(), OpenError> {
        let known = Migrator::get_migration_files();
        let is_known = |version: &str| known.iter().any(|migration| migration.name() == version);
        let mut applied = Migrator::get_migration_models(&self.pool)
            .await?
            .into_iter();
        match applied.find(|applied| !is_known(&applied.version)) {
            Some(newer) => Err(OpenError::Newer(newer.version)),
            None => Ok(Migrator::up(&self.pool, None).await?),
        }
    }

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

impl SqliteWriter {
    async fn open(url: &str) -> Result<Self, OpenError> {
        let options: SqliteConnectOptions = url.parse()?;
        let file = lock_file(options.get_filename())?;
        let mut anchor = options
            .journal_mode(SqliteJournalMode::Wal)
            .connect()
            .await?;
        anchor.execute("SELECT 1 FROM sqlite_schema").await?;
        Ok(Self {
            turn: Mutex::new(()),
            anchor: Mutex::new(Some(anchor)),
            _file: file,
        })
    }
}

fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

/// Creates a pool that opens connections on demand. With `acquire_timeout` it serves requests: waiting for a connection is
/// limited.
async fn pool(url: &str, acquire_timeout: Option<Duration>) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .connect_lazy(true)
        .acquire_timeout(acquire_timeout.unwrap_or(ACQUIRE_TIMEOUT))
        .test_before_acquire_if_idle_for(PING_AFTER_IDLE)
        .max_connections(MAX_CONNECTIONS)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(5))
                .foreign_keys(true)
        })
        .map_sqlx_postgres_opts(without_session_parameters);
    sea_orm::Database::connect(options).await
}

/// Removes session parameters that a connection pooler would reject.
fn without_session_parameters(options: PgConnectOptions) -> PgConnectOptions {
    options.extra_float_digits(None)
}

/// Builds `column IN (values)`. PostgreSQL gets one array parameter, so the plan does not depend on the number of values.
pub fn is_one_of<C, V>(connection: &impl ConnectionTrait, column: C, values: &[V]) -> Expr
where
    C: ColumnTrait,
    V: Copy + Into<Value> + NotU8,
{
    let values = values.iter().copied();
    match connection.get_database_backend() {
        DbBackend::Postgres => column.eq_any(values),
        _ => column.is_in(values),
    }
}

/// Builds `column = value` with a literal, for values known to the program: PostgreSQL can then use partial indexes on that
/// value in a generic plan.
pub fn eq_literal<C: ColumnTrait>(column: C, value: impl Into<Value>) -> Expr {
    sea_orm::ExprTrait::eq(column.into_expr(), Expr::Constant(value.into()))
}

fn lock_file(database: &Path) -> Result<File, OpenError> {
    let mut name = database.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let file = File::create(&path).map_err(|cause| OpenError::Lock {
        path: path.clone(),
        cause,
    })?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(database.to_owned())),
        Err(TryLockError::Error(cause)) => Err(OpenError::Lock { path, cause }),
    }
}
