//! Takes letters out of the inbox and sends them. A row is leased for longer than a send can take, so a letter is in
//! the hands of one sender, and comes back when that sender dies: at least once, with the same Message-ID.
//!
//! [`lanes`] keeps letters that hang from holding up others.

pub mod lanes;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{NotificationState, notification};
use platform::{
    database::Database,
    system::{Clock, Random},
};
use sea_orm::DbErr;
use tokio::{sync::Notify, time::timeout};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::lanes::{Lanes, Place};
use crate::{
    inbox::{self, Verdict},
    letters::{ComposeError, Composed, Composer},
    mailer::{self, Mailer, Outcome},
    metrics::Metrics,
};

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
/// How often finished rows are looked through.
const SWEEP: Duration = Duration::from_secs(3600);

/// Sends what the inbox holds.
pub struct Sender {
    pub database: Database,
    pub clock: Clock,
    pub random: Random,
    pub composer: Composer,
    pub mailer: Mailer,
    pub lanes: Lanes,
    pub metrics: Metrics,
    /// Rung when something came in.
    pub bell: Arc<Notify>,
}

impl Sender {
    /// Sends until it is told to stop; then finishes what it has begun.
    pub async fn run(self: Arc<Self>, stop: CancellationToken) {
        let sends = TaskTracker::new();
        let sweeping = tokio::spawn(self.clone().sweep(stop.clone()));
        loop {
            let places = tokio::select! {
                () = stop.cancelled() => break,
                places = self.lanes.free() => places,
            };
            let begun = match self.round(places, &sends).await {
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

    /// Begins a send for each of these places, as far as letters are due.
    async fn round(
        self: &Arc<Self>,
        places: Vec<Place>,
        sends: &TaskTracker,
    ) -> Result<usize, DbErr> {
        let (limit, now) = (places.len() as u64, self.clock.now());
        let passed_over = self.lanes.waited_for();
        let leased = self
            .database
            .write(move |transaction| Box::pin(inbox::lease(transaction, limit, passed_over, now)));
        let rows = leased.await?;
        let begun = rows.len();
        for (row, place) in rows.into_iter().zip(places) {
            sends.spawn(self.clone().handle(row, place));
        }
        Ok(begun)
    }

    /// Sends what is due now, to the last letter, and gives how many there were.
    pub async fn drain(self: &Arc<Self>) -> Result<usize, DbErr> {
        let mut all = 0;
        loop {
            let sends = TaskTracker::new();
            let begun = self.round(self.lanes.free().await, &sends).await?;
            sends.close();
            sends.wait().await;
            if begun == 0 {
                return Ok(all);
            }
            all += begun;
        }
    }

    async fn handle(self: Arc<Self>, row: notification::Model, place: Place) {
        let (id, event_id, recipient_id) = (row.id, row.event_id, row.recipient_id);
        let send = self.attempt(&row);
        let verdict = self.lanes.run(place, recipient_id, send).await;
        let (outcome, said) = match &verdict {
            Verdict::Finished(NotificationState::Sent, said) => ("sent", said),
            Verdict::Finished(NotificationState::Skipped, said) => ("skipped", said),
            Verdict::Finished(_, said) => ("dead", said),
            Verdict::Later(_, said) => ("later", said),
        };
        tracing::info!(notification = id, %event_id, %recipient_id, template = row.template, attempt = row.attempts, outcome, said, "letter");
        self.metrics.letters(outcome).inc();
        let now = self.clock.now();
        if outcome == "sent" {
            let delay = now - happened_at(&row);
            self.metrics.delay.0.observe(delay.as_seconds_f64());
        }
        let recorded = self.database.write(move |transaction| {
            Box::pin(async move { inbox::record(transaction, &row, verdict, now).await })
        });
        if let Err::<_, DbErr>(cause) = recorded.await {
            tracing::error!(notification = id, %cause, "what became of a letter is not written down: it will be sent again");
        }
    }

    async fn attempt(&self, row: &notification::Model) -> Verdict {
        let finished = |state, said: &str| Verdict::Finished(state, said.to_owned());
        let letter = match self.composer.compose(row).await {
            Ok(Composed::Letter(letter)) => letter,
            Ok(Composed::Nothing(why)) => return finished(NotificationState::Skipped, why),
            Ok(Composed::Never(why)) => return finished(NotificationState::Dead, why),
            Err(ComposeError::Database(cause)) => {
                return self.later(row, format!("it cannot be composed: {cause}"));
            }
            // An event or a template that this version does not know: no wait helps, only another version.
            Err(cause) => return finished(NotificationState::Dead, &cause.to_string()),
        };
        match self.mailer.send(&letter).await {
            Outcome::Sent(said) => Verdict::Finished(NotificationState::Sent, said),
            Outcome::Never(said) => Verdict::Finished(NotificationState::Dead, said),
            Outcome::Later(said) => self.later(row, said),
        }
    }

    /// The wait after this attempt, a fifth more or less, so that letters that failed together do not come back together.
    /// There is none after the last.
    fn later(&self, row: &notification::Model, said: String) -> Verdict {
        let nth = usize::try_from(row.attempts - 1).unwrap_or(0);
        let Some(wait) = RETRIES.get(nth) else {
            return Verdict::Finished(NotificationState::Dead, said);
        };
        let [chance] = self.random.bytes();
        let wait = *wait * (800 + i32::from(chance) * 400 / 255) / 1000;
        Verdict::Later(self.clock.now() + wait, said)
    }

    /// Deletes rows that were finished long ago.
    async fn sweep(self: Arc<Self>, stop: CancellationToken) {
        while !stop.is_cancelled() {
            let now = self.clock.now();
            let swept = self
                .database
                .write(move |transaction| Box::pin(inbox::sweep(transaction, now)));
            if let Err::<_, DbErr>(cause) = swept.await {
                tracing::warn!(%cause, "old rows of the inbox are not swept; trying again later");
            }
            let _ = timeout(SWEEP, stop.cancelled()).await;
        }
    }
}

/// When the event happened: its id is a UUID v7 of that moment. Of an id that is none, when it came in.
fn happened_at(row: &notification::Model) -> DateTime<Utc> {
    let stamped = row.event_id.get_timestamp().and_then(|timestamp| {
        let (seconds, nanoseconds) = timestamp.to_unix();
        DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
    });
    stamped.unwrap_or(row.created_at)
}
