//! Migrations up and down, and several instances that start at once.

use std::sync::Arc;

use entity::{OfferStatus, offer};
use futures_util::future::join_all;
use migration::{Migrator, MigratorTrait};
use platform::database::{ACQUIRE_TIMEOUT, Database, OpenError, eq_literal};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, QueryFilter, QueryTrait,
    Statement, TransactionTrait, TryGetable,
};
use tokio::sync::Notify;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt},
};

use crate::support::{TestApp, TestDatabase, awaited, postgres_server, tracing::listen};

#[tokio::test(flavor = "multi_thread")]
async fn migrations_are_reversible() {
    let empty = TestDatabase::empty().await;
    let database = &sea_orm::Database::connect(&empty.url).await.unwrap();
    Migrator::up(database, None).await.unwrap();
    Migrator::down(database, None).await.unwrap();
    assert!(
        database
            .execute_unprepared("SELECT 1 FROM users")
            .await
            .is_err(),
        "down leaves no table"
    );
    Migrator::up(database, None).await.unwrap();
    database
        .execute_unprepared("SELECT 1 FROM users")
        .await
        .unwrap();
}

/// The number of migrations before those of titles, releases and counts, which are three.
const BEFORE_RELEASES: u32 = 23;

/// Returns the first column of the first row.
async fn one<T: TryGetable>(database: &DatabaseConnection, sql: &str) -> T {
    let row = Statement::from_string(database.get_database_backend(), sql);
    let row = database.query_one_raw(row).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// Lists three games and deletes one of them, at any state of the schema.
async fn list_games(database: &DatabaseConnection) {
    let now = "'2026-01-01T00:00:00+00:00'";
    let user = format!(
        "INSERT INTO users (name, email, password_hash, token_version, created_at, updated_at)
            VALUES ('ann', 'ann@example.com', '', 1, {now}, {now})"
    );
    let games = format!(
        "INSERT INTO games (owner_id, name, publisher, year_published, gaming_system, condition, created_at, updated_at, deleted_at)
            VALUES (1, 'The Legend of Zelda', 'Nintendo', 1986, 'NES', 'good', {now}, {now}, NULL),
                (1, 'Zelda II', 'Nintendo', 1987, 'NES', 'good', {now}, {now}, NULL),
                (1, 'Okami', 'Capcom', 2006, 'PS2', 'mint', {now}, {now}, {now})"
    );
    for sql in [user, games] {
        database.execute_unprepared(&sql).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_of_releases_keep_the_games_both_ways() {
    let empty = TestDatabase::empty().await;
    let database = &sea_orm::Database::connect(&empty.url).await.unwrap();
    Migrator::up(database, Some(BEFORE_RELEASES)).await.unwrap();
    list_games(database).await;
    for _ in 0..2 {
        Migrator::up(database, None).await.unwrap();
        let unkeyed =
            "SELECT count(*) FROM games WHERE key_rule = 0 AND title_key = '' AND sort_key = ''";
        assert_eq!(one::<i64>(database, unkeyed).await, 3);
        let counted = "SELECT CAST(sum(games) AS BIGINT) FROM board_counts";
        assert_eq!(one::<i64>(database, counted).await, 2);
        let listed = "INSERT INTO games (owner_id, name, publisher, year_published, gaming_system, condition, created_at, updated_at)
            SELECT owner_id, name, publisher, year_published, gaming_system, condition, created_at, updated_at FROM games WHERE id = 1";
        database.execute_unprepared(listed).await.unwrap();
        assert_eq!(one::<i64>(database, counted).await, 3);
        let change = "DELETE FROM games WHERE id > 3; UPDATE games SET title_key = 'zelda', key_rule = 1 WHERE id = 1";
        database.execute_unprepared(change).await.unwrap();
        Migrator::down(database, Some(3)).await.unwrap();
        let words: String = one(database, "SELECT words FROM games WHERE id = 1").await;
        assert_eq!(words, "  the  legend  of  zelda\n  nintendo");
        let sought = match database.get_database_backend() {
            DbBackend::Postgres => "SELECT count(*) FROM game_words WHERE word = 'legend'",
            _ => "SELECT count(*) FROM games_search WHERE games_search MATCH 'legend'",
        };
        assert_eq!(one::<i64>(database, sought).await, 1);
        let by_name = "DROP INDEX games_by_name; CREATE INDEX games_by_name ON games (name, id) WHERE deleted_at IS NULL";
        database.execute_unprepared(by_name).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn migration_of_indexes_completes_what_was_interrupted() {
    let empty = TestDatabase::empty().await;
    let database = &sea_orm::Database::connect(&empty.url).await.unwrap();
    Migrator::up(database, None).await.unwrap();
    let mut interruption = "DELETE FROM seaql_migrations WHERE version LIKE '%_000026_%'; DROP INDEX games_by_sort_key;
        CREATE INDEX games_by_name ON games (name, id);"
        .to_owned();
    if postgres_server().is_some() {
        interruption +=
            "UPDATE pg_index SET indisvalid = FALSE WHERE indexrelid = 'games_by_title'::regclass";
    }
    database.execute_unprepared(&interruption).await.unwrap();
    Migrator::up(database, None).await.unwrap();
    if postgres_server().is_some() {
        let invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid";
        assert_eq!(one::<i64>(database, invalid).await, 0);
    }
    let by_sort_key = "DROP INDEX games_by_sort_key; DROP INDEX games_by_title";
    database.execute_unprepared(by_sort_key).await.unwrap();
    let by_name = "DROP INDEX games_by_name";
    assert!(database.execute_unprepared(by_name).await.is_err());
}

/// Building an index waits for the transactions that write the table, and for those that keep a snapshot: an instance that
/// waits for its turn to migrate must keep none.
#[tokio::test]
async fn two_instances_start_while_an_index_waits_for_a_writer() {
    if postgres_server().is_none() {
        return;
    }
    let empty = TestDatabase::empty().await;
    let other = sea_orm::Database::connect(&empty.url).await.unwrap();
    Migrator::up(&other, Some(BEFORE_RELEASES + 2))
        .await
        .unwrap();
    list_games(&other).await;
    let writing = other.begin().await.unwrap();
    let write = "UPDATE games SET previous_owners = 1";
    writing.execute_unprepared(write).await.unwrap();
    let bell = Bell::default();
    let _listening = listen(Registry::default().with(bell.clone()));
    let release = async {
        bell.0.notified().await;
        writing.commit().await.unwrap();
    };
    let open = || Database::open(&empty.url, ACQUIRE_TIMEOUT);
    let (one, two, ()) = awaited(async { tokio::join!(open(), open(), release) }).await;
    one.unwrap();
    two.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn open_migrates_once_when_three_start_together() {
    let empty = TestDatabase::empty().await;
    let opened = join_all((0..3).map(|_| Database::open(&empty.url, ACQUIRE_TIMEOUT))).await;
    if postgres_server().is_some() {
        assert_eq!(
            opened
                .iter()
                .filter_map(|one| one.as_ref().err())
                .map(ToString::to_string)
                .collect::<Vec<_>>(),
            [""; 0]
        );
    } else {
        let refused: Vec<_> = opened.into_iter().filter_map(Result::err).collect();
        assert_eq!(refused.len(), 2, "one file, one instance");
        assert!(
            refused
                .iter()
                .all(|refusal| matches!(refusal, OpenError::InUse(_))),
            "{refused:?}"
        );
        assert!(
            !refused[0].to_string().contains('\n')
                && refused[0].to_string().contains("DATABASE_URL")
        );
    }
}

/// Notifies of each INFO line about the database.
#[derive(Clone, Default)]
struct Bell(Arc<Notify>);

impl<S: Subscriber> Layer<S> for Bell {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let is_about_it = metadata.target().starts_with("platform::database");
        if is_about_it && *metadata.level() == Level::INFO {
            self.0.notify_one();
        }
    }
}

#[tokio::test]
async fn open_logs_waiting_while_another_instance_migrates() {
    if postgres_server().is_none() {
        return;
    }
    let empty = TestDatabase::empty().await;
    let other = sea_orm::Database::connect(&empty.url).await.unwrap();
    let migrating = other.begin().await.unwrap();
    let key = i64::from_be_bytes(*b"exchange");
    let lock = format!("SELECT pg_advisory_xact_lock({key})");
    migrating.execute_unprepared(&lock).await.unwrap();
    let bell = Bell::default();
    let _listening = listen(Registry::default().with(bell.clone()));
    let release = async {
        bell.0.notified().await;
        migrating.rollback().await.unwrap();
    };
    let (opened, ()) = tokio::join!(
        Database::open(&empty.url, ACQUIRE_TIMEOUT),
        awaited(release)
    );
    opened.unwrap();
}

/// With a bound parameter, a generic plan would not use the partial index of pending offers.
#[test]
fn partial_index_values_are_literals_in_statements() {
    let pending = eq_literal(offer::Column::Status, OfferStatus::Pending);
    let pending = offer::Entity::find().filter(pending);
    for backend in [DbBackend::Postgres, DbBackend::Sqlite] {
        let statement = pending.build(backend);
        assert!(
            statement.sql.ends_with(r#""status" = 'pending'"#),
            "{statement}"
        );
        assert_eq!(statement.values.map_or(0, |values| values.0.len()), 0);
    }
}

#[tokio::test]
async fn open_rejects_an_unknown_scheme() {
    let refusal = Database::open("mysql://localhost/exchange", ACQUIRE_TIMEOUT)
        .await
        .err()
        .unwrap();
    assert_eq!(
        refusal.to_string(),
        "DATABASE_URL must begin with sqlite:// or postgres://"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_reject_rows_that_break_the_rules() {
    let test = TestApp::new().await;
    let (ann, bob) = (test.with_user("ann").await, test.with_user("bob").await);
    let (mine, theirs) = (ann.lists("Metroid").await, bob.lists("Zelda").await);
    let offer = ann.offers(&[mine], &[theirs]).await.unwrap();
    let database = test.app.database.reader();
    for statement in [
        "UPDATE offers SET status = 'expired'".to_owned(),
        "UPDATE offers SET status = 'cancelled'".to_owned(),
        "UPDATE offers SET receiver_id = offerer_id".to_owned(),
        "UPDATE offers SET offerer_address = 'leaked'".to_owned(),
        "UPDATE games SET condition = 'new'".to_owned(),
        "UPDATE games SET year_published = 1".to_owned(),
        "UPDATE games SET owner_id = 99".to_owned(),
        "UPDATE users SET email = 'ANN@example.com'".to_owned(),
        "UPDATE users SET email = 'same@example.com'".to_owned(),
        format!("DELETE FROM offers WHERE id = {}", offer.id),
    ] {
        assert!(
            database.execute_unprepared(&statement).await.is_err(),
            "accepted: {statement}"
        );
    }
}
