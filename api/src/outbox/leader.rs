//! Leader election: the leader holds an advisory lock of PostgreSQL, in a transaction that lasts as long as the leadership, on
//! a session of its own. (A session-level lock would do as well, if poolers did not share sessions.)
//!
//! A leader that dies loses its session at once. One that freezes stops pinging, and the server ends the session after 15 s
//! (see [`BEGIN`]); its next ping tells it so when it wakes up. On SQLite there is one process, which is the leader.

use std::{io::ErrorKind, time::Duration};

use platform::database::Database;
use sqlx::{Connection, Executor, postgres::PgConnection};
use tokio::time::{sleep, timeout};

/// The advisory lock of the leader: "outbox" in ASCII.
const LOCK: i64 = i64::from_be_bytes(*b"\0\0outbox");
/// Begins the transaction of the lock. The server ends it when the leader is silent for 15 s. It writes nothing and keeps no
/// snapshot, so it does not hold back vacuum.
const BEGIN: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '15s'";
/// The interval between two pings, and the time allowed for the answer to one.
const PING_EVERY: Duration = Duration::from_secs(2);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// The interval between two attempts to become the leader.
const RETRY_EVERY: Duration = Duration::from_millis(250);

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
