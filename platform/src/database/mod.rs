//! The database: SQLite in a file, or PostgreSQL. Opens it, brings its schema up to date under a lock, and runs write
//! transactions.
//!
//! Reads go through [`Database::reader`]; every write is one call of [`Database::write`].

mod reader;

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use futures_util::future::BoxFuture;
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ColumnTrait, ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction,
    DbBackend, DbErr, RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait, Value,
    sea_query::{Expr, postgres_array::NotU8},
};
use sqlx::{
    ConnectOptions as _, Connection,
    postgres::{PgConnectOptions, PgConnection},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use tokio::sync::Mutex;
use tracing::Instrument;

pub use self::reader::Reader;
use crate::system::Clock;

/// How long a PostgreSQL session may sit inside a transaction without a statement before the server ends it: so what a frozen
/// instance has locked is free again before those who wait for it give up.
const IDLE_IN_TRANSACTION: &str = "4s";
/// How long a connection may take to come where nobody waits for an answer.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How many connections a process has to the database.
const MOST_CONNECTIONS: u32 = 20;
/// After how long without use a connection is asked whether it is still there, before it is used: a round trip that a busy
/// one is spared.
const IDLE: Duration = Duration::from_secs(1);
/// What PostgreSQL says to a session that it ends, or does not begin, whatever the statement: it is told to stop, it recovers,
/// the session idled for too long, there are too many.
const SESSION_ENDED: [&str; 6] = ["57P01", "57P02", "57P03", "57P05", "25P03", "53300"];
/// The milliseconds since 1970 by the clock of each of the two databases.
const NOW_POSTGRES: &str = "(extract(epoch FROM statement_timestamp()) * 1000)::bigint";
const NOW_SQLITE: &str = "CAST(round(unixepoch('subsec') * 1000) AS INTEGER)";
/// The advisory lock that migrating instances queue for: "exchange" in ASCII.
const MIGRATION_LOCK: i64 = i64::from_be_bytes(*b"exchange");

/// The database. Cheap to clone; all clones share one pool.
#[derive(Clone)]
pub struct Database {
    pool: DatabaseConnection,
    reader: Reader,
    /// SQLite has one writer: transactions queue here, in order, instead of polling the file's lock.
    sqlite_writer: Option<Arc<SqliteWriter>>,
    /// Tells the time instead of the database, in tests.
    clock: Option<Clock>,
}

/// The connections of this process to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool {
    pub open: u32,
    /// Of those, how many nothing uses.
    pub idle: u32,
    /// As many as there may be.
    pub most: u32,
}

struct SqliteWriter {
    turn: Mutex<()>,
    /// Held for as long as the database is open; keeps a second process out.
    _file: File,
}

