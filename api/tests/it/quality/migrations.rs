//! Migrations up and down, and several instances that start at once.

use std::sync::Arc;

use entity::{OfferStatus, offer};
use futures_util::future::join_all;
use migration::{Migrator, MigratorTrait};
use platform::database::{ACQUIRE_TIMEOUT, Database, OpenError, eq_literal};
use sea_orm::{ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryTrait, TransactionTrait};
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
