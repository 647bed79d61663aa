//! Publishes what is in the outbox, on the leading instance: at least once, and the events of one aggregate in order.
//!
//! A pass stamps positions, takes the earliest unpublished event of each aggregate, publishes these, and marks those that
//! arrived. So at most one event of an aggregate is under way, whatever the publisher does with the others.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use entity::{
    event::cloud::CloudEvent,
    outbox::{Column, Entity, Model},
};
use notifier::inbox;
use platform::{database::Database, system::Clock};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, sea_query::Expr,
};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    aside::Aside,
    leader::Leadership,
    publisher::{self, Failure, Publisher},
};

/// How many events a pass publishes.
const BATCH: u64 = 500;
/// How often the outbox is looked into when nobody rings: other instances write, too.
const POLL: Duration = Duration::from_millis(200);
/// How long to wait after a pass in which nothing went through.
const PAUSE: Duration = Duration::from_secs(1);
/// For how long published events are kept.
const KEEP: TimeDelta = TimeDelta::days(7);
/// How often old ones are looked for, and how many are deleted in one statement.
const TRIM: Duration = Duration::from_secs(3600);
const TRIM_BATCH: u64 = 5000;

/// Gives every event the next position. Only the leader does, and a leader that does not know yet that it is one no more
/// fails on the unique position.
const PLACE: &str = "
UPDATE outbox SET position = placed.position
FROM (
    SELECT seq, (SELECT coalesce(max(position), 0) FROM outbox) + row_number() OVER (ORDER BY seq) AS position
    FROM outbox WHERE position IS NULL
) AS placed
WHERE outbox.seq = placed.seq AND outbox.position IS NULL";

/// No earlier event of the same aggregate is unpublished.
const IS_FIRST: &str = "NOT EXISTS (
    SELECT 1 FROM outbox AS earlier
    WHERE earlier.published_at IS NULL
        AND earlier.aggregate_type = outbox.aggregate_type AND earlier.aggregate_id = outbox.aggregate_id
        AND earlier.aggregate_seq < outbox.aggregate_seq)";

/// Relays the outbox.
pub struct Relay {
    pub database: Database,
    pub clock: Clock,
    /// Rung when something was written.
    pub bell: Arc<Notify>,
    pub publisher: Publisher,
}

/// What came of a pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    pub published: usize,
    /// The first failure, where there was one.
    pub failure: Option<String>,
}

