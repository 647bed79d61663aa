//! Elects the one instance that relays: whoever holds an advisory lock of PostgreSQL, in a transaction that lasts as long as
//! the leadership, on a session of its own. A lock of a session would do as well, but for poolers that share sessions.
//!
//! A leader that dies loses its session at once. One that freezes stops pinging, and the server ends the session after 15 s
//! (see [`BEGIN`]); when it wakes up, it finds out by its next ping. On SQLite this process is alone, and leads.

use std::{io::ErrorKind, time::Duration};

use platform::database::Database;
use sqlx::{Connection, Executor, postgres::PgConnection};
use tokio::time::{sleep, timeout};

/// The advisory lock of the leader: "outbox" in ASCII.
const LOCK: i64 = i64::from_be_bytes(*b"\0\0outbox");
/// Begins the transaction of the lock, and says after how long without a word from the leader it is ended. It writes
/// nothing and keeps no snapshot, so it holds up no vacuum.
const BEGIN: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = '15s'";
/// How often the leader speaks, and how long it waits for the answer.
const PING: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(5);
/// How often the others try.
const TRY: Duration = Duration::from_millis(250);

/// The right to relay, for as long as it is held.
pub struct Leadership(Option<PgConnection>);

impl Leadership {
    /// Waits until no other instance leads.
    pub async fn win(database: &Database) -> Result<Self, sqlx::Error> {
        let Some(mut session) = in_time(database.session()).await? else {
            return Ok(Self(None));
        };
        in_time(session.execute(BEGIN)).await?;
        loop {
            let ask = sqlx::query_scalar::<_, bool>("SELECT pg_try_advisory_xact_lock($1)");
            if in_time(ask.bind(LOCK).fetch_one(&mut session)).await? {
                return Ok(Self(Some(session)));
            }
            sleep(TRY).await;
        }
    }

    /// Gives the leadership back, so that another instance has it at its next try.
    pub async fn resign(self) {
        let Some(mut session) = self.0 else { return };
        let given_back = async {
            session.execute("COMMIT").await?;
            session.close().await
        };
        if let Err(cause) = in_time(given_back).await {
            tracing::warn!(%cause, "the database does not take the leadership back; it ends with the session");
        }
    }

    /// Holds on; resolves when the leadership is lost, with the reason.
    pub async fn hold(&mut self) -> String {
        let Some(session) = &mut self.0 else {
            return std::future::pending().await;
        };
        loop {
            sleep(PING).await;
            let ping = sqlx::query("SELECT 1").execute(&mut *session);
            if let Err(cause) = in_time(ping).await {
                return cause.to_string();
            }
        }
    }
}

/// A server that vanished without a word would be waited for for ever.
async fn in_time<T>(
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    let answer = timeout(PATIENCE, answer).await;
    answer.unwrap_or_else(|_| {
        let silence = "the database does not answer";
        Err(sqlx::Error::Io(std::io::Error::new(
            ErrorKind::TimedOut,
            silence,
        )))
    })
}
