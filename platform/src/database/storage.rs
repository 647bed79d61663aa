//! Tracks whether the database accepts writes. After a write was refused for lack of storage, the instance is not ready
//! until a probe has written successfully.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use tokio::sync::Mutex;

use super::{Database, Fault, Transaction, fault};

/// The minimum interval between two probes.
const PROBE_EVERY: Duration = Duration::from_secs(1);
/// Writes 64 KiB, so that a success leaves room for the next writes.
const FILL_SQLITE: &str = "INSERT INTO storage_probes (filling) VALUES (hex(randomblob(32768)))";
const FILL_POSTGRES: &str = "INSERT INTO storage_probes (filling)
    SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 2048)";
const EMPTY: &str = "DELETE FROM storage_probes";

/// The state of the storage. It holds counts, so that a probe that began before a refused write proves nothing.
#[derive(Default)]
pub(super) struct Storage {
    /// The number of refused writes.
    refused: AtomicU64,
    /// The value of `refused` when the last successful probe began.
    cleared: AtomicU64,
    /// The time of the last probe.
    probed: Mutex<Option<Instant>>,
}

impl Storage {
    /// Records a failed write.
    pub(super) fn note(&self, cause: &DbErr) {
        if !matches!(fault(cause), Some(Fault::Full | Fault::Failing)) {
            return;
        }
        if self.is_healthy() {
            tracing::error!(%cause, "the database rejects writes; this instance is not ready until a probe succeeds");
        }
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    fn is_healthy(&self) -> bool {
        self.refused.load(Ordering::Relaxed) == self.cleared.load(Ordering::Relaxed)
    }
}

impl Database {
    /// Checks whether the database accepts writes. After a refused write it probes, at most once a second.
    pub async fn is_writable(&self) -> bool {
        if self.context.storage.is_healthy() {
            return true;
        }
        let Ok(mut probed) = self.context.storage.probed.try_lock() else {
            return false;
        };
        if probed.is_some_and(|at| at.elapsed() < PROBE_EVERY) {
            return false;
        }
        *probed = Some(Instant::now());
        self.probe().await.is_ok()
    }

    async fn probe(&self) -> Result<(), DbErr> {
        let refused = self.context.storage.refused.load(Ordering::Relaxed);
        let fill = match self.connections.backend() {
            DbBackend::Postgres => FILL_POSTGRES,
            _ => FILL_SQLITE,
        };
        self.write(move |transaction| Box::pin(execute(transaction, fill)))
            .await?;
        self.write(move |transaction| Box::pin(execute(transaction, EMPTY)))
            .await?;
        self.context
            .storage
            .cleared
            .store(refused, Ordering::Relaxed);
        tracing::info!("the database accepts writes again");
        Ok(())
    }
}

async fn execute(transaction: &Transaction, sql: &str) -> Result<(), DbErr> {
    transaction.execute_unprepared(sql).await?;
    Ok(())
}