impl Relay {
    /// Relays whenever this instance leads, until it is told to stop.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.term() => {}
            }
        }
    }

    /// One term of office.
    async fn term(&self) {
        match Leadership::win(&self.database).await {
            Ok(mut leadership) => {
                tracing::info!("this instance relays events");
                tokio::select! {
                    why = leadership.hold() => tracing::warn!(why, "this instance relays no more"),
                    () = self.lead() => {}
                    () = self.trim_for_ever() => {}
                }
            }
            Err(cause) => tracing::warn!(%cause, "no leader can be elected; trying again"),
        }
        sleep(PAUSE).await;
    }

    async fn lead(&self) {
        let (mut aside, mut in_trouble) = (Aside::default(), false);
        loop {
            let passed = self.pass(&mut aside).await.unwrap_or_else(|cause| Passed {
                published: 0,
                failure: Some(cause.to_string()),
            });
            if let (Some(why), false) = (&passed.failure, in_trouble) {
                tracing::warn!(why, "events do not get through: they wait in the outbox");
            }
            if passed.failure.is_none() && in_trouble {
                tracing::info!("events get through again");
            }
            in_trouble = passed.failure.is_some();
            match passed {
                Passed { published: 1.., .. } => {}
                Passed { failure: None, .. } => {
                    let _ = timeout(POLL, self.bell.notified()).await;
                }
                Passed { .. } => sleep(PAUSE).await,
            }
        }
    }

    /// Publishes the first unpublished event of each aggregate, but for those set aside.
    pub async fn pass(&self, aside: &mut Aside) -> Result<Passed, DbErr> {
        self.place().await?;
        let rows = self.due(aside).await?;
        if rows.is_empty() {
            return Ok(Passed::default());
        }
        let mut events = Vec::with_capacity(rows.len());
        let mut failed = Vec::new();
        for row in rows {
            let id = row.id;
            match CloudEvent::try_from(row) {
                Ok(event) => events.push(event),
                Err(cause) => failed.push((id, Failure::of_the_event(cause))),
            }
        }
        let published = match &self.publisher {
            Publisher::InProcess(bell) => {
                self.hand_over(&events).await?;
                bell.notify_one();
                events.iter().map(|event| event.id).collect()
            }
            Publisher::Kafka { producer, topic } => {
                let outcomes = publisher::publish(producer, topic, &events).await;
                let mut published = Vec::new();
                for (event, outcome) in events.iter().zip(outcomes) {
                    match outcome {
                        Ok(()) => published.push(event.id),
                        Err(failure) => failed.push((event.id, failure)),
                    }
                }
                self.mark(published.clone()).await?;
                published
            }
        };
        let failure = failed.first().map(|(_, failure)| failure.cause.clone());
        aside.learn(&published, failed);
        Ok(Passed {
            published: published.len(),
            failure,
        })
    }

    /// Gives every event its position.
    pub async fn place(&self) -> Result<(), DbErr> {
        let unplaced = Entity::find()
            .filter(Column::Position.is_null())
            .one(self.database.reader());
        if unplaced.await?.is_none() {
            return Ok(());
        }
        self.write(|transaction| {
            Box::pin(async move {
                transaction.execute_unprepared(PLACE).await?;
                Ok(())
            })
        })
        .await
    }

    /// The first unpublished event of each aggregate, but for those set aside.
    pub async fn due(&self, aside: &Aside) -> Result<Vec<Model>, DbErr> {
        Entity::find()
            .filter(Column::PublishedAt.is_null())
            .filter(Column::Id.is_not_in(aside.waiting()))
            .filter(Expr::cust(IS_FIRST))
            .order_by_asc(Column::Seq)
            .limit(BATCH)
            .all(self.database.reader())
            .await
    }

    /// Writes down that these arrived.
    pub async fn mark(&self, ids: Vec<Uuid>) -> Result<(), DbErr> {
        if ids.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        self.write(move |transaction| Box::pin(mark(transaction, ids, now)))
            .await
    }

    /// Publishing without Kafka: into the inbox, and marked, in one transaction.
    async fn hand_over(&self, events: &[CloudEvent]) -> Result<(), DbErr> {
        let (events, now) = (events.to_vec(), self.clock.now());
        self.write(move |transaction| {
            Box::pin(async move {
                inbox::receive(transaction, &events, now).await?;
                let ids = events.iter().map(|event| event.id).collect();
                mark(transaction, ids, now).await
            })
        })
        .await
    }

    async fn trim_for_ever(&self) {
        loop {
            match self.trim().await {
                Ok(TRIM_BATCH) => continue,
                Ok(0) => {}
                Ok(rows) => tracing::info!(rows, "old events are trimmed"),
                Err(cause) => tracing::warn!(%cause, "old events are not trimmed"),
            }
            sleep(TRIM).await;
        }
    }

    /// Deletes events that were published long ago, but the last one, which keeps the count of positions. Gives how many.
    pub async fn trim(&self) -> Result<u64, DbErr> {
        let before = self.clock.now() - KEEP;
        self.write(move |transaction| {
            Box::pin(async move {
                let old = Entity::find()
                    .select_only()
                    .column(Column::Seq)
                    .filter(Column::PublishedAt.lt(before))
                    .filter(Expr::cust("position < (SELECT max(position) FROM outbox)"))
                    .limit(TRIM_BATCH)
                    .into_query();
                let deleted = Entity::delete_many()
                    .filter(Column::Seq.in_subquery(old))
                    .exec(transaction)
                    .await?;
                Ok(deleted.rows_affected)
            })
        })
        .await
    }

    async fn write<T, W>(&self, work: W) -> Result<T, DbErr>
    where
        T: Send + 'static,
        W: for<'c> FnOnce(
                &'c DatabaseTransaction,
            ) -> futures_util::future::BoxFuture<'c, Result<T, DbErr>>
            + Send
            + 'static,
    {
        self.database.write(work).await
    }
}

async fn mark(
    transaction: &DatabaseTransaction,
    ids: Vec<Uuid>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::PublishedAt, Expr::value(now))
        .filter(Column::Id.is_in(ids))
        .filter(Column::PublishedAt.is_null())
        .exec(transaction)
        .await?;
    Ok(())
}
