//! The sender: takes letters from the inbox and sends them. A lease lasts longer than a send can take, so one sender has a
//! letter at a time, and another takes it when that sender dies: at least once, with the same Message-ID.
//!
//! [`lanes`] keeps slow letters from delaying others.

pub mod lanes;

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use entity::{NotificationState, notification};
use outbox::inbox::{self, Recipients, Verdict};
use platform::{
    database::Database,
    system::{Clock, Random},
    trace::{
        context::{Kind, join_trace},
        trace_id,
    },
};
use sea_orm::DbErr;
use tokio::{sync::Notify, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument, field::Empty};

use self::lanes::{Lanes, Permit, Permits};
use crate::{
    heartbeat::Heartbeat,
    letters::{ComposeError, Composed, Composer},
    mailer::{Mailer, Outcome},
    metrics::Metrics,
    release,
};

/// The delays after each failure; after the last one, the letter is dead.
const RETRIES: [TimeDelta; 6] = [
    TimeDelta::seconds(5),
    TimeDelta::minutes(5),
    TimeDelta::minutes(30),
    TimeDelta::hours(2),
    TimeDelta::hours(5),
    TimeDelta::hours(10),
];
/// The interval between two reads of the inbox without a notification.
const POLL: Duration = Duration::from_millis(500);
/// The time allowed on shutdown, besides the timeout of a send, for composing letters and recording outcomes.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(2);
/// The first pause before the outcome of a letter is recorded again.
const RECORD_RETRY: Duration = Duration::from_millis(50);
/// The time before the end of a lease at which the last attempt to record is made.
const LEASE_MARGIN: TimeDelta = TimeDelta::seconds(1);
/// The interval between two deletions of finished rows.
const DELETE_EVERY: Duration = Duration::from_secs(3600);

/// Sends the letters of the inbox.
pub struct Sender {
    pub database: Database,
    pub clock: Clock,
    pub random: Random,
    pub composer: Composer,
    pub mailer: Mailer,
    pub lanes: Lanes,
    pub metrics: Metrics,
    /// Signals new letters.
    pub wake_up: Arc<Notify>,
    pub heartbeat: Heartbeat,
}

