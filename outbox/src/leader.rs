//! Leader election, and the tasks that run on the leader only.
//!
//! The leader holds an advisory lock of PostgreSQL, in a transaction that lasts as long as the leadership, on a session of
//! its own. (A session-level lock would do as well, if poolers did not share sessions.) A leader that dies loses its
//! session at once. One that freezes stops pinging, and the server ends the session after 15 s (see [`BEGIN`]); its next
//! ping tells it so when it wakes up. On SQLite there is one process, which is the leader.
//!
//! To add a task, implement [`Task`] and give it to [`Leader::with_task`].

use std::{io::ErrorKind, time::Duration};

use async_trait::async_trait;
use futures_util::future::join_all;
use platform::{database::Database, metrics::GaugeGuard};
use sqlx::{Connection, Executor, postgres::PgConnection};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::metrics::Metrics;

/// The advisory lock of the leader: "outbox" in ASCII.
const LOCK: i64 = i64::from_be_bytes(*b"\0\0outbox");
/// Begins the transaction of the lock. The server ends it when the leader is silent for 15 s. It writes nothing and keeps
/// no snapshot, so it does not hold back vacuum.
const BEGIN: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '15s'";
/// The interval between two pings, and the time allowed for the answer to one.
const PING_EVERY: Duration = Duration::from_secs(2);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// The interval between two attempts to become the leader.
const RETRY_EVERY: Duration = Duration::from_millis(250);
/// The pause after a leadership has ended, before this instance tries again.
const PAUSE: Duration = Duration::from_secs(1);

/// A task that runs on the leader only.
#[async_trait]
pub trait Task: Send + Sync {
    /// Runs until `stop` is cancelled, and then finishes. The future is dropped when the leadership is lost, and `run` is
    /// called again when this instance is the leader again.
    async fn run(&self, stop: &CancellationToken);
}

/// Runs its tasks while this instance is the leader.
pub struct Leader {
    database: Database,
    metrics: Metrics,
    tasks: Vec<Box<dyn Task>>,
}

impl Leader {
    #[must_use]
    pub fn new(database: Database, metrics: Metrics) -> Self {
        Self {
            database,
            metrics,
            tasks: Vec::new(),
        }
    }

    #[must_use]
    pub fn with_task(mut self, task: impl Task + 'static) -> Self {
        self.tasks.push(Box::new(task));
        self
    }

    /// Stands for election, and runs the tasks whenever this instance is the leader, until `stop` is cancelled.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            if let Err(cause) = self.lead_until_lost(&stop).await {
                tracing::warn!(%cause, "the election of a leader failed; retrying");
            }
            let _ = timeout(PAUSE, stop.cancelled()).await;
        }
    }

    /// Waits for the leadership, and runs the tasks until it is lost or they have finished.
    async fn lead_until_lost(&self, stop: &CancellationToken) -> Result<(), sqlx::Error> {
        let mut leadership = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            acquired = Leadership::acquire(&self.database) => acquired?,
        };
        tracing::info!("this instance is the leader");
        let _leads = GaugeGuard::new(&self.metrics.leads);
        tokio::select! {
            reason = leadership.until_lost() => {
                tracing::warn!(why = reason, "this instance is no longer the leader");
                return Ok(());
            }
            _ = join_all(self.tasks.iter().map(|task| task.run(stop))) => {}
        }
        leadership.release().await;
        tracing::info!("this instance is no longer the leader: it shuts down");
        Ok(())
    }
}

/// The leadership, until it is dropped.
pub struct Leadership(Option<PgConnection>);

impl Leadership {
    /// Waits until no other instance is the leader.
    pub async fn acquire(database: &Database) -> Result<Self, sqlx::Error> {
        let Some(mut session) = with_timeout(database.session()).await? else {
            return Ok(Self(None));
        };
        with_timeout(session.execute(BEGIN)).await?;
        loop {
            let try_lock = sqlx::query_scalar::<_, bool>("SELECT pg_try_advisory_xact_lock($1)");
            if with_timeout(try_lock.bind(LOCK).fetch_one(&mut session)).await? {
                return Ok(Self(Some(session)));
            }
            sleep(RETRY_EVERY).await;
        }
    }

    /// Releases the leadership, so that another instance gets it at its next attempt.
    pub async fn release(self) {
        let Some(mut session) = self.0 else { return };
        let released = async {
            session.execute("COMMIT").await?;
            session.close().await
        };
        if let Err(cause) = with_timeout(released).await {
            tracing::warn!(%cause, "the leadership could not be released; it ends with the database session");
        }
    }

    /// Keeps the leadership. Resolves when it is lost, with the reason.
    pub async fn until_lost(&mut self) -> String {
        let Some(session) = &mut self.0 else {
            return std::future::pending().await;
        };
        loop {
            sleep(PING_EVERY).await;
            let ping = sqlx::query("SELECT 1").execute(&mut *session);
            if let Err(cause) = with_timeout(ping).await {
                return cause.to_string();
            }
        }
    }
}

/// Limits the wait for an answer: a server that vanished without closing the connection never sends one.
async fn with_timeout<T>(
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let answer = timeout(ANSWER_TIMEOUT, answer).await;
    answer.unwrap_or_else(|_| {
        let silence = "the database does not answer";
        Err(sqlx::Error::Io(std::io::Error::new(
            ErrorKind::TimedOut,
            silence,
        )))
    })
}
