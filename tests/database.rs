//! A database for each test, copied from a migrated template: a file, or a database of the server at
//! `TEST_DATABASE_URL`. The test programs of the workspace share this file.
//!
//! The template is made once for each build of a test program: a change of the migrations rebuilds the program.
//! Concurrent processes may share it.

use std::{
    env, fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
    time::SystemTime,
};

use platform::{
    database::{ACQUIRE_TIMEOUT, Database},
    system::{Clock, Random},
};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, Statement};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// The PostgreSQL server for the tests, if there is one.
pub fn postgres_server() -> Option<String> {
    env::var("TEST_DATABASE_URL").ok()
}

/// A database that nobody else uses. A file is deleted with it; the server of the tests is thrown away as a whole.
pub struct TestDatabase {
    pub url: String,
    _directory: Option<TempDir>,
}

impl TestDatabase {
    /// Creates a database without tables.
    pub async fn empty() -> Self {
        match postgres_server() {
            Some(server) => Self::on_server(&server, &administer(&server).await, "template1").await,
            None => Self::in_file(None),
        }
    }

    /// Creates a database with all tables and no rows.
    pub async fn migrated() -> Self {
        static TEMPLATE: OnceCell<String> = OnceCell::const_new();
        let Some(server) = postgres_server() else {
            let template = TEMPLATE.get_or_init(file_template).await;
            return Self::in_file(Some(template));
        };
        let admin = administer(&server).await;
        let make = || server_template(&server, &admin);
        let template = TEMPLATE.get_or_init(make).await;
        Self::on_server(&server, &admin, template).await
    }

    fn in_file(template: Option<&str>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("exchange.db");
        if let Some(template) = template {
            fs::copy(template, &path).unwrap();
        }
        Self {
            url: file_url(&path),
            _directory: Some(directory),
        }
    }

    async fn on_server(server: &str, admin: &DatabaseConnection, template: &str) -> Self {
        let id = Random::system().uuid_v7(Clock::system().now());
        let name = format!("test_{}", id.simple());
        run(
            admin,
            &format!("CREATE DATABASE {name} TEMPLATE {template}"),
        )
        .await;
        admin.clone().close().await.unwrap();
        Self {
            url: server_url(server, &name),
            _directory: None,
        }
    }
}

/// Makes the template file, unless there is one that is newer than this program. Returns its path.
async fn file_template() -> String {
    let program = env::current_exe().unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let path = folder
        .join(program.file_name().unwrap())
        .with_extension("db");
    let built = modified(&program).unwrap();
    if modified(&path).is_none_or(|made| made <= built) {
        let directory = tempfile::tempdir_in(folder).unwrap();
        let making = directory.path().join("making.db");
        migrate(&file_url(&making)).await;
        // Other processes see no file, or a whole one.
        fs::rename(making, &path).unwrap();
    }
    path.to_str().unwrap().to_owned()
}

/// Makes the template database of this build, unless there is one. Returns its name.
async fn server_template(server: &str, admin: &DatabaseConnection) -> String {
    let program = env::current_exe().unwrap();
    let mut build = DefaultHasher::new();
    (&program, modified(&program)).hash(&mut build);
    let name = format!("template_{:016x}", build.finish());
    let lock = i64::from_be_bytes(*b"template");
    run(admin, &format!("SELECT pg_advisory_lock({lock})")).await;
    if !exists(admin, &name).await {
        let making = format!("{name}_making");
        run(
            admin,
            &format!("DROP DATABASE IF EXISTS {making} WITH (FORCE)"),
        )
        .await;
        run(admin, &format!("CREATE DATABASE {making}")).await;
        migrate(&server_url(server, &making)).await;
        run(admin, &format!("ALTER DATABASE {making} RENAME TO {name}")).await;
    }
    run(admin, &format!("SELECT pg_advisory_unlock({lock})")).await;
    name
}

async fn migrate(url: &str) {
    let database = Database::open(url, ACQUIRE_TIMEOUT).await.unwrap();
    database.close().await;
}

/// A single connection, which holds the lock of its session.
async fn administer(server: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(server);
    options.max_connections(1);
    sea_orm::Database::connect(options).await.unwrap()
}

async fn run(admin: &DatabaseConnection, sql: &str) {
    admin.execute_unprepared(sql).await.unwrap();
}

async fn exists(admin: &DatabaseConnection, name: &str) -> bool {
    let sql = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    let found = Statement::from_string(admin.get_database_backend(), sql);
    admin.query_one_raw(found).await.unwrap().is_some()
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|file| file.modified()).ok()
}

fn file_url(path: &Path) -> String {
    format!("sqlite://{}?mode=rwc", path.display())
}

fn server_url(server: &str, name: &str) -> String {
    let (server, _) = server.rsplit_once('/').unwrap();
    format!("{server}/{name}")
}
