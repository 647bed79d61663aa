//! The rate limit of log-ins per client: 5 a second with a burst of 20, over both surfaces and all instances.
//!
//! A token bucket in one row per client, stored as the time until which the client has used up its rate (the generic
//! cell rate algorithm). Each log-in advances that time by [`STEP_MS`], in one statement, by the database's clock; one
//! that would advance it more than [`BURST_MS`] into the future is refused. A row whose time has passed has no effect,
//! and is deleted.

use std::{net::IpAddr, time::Duration};

use sea_orm::{ConnectionTrait, QueryResult, Statement};

use super::throttle::CLOCK_TOLERANCE;
use crate::{
    Exchange,
    error::{Error, Result},
};

/// The milliseconds per log-in: 5 a second.
const STEP_MS: i64 = 200;
/// The milliseconds that may be used up in advance: 20 log-ins.
const BURST_MS: i64 = 20 * STEP_MS;
/// The time after which a refused client may retry: the next log-in is allowed by then.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Takes one log-in from the client's bucket, or refuses it. Returns the client's debt: the time that it has used up in
/// advance.
pub async fn take(exchange: &Exchange, client: IpAddr) -> Result<Duration> {
    let client = client.to_string();
    let taken = exchange.write(move |write| {
        Box::pin(async move {
            let backend = write.transaction.get_database_backend();
            let sql = statement(&write.exchange.database.now());
            let statement = Statement::from_sql_and_values(backend, sql, [client.into()]);
            Ok(write.transaction.query_one_raw(statement).await?)
        })
    });
    let Some(row) = taken.await? else {
        let retry_after = RETRY_AFTER;
        return Err(Error::TooManyLogIns { retry_after });
    };
    debt(&row)
}

/// Returns the statement that takes one log-in from a bucket and selects the debt, or no row if the bucket is empty. A
/// time further ahead than the burst and [`CLOCK_TOLERANCE`] was written before the database's clock was set back: that
/// bucket starts afresh.
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

/// Deletes the rows of clients without debt.
pub async fn delete_expired(exchange: &Exchange) -> Result<()> {
    exchange.write(|write| {
        Box::pin(async move {
            let now = write.exchange.database.now();
            let sql = format!(
                "DELETE FROM log_in_rates WHERE busy_until <= {now} OR busy_until > {now} + {BURST_MS} + {CLOCK_TOLERANCE}"
            );
            write.transaction.execute_unprepared(&sql).await?;
            Ok(())
        })
    })
    .await
}
