//! A database for each test.

use platform::system::{Clock, Random};
use sea_orm::ConnectionTrait;

/// A database that nobody else uses, dropped with its test.
pub struct Scratch {
    pub url: String,
    _directory: Option<tempfile::TempDir>,
}

impl Scratch {
    /// An empty database: a file, or a database of the server at `TEST_DATABASE_URL`.
    pub async fn new() -> Self {
        let Ok(server) = std::env::var("TEST_DATABASE_URL") else {
            let directory = tempfile::tempdir().unwrap();
            let url = format!(
                "sqlite://{}/exchange.db?mode=rwc",
                directory.path().display()
            );
            return Self {
                url,
                _directory: Some(directory),
            };
        };
        let id = Random::system().uuid_v7(Clock::system().now());
        let name = format!("notifier_{}", id.simple());
        let admin = sea_orm::Database::connect(&server).await.unwrap();
        admin
            .execute_unprepared(&format!("CREATE DATABASE {name}"))
            .await
            .unwrap();
        admin.close().await.unwrap();
        let (server, _) = server.rsplit_once('/').unwrap();
        Self {
            url: format!("{server}/{name}"),
            _directory: None,
        }
    }
}
