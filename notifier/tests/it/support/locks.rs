//! Transactions that stay open for as long as a test wants.

use std::{sync::Arc, time::Duration};

use sea_orm::{ConnectionTrait, DbErr, Statement};
use tokio::{
    sync::{Semaphore, oneshot},
    task::JoinHandle,
};

use super::{TestNotifier, within_a_minute};

/// The polling interval.
const LOOK: Duration = Duration::from_millis(20);

/// An open transaction that has executed its statement.
pub struct Open {
    release: Arc<Semaphore>,
    task: JoinHandle<Result<(), DbErr>>,
}

impl Open {
    /// Waits until another transaction waits for it. On SQLite none can begin meanwhile, and nothing reports it.
    pub async fn is_waited_for(&self, test: &TestNotifier) {
        if !test.database.is_shared() {
            return;
        }
        let sql = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let reader = test.database.reader();
        within_a_minute(async {
            let waiting = || Statement::from_string(reader.get_database_backend(), sql);
            while reader.query_one_raw(waiting()).await.unwrap().is_none() {
                tokio::time::sleep(LOOK).await;
            }
        })
        .await;
    }

    /// Commits it.
    pub async fn commit(self) {
        self.release.add_permits(1);
        self.task.await.unwrap().unwrap();
    }
}

/// Locks the inbox against all others.
pub async fn lock_the_inbox(test: &TestNotifier) -> Open {
    let sql = if test.database.is_shared() {
        "LOCK TABLE notifications IN ACCESS EXCLUSIVE MODE"
    } else {
        "SELECT 1" // no other transaction can begin
    };
    open(test, sql.to_owned()).await
}

/// Executes a statement in a transaction, and leaves the transaction open.
pub async fn open(test: &TestNotifier, sql: String) -> Open {
    let (is_done, done) = oneshot::channel();
    let release = Arc::new(Semaphore::new(0));
    let (database, permits) = (test.database.clone(), release.clone());
    let shared = database.is_shared();
    let task = tokio::spawn(async move {
        let held = database.write(move |transaction| {
            Box::pin(async move {
                if shared {
                    let patience = "SET LOCAL idle_in_transaction_session_timeout = 0";
                    transaction.execute_unprepared(patience).await?;
                }
                transaction.execute_unprepared(&sql).await?;
                is_done.send(()).unwrap();
                permits.acquire().await.unwrap().forget();
                Ok(())
            })
        });
        held.await
    });
    done.await.unwrap();
    Open { release, task }
}
