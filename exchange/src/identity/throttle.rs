//! Rate limits on wrong passwords and on letters, shared by all instances in the database and measured by its clock.
//!
//! A wrong password counts after it was verified, so a request that times out before costs nothing. The result is
//! revealed only if it counts within the limits, so that parallel guesses learn no more than sequential ones. Counters
//! of different purposes have different keys. E-mail addresses are stored hashed: most failing ones belong to no
//! account.

use std::{net::IpAddr, time::Duration};

use entity::{
    UserId,
    throttle::{Column, Entity},
};
use platform::{
    database::{Database, Transaction},
    system::sha256,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryResult, Statement,
};

use crate::{
    Exchange,
    error::{Error, Result},
    write::Write,
};

/// The maximum number of wrong passwords for an e-mail address per [`WINDOW_MS`], by one client and by all clients.
const FAILURES_OF_CLIENT: i64 = 10;
const FAILURES_OF_ALL: i64 = 100;
/// The maximum number of wrong current passwords in changes of one password, per window.
const FAILURES_OF_CHANGE: i64 = 10;
/// The maximum number of letters to one address, per window.
const LETTERS: i64 = 5;
/// The length of a window, in milliseconds. It starts with the first count.
const WINDOW_MS: i64 = 15 * 60 * 1000;
/// The milliseconds by which concurrent statements may disagree about the time. A window that starts further in the
/// future was written before the database's clock was set back, and is over.
pub(super) const CLOCK_TOLERANCE: i64 = 60 * 1000;

const LOG_IN: &str = "log-in";
const PASSWORD_CHANGE: &str = "password change";
const LETTER: &str = "letter";
/// The client of the counters for all clients together.
const ALL: &str = "";

/// The counters of wrong passwords for one account.
pub struct PasswordAttempts {
    purpose: &'static str,
    subject: String,
    /// The clients, each with its limit. A correct password resets the last one.
    limits: Vec<(String, i64)>,
}

impl PasswordAttempts {
    /// Counts log-ins with an e-mail address, normalized to its mailbox: of one client and of all clients.
    pub fn for_log_in(email: &str, client: IpAddr) -> Self {
        let client = client.to_string();
        Self {
            purpose: LOG_IN,
            subject: sha256(email),
            limits: vec![
                (ALL.to_owned(), FAILURES_OF_ALL),
                (client, FAILURES_OF_CLIENT),
            ],
        }
    }

    /// Counts password changes of a user. Only the user can request them, so nobody else can use up this limit.
    pub fn for_password_change(user: UserId) -> Self {
        Self {
            purpose: PASSWORD_CHANGE,
            subject: sha256(user.to_string()),
            limits: vec![(ALL.to_owned(), FAILURES_OF_CHANGE)],
        }
    }

    /// Refuses an attempt if a limit is reached.
    pub async fn check(&self, exchange: &Exchange) -> Result<()> {
        self.check_in(&exchange.database, exchange.database.reader())
            .await
    }

    async fn check_in(&self, database: &Database, connection: &impl ConnectionTrait) -> Result<()> {
        for (client, limit) in &self.limits {
            let seen = Counter(self.purpose, &self.subject, client);
            let counted = seen.read(database, connection).await?;
            refuse_over_limit(counted.filter(|counted| counted.count >= *limit))?;
        }
        Ok(())
    }

    /// Counts a wrong password. Beyond a limit, fails with the limit, which does not reveal that the password was
    /// wrong.
    pub async fn record_failure(self, exchange: &Exchange) -> Result<()> {
        let over = exchange.write(move |write| {
            Box::pin(async move {
                let mut over = None;
                for (client, limit) in &self.limits {
                    let counted = Counter(self.purpose, &self.subject, client)
                        .count(write)
                        .await?;
                    over = Some(counted)
                        .filter(|counted| counted.count > *limit)
                        .or(over);
                }
                Ok(over)
            })
        });
        refuse_over_limit(over.await?)
    }

    /// Clears the failures of this client. Fails if a limit was reached meanwhile.
    pub async fn forgive_failures(&self, write: Write<'_>) -> Result<()> {
        self.check_in(&write.exchange.database, write.transaction)
            .await?;
        let Some((client, _)) = self.limits.last() else {
            return Ok(());
        };
        let key = (
            self.purpose.to_owned(),
            self.subject.clone(),
            client.clone(),
        );
        Entity::delete_by_id(key).exec(write.transaction).await?;
        Ok(())
    }
}

