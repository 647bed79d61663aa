//! Limits on wrong passwords and on letters, which all instances hold together in the database and measure by its clock.
//!
//! A wrong password counts once it was checked: whoever could not be checked, or gave up, has lost nothing. What came of a check
//! is told only if it counts within the limits, so that guesses made at once learn no more than guesses made one by one.
//! Counters of different purposes have different keys. Addresses are kept hashed: most that fail belong to nobody here.

use std::time::Duration;

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
    app::App,
    error::{Error, Result},
    http::ClientAddress,
};

/// The most wrong passwords for an e-mail address that one client, and all clients together, may send in a [`WINDOW_MS`].
const FAILURES_OF_CLIENT: i64 = 10;
const FAILURES_OF_ALL: i64 = 100;
/// The most wrong passwords that may come with changes of one password.
const FAILURES_OF_CHANGE: i64 = 10;
/// The most letters that may be asked for.
const LETTERS: i64 = 5;
/// The length of a window, in milliseconds. It opens with the first that is counted.
const WINDOW_MS: i64 = 15 * 60 * 1000;
/// The milliseconds by which statements may be overtaken by others. A window that begins later was counted before the database's
/// clock was put back, and is over.
pub(super) const CLOCK_TOLERANCE: i64 = 60 * 1000;

const LOG_IN: &str = "log-in";
const PASSWORD_CHANGE: &str = "password change";
const LETTER: &str = "letter";
/// The client of counters for all clients together.
const ALL: &str = "";

/// The counters of wrong passwords for one account.
pub struct PasswordAttempts {
    purpose: &'static str,
    subject: String,
    /// Clients, each with its limit. What the last of them counted is forgotten when a password is right.
    limits: Vec<(String, i64)>,
}

impl PasswordAttempts {
    /// Counts log-ins for an e-mail address, in the spelling of its mailbox: of one client, and of all.
    pub fn for_log_in(email: &str, client: ClientAddress) -> Self {
        let client = client.rate_limit_key().to_string();
        Self {
            purpose: LOG_IN,
            subject: sha256(email),
            limits: vec![
                (ALL.to_owned(), FAILURES_OF_ALL),
                (client, FAILURES_OF_CLIENT),
            ],
        }
    }

    /// Counts changes of a person's password, which only they may ask for: nobody else can use these up.
    pub fn for_password_change(user: UserId) -> Self {
        Self {
            purpose: PASSWORD_CHANGE,
            subject: sha256(user.to_string()),
            limits: vec![(ALL.to_owned(), FAILURES_OF_CHANGE)],
        }
    }

    /// Refuses a guess where the limits are reached.
    pub async fn check(&self, app: &App) -> Result<()> {
        self.check_in(&app.database, app.database.reader()).await
    }

    async fn check_in(&self, database: &Database, connection: &impl ConnectionTrait) -> Result<()> {
        for (client, limit) in &self.limits {
            let seen = Counter(self.purpose, &self.subject, client);
            let counted = seen.read(database, connection).await?;
            refuse_over_limit(counted.filter(|counted| counted.count >= *limit))?;
        }
        Ok(())
    }

    /// Counts a wrong password. Refuses where that is over a limit, so that nobody hears that it was wrong.
    pub async fn record_failure(self, app: &App) -> Result<()> {
        let over = app.write(move |app, transaction| {
            Box::pin(async move {
                let mut over = None;
                for (client, limit) in &self.limits {
                    let counter = Counter(self.purpose, &self.subject, client);
                    let counted = counter.count(&app.database, transaction).await?;
                    over = Some(counted)
                        .filter(|counted| counted.count > *limit)
                        .or(over);
                }
                Ok(over)
            })
        });
        refuse_over_limit(over.await?)
    }

    /// Forgets the failures of this client. Refuses where others reached a limit meanwhile.
    pub async fn forgive_failures(&self, app: &App, transaction: &Transaction) -> Result<()> {
        self.check_in(&app.database, transaction).await?;
        let Some((client, _)) = self.limits.last() else {
            return Ok(());
        };
        let key = (
            self.purpose.to_owned(),
            self.subject.clone(),
            client.clone(),
        );
        Entity::delete_by_id(key).exec(transaction).await?;
        Ok(())
    }
}

/// Forgets the wrong passwords of all clients for an e-mail address: its owner has set a new one.
pub async fn forget_failures(transaction: &Transaction, email: &str) -> Result<()> {
    Entity::delete_many()
        .filter(Column::Purpose.eq(LOG_IN))
        .filter(Column::Subject.eq(sha256(email)))
        .exec(transaction)
        .await?;
    Ok(())
}

/// Counts a letter to the address, or refuses it. Whoever calls this has not locked the person's row yet.
pub async fn count_letter(app: &App, transaction: &Transaction, email: &str) -> Result<()> {
    let subject = sha256(email);
    let counter = Counter(LETTER, &subject, ALL);
    let counted = counter.count(&app.database, transaction).await?;
    if counted.count > LETTERS {
        let retry_after = counted.window_left;
        return Err(Error::TooManyLetters { retry_after });
    }
    Ok(())
}

/// Deletes the counters whose windows are over.
pub async fn delete_expired(app: &App) -> Result<()> {
    app.write(|app, transaction| {
        Box::pin(async move {
            let sql = format!(
                "DELETE FROM throttles WHERE window_started_at <= {now} - {WINDOW_MS} OR window_started_at > {now} + {CLOCK_TOLERANCE}",
                now = app.database.now(),
            );
            transaction.execute_unprepared(&sql).await?;
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
    /// In the window that is open.
    count: i64,
    /// The rest of the window, in whole seconds: whoever waits for that long comes after its end.
    window_left: Duration,
}

impl Counter<'_> {
    /// Counts one more, in one statement.
    async fn count(
        &self,
        database: &Database,
        connection: &impl ConnectionTrait,
    ) -> Result<Counted> {
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
            now = database.now(),
        );
        let row = self.run(sql, connection).await?;
        let row = row.ok_or_else(|| Error::internal("a counter was not counted"))?;
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