/// The connection broke while a transaction was being committed: it may be committed or not.
#[derive(Debug, thiserror::Error)]
#[error("the connection broke within COMMIT: {0}")]
pub struct InDoubt(#[source] pub DbErr);

impl From<InDoubt> for DbErr {
    fn from(doubt: InDoubt) -> Self {
        doubt.0
    }
}

/// Why the database could not be opened. Each prints as one line that says what to do.
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
    /// Opens the database at `url` and applies the migrations that it lacks, one process at a time. After that a connection
    /// may take as long as `patience` to come.
    pub async fn open(url: &str, patience: Duration) -> Result<Self, OpenError> {
        let database = Self::connect(url).await?;
        database.migrate().await?;
        // A connection that has seen the schema change may know columns by what they were: sqlx keeps the names that SQLite
        // gives when a statement is prepared, before it notices.
        database.reader.close().await;
        Ok(Self::on(url, Some(patience), database.sqlite_writer).await?)
    }

    /// Opens the database at `url` as it is. Makes none, and leaves its schema alone: for tools.
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
            let options = url.parse::<SqliteConnectOptions>()?;
            let writer = SqliteWriter {
                turn: Mutex::new(()),
                _file: lock_file(options.get_filename())?,
            };
            Some(Arc::new(writer))
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            // What is wrong with it is said by sqlx: SeaORM would say it with the whole URL, password and all. And said
            // now: a pool would try again and again before it gives up.
            let probe = url.parse::<PgConnectOptions>()?.connect().await?;
            probe.close().await?;
            None
        } else {
            return Err(OpenError::UnknownScheme);
        };
        Ok(Self::on(url, None, sqlite_writer).await?)
    }

    async fn on(
        url: &str,
        patience: Option<Duration>,
        sqlite_writer: Option<Arc<SqliteWriter>>,
    ) -> Result<Self, DbErr> {
        let pool = pool(url, patience).await?;
        Ok(Self {
            reader: Reader::of(&pool),
            pool,
            sqlite_writer,
            clock: None,
        })
    }

    /// Applies what is missing, unless there is more than this program knows. On PostgreSQL under an advisory lock on a session of its own, which the server gives
    /// back when the session ends, however it ends; on SQLite the file's lock has already kept others out.
    async fn migrate(&self) -> Result<(), OpenError> {
        let Some(mut session) = self.session().await? else {
            return self.migrate_alone().await;
        };
        sqlx::query("SELECT pg_advisory_lock($1)")
            .bind(MIGRATION_LOCK)
            .execute(&mut session)
            .await?;
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

    /// A PostgreSQL session that belongs to the caller, for what lives as long as a session does, such as an advisory
    /// lock. `None` on SQLite, where this process is the only one.
    pub async fn session(&self) -> Result<Option<PgConnection>, sqlx::Error> {
        self.reader.session().await
    }

    /// May other processes open the same database?
    #[must_use]
    pub fn is_shared(&self) -> bool {
        self.sqlite_writer.is_none()
    }

    /// The same database, of whose statements `heard` is told when they have run. Other clones are not overheard.
    #[must_use]
    pub fn overheard(mut self, heard: impl Fn(&Statement) + Send + Sync + 'static) -> Self {
        let heard = Arc::new(heard);
        self.reader = self.reader.overheard(heard.clone());
        self.pool
            .set_metric_callback(move |info| heard(info.statement));
        self
    }

    /// The same database, with a clock of its own. For tests.
    #[must_use]
    pub fn clocked_by(mut self, clock: Clock) -> Self {
        self.clock = Some(clock);
        self
    }

    /// An expression for the time by the database's clock, which all instances share, in milliseconds since 1970. A statement
    /// that measures by it reads the clock once, when it begins.
    #[must_use]
    pub fn now(&self) -> String {
        match (&self.clock, self.pool.get_database_backend()) {
            (Some(clock), _) => clock.now().timestamp_millis().to_string(),
            (None, DbBackend::Postgres) => NOW_POSTGRES.to_owned(),
            (None, _) => NOW_SQLITE.to_owned(),
        }
    }

    /// The connections for reads outside of a transaction.
    #[must_use]
    pub fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Begins a transaction of whoever asks for it; what it writes goes past everybody else's turn. For tools.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.begin_with(TransactionOptions::default()).await
    }

    /// Waits until what is under way is done, and closes the connections.
    pub async fn close(self) {
        self.reader.close().await;
    }

    /// How many connections there are.
    #[must_use]
    pub fn pool(&self) -> Pool {
        self.reader.counted()
    }

    /// Does the database answer?
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.reader.ping().await
    }

    /// Runs `work` in one write transaction: committed when it returns `Ok`, rolled back when it fails.
    ///
    /// The transaction runs in a task of its own. A client that hangs up drops the request's future, never the
    /// transaction's: with sqlx 0.9 a future dropped during BEGIN would leave the pooled connection inside it.
    ///
    /// A failure means that nothing was changed, but for [`InDoubt`].
    pub async fn write<T, E, W>(&self, work: W) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbErr> + From<InDoubt> + Send + 'static,
        W: for<'c> FnOnce(&'c DatabaseTransaction) -> BoxFuture<'c, Result<T, E>> + Send + 'static,
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
        W: for<'c> FnOnce(&'c DatabaseTransaction) -> BoxFuture<'c, Result<T, E>>,
    {
        let _turn = match &self.sqlite_writer {
            Some(writer) => Some(writer.turn.lock().await),
            None => None,
        };
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.pool.get_database_backend() == DbBackend::Sqlite)
                .then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let transaction = self.begin_with(options).await?;
        match work(&transaction).await {
            Ok(done) => match transaction.commit().await {
                Ok(()) => Ok(done),
                Err(cause) if is_away(&cause) => Err(InDoubt(cause).into()),
                Err(cause) => Err(cause.into()),
            },
            Err(failure) => {
                // The server rolls back by itself what it is not told to.
                if let Err(cause) = transaction.rollback().await {
                    tracing::debug!(%cause, "a transaction was not rolled back in order");
                }
                Err(failure)
            }
        }
    }

    async fn begin_with(&self, options: TransactionOptions) -> Result<DatabaseTransaction, DbErr> {
        let beginning = self.pool.begin_with_options(options);
        self.reader.make_room(beginning).await
    }
}

fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

/// Connections to the database, opened as they are needed. Where they serve requests, none may take longer than `patience`
/// to come, and none may hold up the others.
async fn pool(url: &str, patience: Option<Duration>) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url);
    options
        .connect_lazy(true)
        .acquire_timeout(patience.unwrap_or(PATIENCE))
        .test_before_acquire_if_idle_for(IDLE)
        .max_connections(MOST_CONNECTIONS)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(5))
                .foreign_keys(true)
        })
        .map_sqlx_postgres_opts(move |postgres| match patience {
            Some(_) => {
                postgres.options([("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION)])
            }
            None => postgres,
        });
    sea_orm::Database::connect(options).await
}

/// Is `column` one of these values? PostgreSQL gets them as one array, and so plans the statement once, however many there are.
pub fn among<C, V>(connection: &impl ConnectionTrait, column: C, values: &[V]) -> Expr
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

/// Is `column` this value, which stands in the text? For one of a few that the program knows: an index of only the rows that
/// have it will do whatever the other values are, and PostgreSQL plans the statement once.
pub fn is_literally<C: ColumnTrait>(column: C, value: impl Into<Value>) -> Expr {
    sea_orm::ExprTrait::eq(column.into_expr(), Expr::Constant(value.into()))
}

/// Did the connection fail, or the server, rather than the statement?
#[must_use]
pub fn is_away(cause: &DbErr) -> bool {
    match cause {
        DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => {
            match &**cause {
                sqlx::Error::Io(_)
                | sqlx::Error::Tls(_)
                | sqlx::Error::PoolTimedOut
                | sqlx::Error::PoolClosed
                | sqlx::Error::WorkerCrashed => true,
                sqlx::Error::Database(cause) => cause
                    .code()
                    .is_some_and(|code| SESSION_ENDED.contains(&code.as_ref())),
                _ => false,
            }
        }
        _ => false,
    }
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
