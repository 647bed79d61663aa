//! Takes letters out of the inbox and sends them. A row is leased for longer than a send can take, so a letter is in
//! the hands of one sender, and comes back when that sender dies: at least once, with the same Message-ID.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{NotificationState, notification};
use platform::{
    database::Database,
    system::{Clock, Random},
};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait, LockBehavior, LockType},
};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    letters::{Composed, Composer},
    mailer::{self, Mailer, Outcome},
    metrics::Metrics,
};

/// How many letters one process sends at once.
pub const CONCURRENCY: usize = 16;
/// For how long a row is taken: a send's time-out, and as much again for the database before and after it.
const LEASE: TimeDelta = TimeDelta::seconds(30);
/// How long after each failure the next attempt is made; after the last, the letter is dead.
const RETRIES: [TimeDelta; 6] = [
    TimeDelta::seconds(5),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
];
/// How often the inbox is looked into when nobody rings.
const POLL: Duration = Duration::from_millis(500);
/// For how long a finished row is kept; it must be longer than Kafka keeps records, or a replay would send again.
const KEEP: TimeDelta = TimeDelta::days(30);
/// How often finished rows are looked through.
const SWEEP: Duration = Duration::from_secs(3600);

/// Sends what the inbox holds.
pub struct Sender {
    pub database: Database,
    pub clock: Clock,
    pub random: Random,
    pub composer: Composer,
    pub mailer: Mailer,
    pub metrics: Metrics,
    /// Rung when something came in.
    pub bell: Arc<Notify>,
}

