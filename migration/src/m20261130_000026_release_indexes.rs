//! The indexes of games by the keys of their titles, systems and releases, instead of those by their texts.
//!
//! PostgreSQL builds and drops them while games are written. That takes no transaction, so an interruption may leave some
//! of them done, and one invalid: the migration can be applied, and reverted, again.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{DbBackend, Statement},
};

/// The new indexes, by name, with what they index. Behind `{with}` are columns that an index has for those who count the
/// copies of a release.
const NEW: [(&str, &str); 6] = [
    ("games_by_title", "(title_key, id) WHERE deleted_at IS NULL"),
    (
        "games_by_sort_key",
        "(sort_key, id{with}system_key, condition, year_published) WHERE deleted_at IS NULL",
    ),
    (
        "games_by_system_key",
        "(system_key, id) WHERE deleted_at IS NULL",
    ),
    (
        "games_by_system_key_and_sort_key",
        "(system_key, sort_key, id) WHERE deleted_at IS NULL",
    ),
    (
        "games_by_system_key_and_year",
        "(system_key, year_published, id) WHERE deleted_at IS NULL",
    ),
    ("games_by_key_rule", "(key_rule, id)"),
];
/// The indexes that they replace.
const OLD: [(&str, &str); 4] = [
    ("games_by_name", "(name, id) WHERE deleted_at IS NULL"),
    (
        "games_by_system",
        "(gaming_system, id) WHERE deleted_at IS NULL",
    ),
    (
        "games_by_system_and_name",
        "(gaming_system, name, id) WHERE deleted_at IS NULL",
    ),
    (
        "games_by_system_and_year",
        "(gaming_system, year_published, id) WHERE deleted_at IS NULL",
    ),
];
/// The indexes of the former search, which SQLite has lost with it. They return with the migration of the search.
const SEARCH: [&str; 2] = ["games_by_words", "games_search"];

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, columns) in NEW {
            create(manager, name, columns).await?;
        }
        for name in OLD.map(|(name, _)| name).into_iter().chain(SEARCH) {
            drop_index(manager, name).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, columns) in OLD {
            create(manager, name, columns).await?;
        }
        for (name, _) in NEW {
            drop_index(manager, name).await?;
        }
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(false)
    }
}

/// Creates an index of games, unless there is a valid one of this name.
async fn create(manager: &SchemaManager<'_>, name: &str, columns: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    if manager.get_database_backend() != DbBackend::Postgres {
        let columns = columns.replace("{with}", ", ");
        let create = format!("CREATE INDEX IF NOT EXISTS {name} ON games {columns}");
        connection.execute_unprepared(&create).await?;
        return Ok(());
    }
    let valid =
        format!("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('{name}') AND indisvalid");
    let valid = Statement::from_string(DbBackend::Postgres, valid);
    if connection.query_one_raw(valid).await?.is_some() {
        return Ok(());
    }
    drop_index(manager, name).await?;
    let columns = columns.replace("{with}", ") INCLUDE (");
    let create = format!("CREATE INDEX CONCURRENTLY {name} ON games {columns}");
    connection.execute_unprepared(&create).await?;
    Ok(())
}

async fn drop_index(manager: &SchemaManager<'_>, name: &str) -> Result<(), DbErr> {
    let how = match manager.get_database_backend() {
        DbBackend::Postgres => "CONCURRENTLY IF EXISTS",
        _ => "IF EXISTS",
    };
    let drop = format!("DROP INDEX {how} {name}");
    manager.get_connection().execute_unprepared(&drop).await?;
    Ok(())
}
