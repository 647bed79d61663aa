//! Opens the database: connects, migrates it under a lock, and keeps a second process out of a file of SQLite.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use migration::{Migrator, MigratorTrait};
use sea_orm::{ConnectOptions, DatabaseConnection, DbErr};
use sqlx::{
    ConnectOptions as _, Connection, Executor,
    postgres::{PgConnectOptions, PgConnection},
    sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqliteSynchronous},
};
use tokio::{sync::Mutex, time::sleep};

use super::{ACQUIRE_TIMEOUT, Connections, Database, Reader, transaction::Context};

/// The maximum number of connections of this process.
const MAX_CONNECTIONS: u32 = 20;
/// The idle time after which a connection is pinged before it is used. Busy connections are spared the round trip.
const PING_AFTER_IDLE: Duration = Duration::from_secs(1);
/// The advisory lock that serializes migrations: "exchange" in ASCII.
const MIGRATION_LOCK: i64 = i64::from_be_bytes(*b"exchange");
/// Begins the transaction that holds the migration lock and idles until the migrations are done. It keeps no snapshot,
/// for which a migration that builds an index concurrently would wait.
const BEGIN_TO_MIGRATE: &str =
    "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL idle_in_transaction_session_timeout = 0";
/// The interval between two attempts to get the migration lock. A statement that waits for the lock would keep a snapshot.
const LOCK_AGAIN_AFTER: Duration = Duration::from_millis(250);

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

pub(super) struct SqliteWriter {
    pub(super) turn: Mutex<()>,
    /// A connection that stays open as long as the database. When the last connection closes, the next one rebuilds the
    /// index of the write-ahead log, which fails on a full disk: then not even reads would work.
    pub(super) anchor: Mutex<Option<SqliteConnection>>,
    /// The lock that keeps a second process out while the database is open.
    _file: File,
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
        if !try_to_lock(&mut session).await? {
            tracing::info!("another instance is migrating the database; waiting");
            while !try_to_lock(&mut session).await? {
                sleep(LOCK_AGAIN_AFTER).await;
            }
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
}

/// Takes the migration lock, unless another instance has it. Returns true when this one has it.
async fn try_to_lock(session: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let lock = sqlx::query_scalar("SELECT pg_try_advisory_xact_lock($1)");
    lock.bind(MIGRATION_LOCK).fetch_one(session).await
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