impl Sender {
    /// Sends until `stop` is cancelled; then finishes the letters that it has begun, for at most the timeout of a send and
    /// [`SHUTDOWN_GRACE`]. An unfinished letter is sent again when its lease expires.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let deleting = tokio::spawn(self.clone().delete_expired(stop.clone()));
        let deadline = async {
            stop.cancelled().await;
            tokio::time::sleep(self.mailer.timeout() + SHUTDOWN_GRACE).await;
        };
        tokio::select! {
            () = self.send_until(&stop) => {}
            () = deadline => {
                tracing::warn!("letters are still being sent: their leases will expire");
            }
        }
        deleting.abort();
    }

    async fn send_until(self: &Arc<Self>, stop: &CancellationToken) {
        let sends = TaskTracker::new();
        loop {
            let permits = tokio::select! {
                () = stop.cancelled() => break,
                permits = self.lanes.acquire() => permits,
            };
            let started = match self.start_sends(permits, &sends).await {
                Ok(started) => started,
                Err(cause) => {
                    tracing::warn!(%cause, "the inbox could not be read; retrying");
                    0
                }
            };
            if started == 0 {
                tokio::select! {
                    () = stop.cancelled() => {}
                    _ = timeout(POLL, self.wake_up.notified()) => {}
                }
            }
        }
        sends.close();
        sends.wait().await;
    }

    /// Starts a send for each permit, as long as letters are due.
    async fn start_sends(
        self: &Arc<Self>,
        permits: Permits,
        sends: &TaskTracker,
    ) -> Result<usize, DbErr> {
        let (open, reserved) = (permits.open.len() as u64, permits.reserved.len() as u64);
        let (clock, excluded) = (self.clock.clone(), self.lanes.slow_recipients());
        let leased = self.database.write(move |transaction| {
            Box::pin(async move {
                release::release(transaction, transaction.now()).await?;
                let lease = |limit, to| inbox::lease(transaction, limit, to, &excluded, &clock);
                // In sequence: rows leased by the first query are excluded from the second.
                let to_any = lease(open, Recipients::Any).await?;
                let to_responsive = lease(reserved, Recipients::Responsive).await?;
                Ok::<_, DbErr>([to_any, to_responsive])
            })
        });
        let [to_any, to_responsive] = leased.await?;
        self.heartbeat.beat(self.clock.now());
        let started = to_any.len() + to_responsive.len();
        let to_any = to_any.into_iter().zip(permits.open);
        for (row, permit) in to_any.chain(to_responsive.into_iter().zip(permits.reserved)) {
            sends.spawn(self.clone().handle(row, permit));
        }
        Ok(started)
    }

    /// Sends all letters that are due now. Returns how many.
    pub async fn drain(self: &Arc<Self>) -> Result<usize, DbErr> {
        let mut all = 0;
        loop {
            let sends = TaskTracker::new();
            let started = self.start_sends(self.lanes.acquire().await, &sends).await?;
            sends.close();
            sends.wait().await;
            if started == 0 {
                return Ok(all);
            }
            all += started;
        }
    }

    /// Sends a letter and records the outcome. Holds the permit until then, so that no more outcomes are in doubt at once
    /// than there are permits.
    async fn handle(self: Arc<Self>, row: notification::Model, permit: Permit) {
        let recipient = row.recipient_id;
        // The trace of the request that caused the letter, so that the logs of both programs share one id.
        let parent = row.traceparent.as_deref();
        let span = tracing::info_span!(
            "letter",
            trace_id = parent.and_then(trace_id),
            otel.kind = Empty
        );
        join_trace(&span, Kind::Consumer, parent);
        let delivery = self.deliver(row).instrument(span);
        self.lanes.run(permit, recipient, delivery).await;
    }

    async fn deliver(&self, row: notification::Model) {
        let (id, event_id, recipient_id) = (row.id, row.event_id, row.recipient_id);
        let verdict = match self.attempt(&row).await {
            Ok(verdict) => verdict,
            Err(why) => {
                tracing::warn!(notification = id, %event_id, why, "a letter is retried when its lease has expired");
                return;
            }
        };
        let (outcome, said) = match &verdict {
            Verdict::Finished(NotificationState::Sent, said) => ("sent", said),
            Verdict::Finished(NotificationState::Skipped, said) => ("skipped", said),
            Verdict::Finished(_, said) => ("dead", said),
            Verdict::Later(_, said) => ("later", said),
        };
        tracing::info!(notification = id, %event_id, %recipient_id, template = row.template, attempt = row.attempts, outcome, said, "letter");
        self.metrics.letters(outcome).inc();
        if outcome == "sent"
            && let Some(since) = release::expected_since(&row)
        {
            // The clock of the instance that recorded the event may be ahead.
            let delay = (self.clock.now() - since).as_seconds_f64().max(0.0);
            self.metrics.delay.0.observe(delay);
        }
        self.record(row, verdict).await;
    }

    /// Records the outcome of a letter. Retries until shortly before the lease ends: a letter without a recorded outcome is
    /// sent again.
    async fn record(&self, row: notification::Model, verdict: Verdict) {
        let id = row.id;
        let mut pause = RECORD_RETRY;
        loop {
            let (row, verdict) = (row.clone(), verdict.clone());
            let lasts = self.lease_of(&row) > LEASE_MARGIN;
            let recorded = self.database.write(move |transaction| {
                Box::pin(async move { inbox::record(transaction, &row, verdict).await })
            });
            match recorded.await {
                Ok(()) => return,
                Err::<_, DbErr>(cause) if lasts => {
                    tracing::warn!(notification = id, %cause, "the outcome of a letter could not be recorded; retrying");
                }
                Err(cause) => {
                    tracing::error!(notification = id, %cause, "the outcome of a letter could not be recorded: it will be sent again");
                    return;
                }
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(POLL);
        }
    }

    /// Returns the remaining time of the lease.
    fn lease_of(&self, row: &notification::Model) -> TimeDelta {
        row.lease_until
            .map_or(TimeDelta::zero(), |until| until - self.clock.now())
    }

    /// Returns the time left for composing: the full timeout of a send must fit into the lease afterwards.
    fn time_to_compose(&self, row: &notification::Model) -> Duration {
        let left = self.lease_of(row).to_std().unwrap_or_default();
        left.saturating_sub(self.mailer.timeout())
    }

    /// Composes and sends a letter. Fails, without an outcome, when so much of the lease is over that another sender might
    /// take the letter, or when the database is unreachable. The letter is then sent when its lease has expired.
    async fn attempt(&self, row: &notification::Model) -> Result<Verdict, String> {
        let too_late = || "composing it took too long".to_owned();
        let composing = timeout(self.time_to_compose(row), self.composer.compose(row));
        let composed = composing.await.map_err(|_| too_late())?;
        if self.time_to_compose(row).is_zero() {
            return Err(too_late());
        }
        let finished = |state, said: &str| Ok(Verdict::Finished(state, said.to_owned()));
        let letter = match composed {
            Ok(Composed::Letter(letter)) => letter,
            Ok(Composed::Skip(why)) => return finished(NotificationState::Skipped, why),
            Ok(Composed::Impossible(why)) => return finished(NotificationState::Dead, why),
            Err(ComposeError::Database(cause)) => {
                return Err(format!("it could not be composed: {cause}"));
            }
            // An unknown event or template: only another version can send it.
            Err(cause) => return finished(NotificationState::Dead, &cause.to_string()),
        };
        Ok(match self.mailer.send(&letter).await {
            Outcome::Sent(said) => Verdict::Finished(NotificationState::Sent, said),
            Outcome::Never(said) => Verdict::Finished(NotificationState::Dead, said),
            Outcome::Later(said) => self.retry(row, said),
        })
    }

    /// Returns the verdict with the delay after this attempt, with 20 % jitter so that letters that failed together are
    /// spread out; without a delay after the last attempt.
    fn retry(&self, row: &notification::Model, said: String) -> Verdict {
        let nth = usize::try_from(row.attempts - 1).unwrap_or(0);
        let Some(wait) = RETRIES.get(nth) else {
            return Verdict::Finished(NotificationState::Dead, said);
        };
        let [chance] = self.random.bytes();
        let wait = *wait * (800 + i32::from(chance) * 400 / 255) / 1000;
        Verdict::Later(wait, said)
    }

    /// Deletes finished rows after their retention.
    async fn delete_expired(self: Arc<Self>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let deleted = self
                .database
                .write(|transaction| Box::pin(inbox::delete_expired(transaction)));
            if let Err::<_, DbErr>(cause) = deleted.await {
                tracing::warn!(%cause, "old rows of the inbox could not be deleted; retrying later");
            }
            let _ = timeout(DELETE_EVERY, stop.cancelled()).await;
        }
    }
}