/// Clears the failures of all clients for an e-mail address, after its owner has set a new password.
pub async fn forget_failures(transaction: &Transaction, email: &str) -> Result<()> {
    Entity::delete_many()
        .filter(Column::Purpose.eq(LOG_IN))
        .filter(Column::Subject.eq(sha256(email)))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Counts a letter to the address, or refuses it. Call it before the user is locked.
pub async fn count_letter(write: Write<'_>, email: &str) -> Result<()> {
    let counted = Counter(LETTER, &sha256(email), ALL).count(write).await?;
    if counted.count > LETTERS {
        let retry_after = counted.window_left;
        return Err(Error::TooManyLetters { retry_after });
    }
    Ok(())
}

/// Deletes the counters whose windows are over.
pub async fn delete_expired(exchange: &Exchange) -> Result<()> {
    exchange.write(|write| {
        Box::pin(async move {
            let sql = format!(
                "DELETE FROM throttles WHERE window_started_at <= {now} - {WINDOW_MS} OR window_started_at > {now} + {CLOCK_TOLERANCE}",
                now = write.exchange.database.now(),
            );
            write.transaction.execute_unprepared(&sql).await?;
            Ok(())
        })
    })
    .await
}

fn refuse_over_limit(over: Option<Counted>) -> Result<()> {
    over.map_or(Ok(()), |counted| {
        let retry_after = counted.window_left;
        Err(Error::TooManyFailures { retry_after })
    })
}

/// A counter: its purpose, its subject and its client.
struct Counter<'c>(&'static str, &'c str, &'c str);

struct Counted {
    /// The count in the current window.
    count: i64,
    /// The rest of the window, rounded up to seconds, so that a retry after it is past its end.
    window_left: Duration,
}

impl Counter<'_> {
    /// Increments the counter, in one statement.
    async fn count(&self, write: Write<'_>) -> Result<Counted> {
        let is_open = format!(
            "counter.window_started_at > excluded.window_started_at - {WINDOW_MS}
             AND counter.window_started_at <= excluded.window_started_at + {CLOCK_TOLERANCE}"
        );
        let sql = format!(
            "INSERT INTO throttles AS counter (purpose, subject, client, window_started_at, count) VALUES ($1, $2, $3, {now}, 1)
             ON CONFLICT (purpose, subject, client) DO UPDATE SET
                 count = CASE WHEN {is_open} THEN counter.count + 1 ELSE 1 END,
                 window_started_at =
                     CASE WHEN {is_open} THEN counter.window_started_at ELSE excluded.window_started_at END
             RETURNING count, window_started_at + {WINDOW_MS} - {now} AS left_of_window",
            now = write.exchange.database.now(),
        );
        let row = self.run(sql, write.transaction).await?;
        let row =
            row.ok_or_else(|| Error::internal("the statement of a counter returned no row"))?;
        Ok(Counted::read(&row)?)
    }

    async fn read(
        &self,
        database: &Database,
        connection: &impl ConnectionTrait,
    ) -> Result<Option<Counted>> {
        let sql = format!(
            "SELECT count, window_started_at + {WINDOW_MS} - {now} AS left_of_window FROM throttles
             WHERE purpose = $1 AND subject = $2 AND client = $3
                 AND window_started_at > {now} - {WINDOW_MS} AND window_started_at <= {now} + {CLOCK_TOLERANCE}",
            now = database.now(),
        );
        let row = self.run(sql, connection).await?;
        Ok(row.as_ref().map(Counted::read).transpose()?)
    }

    async fn run(
        &self,
        sql: String,
        connection: &impl ConnectionTrait,
    ) -> Result<Option<QueryResult>, DbErr> {
        let values = [self.0, self.1, self.2].map(Into::into);
        let backend = connection.get_database_backend();
        let statement = Statement::from_sql_and_values(backend, sql, values);
        connection.query_one_raw(statement).await
    }
}

impl Counted {
    fn read(row: &QueryResult) -> Result<Self, DbErr> {
        let left: i64 = row.try_get("", "left_of_window")?;
        Ok(Self {
            count: row.try_get("", "count")?,
            window_left: Duration::from_secs(left.max(0).unsigned_abs().div_ceil(1000)),
        })
    }
}
