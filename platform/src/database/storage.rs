//! Whether the database takes writes. From the first write that its storage refuses an instance is not ready, until a probe
//! has written something for real.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use tokio::sync::Mutex;

use super::{Database, Fault, Transaction, fault};

/// How often a probe is made at the most.
const PROBE_EVERY: Duration = Duration::from_secs(1);
/// Writes 64 KiB: so much room is left for the writes to come.
const FILL_SQLITE: &str = "INSERT INTO storage_probes (filling) VALUES (hex(randomblob(32768)))";
const FILL_POSTGRES: &str = "INSERT INTO storage_probes (filling)
    SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 2048)";
const EMPTY: &str = "DELETE FROM storage_probes";

/// What is known of the storage. Counts, so that a probe that was under way when a write was refused proves nothing.
#[derive(Default)]
pub(super) struct Storage {
    /// How many writes were refused.
    refused: AtomicU64,
    /// How many of those had been refused when the last probe that succeeded began.
    cleared: AtomicU64,
    /// When the last probe began.
    probed: Mutex<Option<Instant>>,
}

impl Storage {
    /// Takes note of a write that failed.
    pub(super) fn note(&self, cause: &DbErr) {
        if !matches!(fault(cause), Some(Fault::Full | Fault::Failing)) {
            return;
        }
        if self.is_healthy() {
            tracing::error!(%cause, "the database refuses writes; this instance is not ready until a probe succeeds");
        }
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    fn is_healthy(&self) -> bool {
        self.refused.load(Ordering::Relaxed) == self.cleared.load(Ordering::Relaxed)
    }
}

impl Database {
    /// Does the database take writes? Where one was refused, this tries one, at most once a second.
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
        tracing::info!("the database takes writes again");
        Ok(())
    }
}

async fn execute(transaction: &Transaction, sql: &str) -> Result<(), DbErr> {
    transaction.execute_unprepared(sql).await?;
    Ok(())
}