impl Sender {
    /// Sends until it is told to stop; then finishes what it has begun.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let (slots, sends) = (Arc::new(Semaphore::new(CONCURRENCY)), TaskTracker::new());
        let sweeping = sends.spawn(self.clone().sweep(stop.clone()));
        while !stop.is_cancelled() {
            let begun = match self.round(&slots, &sends).await {
                Ok(begun) => begun,
                Err(cause) => {
                    tracing::warn!(%cause, "the inbox cannot be read; trying again");
                    0
                }
            };
            if begun == 0 {
                tokio::select! {
                    () = stop.cancelled() => {}
                    _ = timeout(POLL, self.bell.notified()) => {}
                }
            }
        }
        sends.close();
        if timeout(mailer::TIMEOUT, sends.wait()).await.is_err() {
            tracing::warn!("letters are still under way: their leases will run out");
        }
        sweeping.abort();
    }

    /// Begins as many sends as there are free slots and waiting letters.
    async fn round(
        self: &Arc<Self>,
        slots: &Arc<Semaphore>,
        sends: &TaskTracker,
    ) -> Result<usize, DbErr> {
        let Ok(first) = slots.clone().acquire_owned().await else {
            return Ok(0);
        };
        let mut permits = vec![first];
        while let Ok(one) = slots.clone().try_acquire_owned() {
            permits.push(one);
        }
        let rows = self.take(permits.len() as u64).await?;
        let begun = rows.len();
        for (row, permit) in rows.into_iter().zip(permits) {
            sends.spawn(self.clone().handle(row, permit));
        }
        Ok(begun)
    }

    /// Sends what is due now, to the last letter, and gives how many there were.
    pub async fn drain(self: &Arc<Self>) -> Result<usize, DbErr> {
        let (slots, mut all) = (Arc::new(Semaphore::new(CONCURRENCY)), 0);
        loop {
            let sends = TaskTracker::new();
            let begun = self.round(&slots, &sends).await?;
            sends.close();
            sends.wait().await;
            if begun == 0 {
                return Ok(all);
            }
            all += begun;
        }
    }

    /// Leases up to `limit` letters that are due, the longest waiting first.
    async fn take(&self, limit: u64) -> Result<Vec<notification::Model>, DbErr> {
        let now = self.clock.now();
        self.database
            .write(move |transaction| Box::pin(lease(transaction, now, limit)))
            .await
    }

    async fn handle(self: Arc<Self>, row: notification::Model, _slot: OwnedSemaphorePermit) {
        let (id, event_id, recipient_id) = (row.id, row.event_id, row.recipient_id);
        let outcome = self.attempt(&row).await;
        let (verdict, said) = match &outcome {
            Verdict::Finished(NotificationState::Sent, said) => ("sent", said),
            Verdict::Finished(NotificationState::Skipped, said) => ("skipped", said),
            Verdict::Finished(_, said) => ("dead", said),
            Verdict::Later(said) => ("later", said),
        };
        tracing::info!(notification = id, %event_id, %recipient_id, template = row.template, attempt = row.attempts, verdict, said, "letter");
        self.metrics.letters(verdict).inc();
        if verdict == "sent" {
            let delay = self.clock.now() - row.created_at;
            self.metrics.delay.0.observe(delay.as_seconds_f64());
        }
        if let Err(cause) = self.record(row, outcome).await {
            tracing::error!(notification = id, %cause, "what became of a letter is not written down: it will be sent again");
        }
    }

    async fn attempt(&self, row: &notification::Model) -> Verdict {
        let letter = match self.composer.compose(row).await {
            Ok(Composed::Letter(letter)) => letter,
            Ok(Composed::Nothing(why)) => {
                return Verdict::Finished(NotificationState::Skipped, why.to_owned());
            }
            Ok(Composed::Never(why)) => {
                return Verdict::Finished(NotificationState::Dead, why.to_owned());
            }
            Err(cause) => return self.later(row, format!("it cannot be composed: {cause}")),
        };
        match self.mailer.send(&letter).await {
            Outcome::Sent(said) => Verdict::Finished(NotificationState::Sent, said),
            Outcome::Never(said) => Verdict::Finished(NotificationState::Dead, said),
            Outcome::Later(said) => self.later(row, said),
        }
    }

    fn later(&self, row: &notification::Model, said: String) -> Verdict {
        if usize::try_from(row.attempts).unwrap_or(usize::MAX) > RETRIES.len() {
            Verdict::Finished(NotificationState::Dead, said)
        } else {
            Verdict::Later(said)
        }
    }

    /// Writes down what became of a letter, unless its lease ran out and another sender has it.
    async fn record(&self, row: notification::Model, verdict: Verdict) -> Result<(), DbErr> {
        use notification::Column;
        let now = self.clock.now();
        let (state, said, next, finished) = match verdict {
            Verdict::Finished(state, said) => (state, said, None, Some(now)),
            Verdict::Later(said) => {
                let next = now + self.back_off(row.attempts);
                (NotificationState::Waiting, said, Some(next), None)
            }
        };
        self.database
            .write(move |transaction| {
                Box::pin(async move {
                    notification::Entity::update_many()
                        .col_expr(Column::State, Expr::value(state))
                        .col_expr(Column::SmtpResponse, Expr::value(said))
                        .col_expr(Column::NextAttemptAt, Expr::value(next))
                        .col_expr(Column::FinishedAt, Expr::value(finished))
                        .col_expr(Column::LeaseUntil, Expr::value(None::<DateTime<Utc>>))
                        .filter(Column::Id.eq(row.id))
                        .filter(Column::Attempts.eq(row.attempts))
                        .filter(Column::State.eq(NotificationState::Waiting))
                        .exec(transaction)
                        .await?;
                    Ok(())
                })
            })
            .await
    }

    /// The wait after this many attempts, a fifth more or less, so that letters that failed together do not come back
    /// together.
    fn back_off(&self, attempts: i64) -> TimeDelta {
        let nth = usize::try_from(attempts - 1).unwrap_or(0);
        let wait = RETRIES[nth.min(RETRIES.len() - 1)];
        let [chance] = self.random.bytes();
        wait * (800 + i32::from(chance) * 400 / 255) / 1000
    }

    /// Deletes rows that were finished long ago.
    async fn sweep(self: Arc<Self>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let before = self.clock.now() - KEEP;
            let swept = self.database.write(move |transaction| {
                Box::pin(async move {
                    notification::Entity::delete_many()
                        .filter(notification::Column::FinishedAt.lt(before))
                        .exec(transaction)
                        .await
                })
            });
            if let Err::<_, DbErr>(cause) = swept.await {
                tracing::warn!(%cause, "old rows of the inbox are not swept; trying again later");
            }
            let _ = timeout(SWEEP, stop.cancelled()).await;
        }
    }
}

enum Verdict {
    Finished(NotificationState, String),
    Later(String),
}

async fn lease(
    transaction: &DatabaseTransaction,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<notification::Model>, DbErr> {
    use notification::Column;
    let free = Condition::any()
        .add(Column::LeaseUntil.is_null())
        .add(Column::LeaseUntil.lte(now));
    let mut rows = notification::Entity::find()
        .filter(Column::State.eq(NotificationState::Waiting))
        .filter(Column::NextAttemptAt.lte(now))
        .filter(free)
        .order_by_asc(Column::NextAttemptAt)
        .order_by_asc(Column::Id)
        .limit(limit)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .all(transaction)
        .await?;
    if rows.is_empty() {
        return Ok(rows);
    }
    notification::Entity::update_many()
        .col_expr(Column::LeaseUntil, Expr::value(now + LEASE))
        .col_expr(Column::Attempts, Expr::col(Column::Attempts).add(1))
        .filter(Column::Id.is_in(rows.iter().map(|row| row.id)))
        .exec(transaction)
        .await?;
    for row in &mut rows {
        row.attempts += 1;
    }
    Ok(rows)
}
