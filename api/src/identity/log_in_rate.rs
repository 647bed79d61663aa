//! The rate of log-ins by client: 5 a second with a burst of 20, whichever way they come and whichever instance they come to.
//!
//! A token bucket in one row for each client, kept as the time until which the client has used up what it may ask for (the
//! generic cell rate algorithm). Each log-in moves that time by [`STEP_MS`], in one statement, by the database's clock; one that
//! would move it by more than [`BURST_MS`] into the future is refused. A row whose time is over says nothing, and is swept.

use std::time::Duration;

use sea_orm::{ConnectionTrait, QueryResult, Statement};

use super::throttle::CLOCK_TOLERANCE;
use crate::{
    app::App,
    error::{Error, Result},
    http::ClientAddress,
};

/// The milliseconds for each log-in: 5 a second.
const STEP_MS: i64 = 200;
/// The milliseconds that may be used up in advance: 20 log-ins.
const BURST_MS: i64 = 20 * STEP_MS;
/// A refused client may come again after this time: the next log-in is let through by then.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Lets a log-in of this client through, or refuses it. Gives the debt of the client: how far ahead it has used up what it may
/// ask for.
pub async fn take(app: &App, client: ClientAddress) -> Result<Duration> {
    let client = client.rate_limit_key().to_string();
    let taken = app.write(move |app, transaction| {
        Box::pin(async move {
            let backend = transaction.get_database_backend();
            let sql = statement(&app.database.now());
            let statement = Statement::from_sql_and_values(backend, sql, [client.into()]);
            Ok(transaction.query_one_raw(statement).await?)
        })
    });
    let Some(row) = taken.await? else {
        let retry_after = RETRY_AFTER;
        return Err(Error::TooManyLogIns { retry_after });
    };
    debt(&row)
}

/// Takes one log-in out of a bucket, and gives what is used up then; gives nothing where the bucket is empty. A time that lies
/// further ahead than statements may overtake each other is from before the database's clock was put back: such a bucket
/// begins anew.
fn statement(now: &str) -> String {
    let (full, beyond) = (BURST_MS - 2 * STEP_MS, BURST_MS - STEP_MS + CLOCK_TOLERANCE);
    format!(
        "INSERT INTO log_in_rates AS rate (client, busy_until) VALUES ($1, {now} + {STEP_MS})
         ON CONFLICT (client) DO UPDATE SET busy_until = CASE
             WHEN rate.busy_until > excluded.busy_until - {STEP_MS} AND rate.busy_until <= excluded.busy_until + {beyond}
             THEN rate.busy_until + {STEP_MS}
             ELSE excluded.busy_until END
         WHERE rate.busy_until <= excluded.busy_until + {full} OR rate.busy_until > excluded.busy_until + {beyond}
         RETURNING busy_until - {now} AS debt"
    )
}

fn debt(row: &QueryResult) -> Result<Duration> {
    let debt: i64 = row.try_get("", "debt")?;
    Ok(Duration::from_millis(debt.max(0).unsigned_abs()))
}

/// Deletes the rows of clients that have used up nothing.
pub async fn delete_expired(app: &App) -> Result<()> {
    app.write(|app, transaction| {
        Box::pin(async move {
            let now = app.database.now();
            let sql = format!(
                "DELETE FROM log_in_rates WHERE busy_until <= {now} OR busy_until > {now} + {BURST_MS} + {CLOCK_TOLERANCE}"
            );
            transaction.execute_unprepared(&sql).await?;
            Ok(())
        })
    })
    .await
}
