//! The relay: publishes the events of the outbox on the leading instance, at least once, the events of an aggregate in order.
//!
//! A step assigns positions, sends the earliest unpublished event of each aggregate that has none in flight, and marks the
//! events that were delivered. So at most one event of an aggregate is in flight, and no aggregate waits for another.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use entity::{
    event::cloud::CloudEvent,
    outbox::{Column, Entity, Model},
};
use notifier::inbox;
use platform::{
    database::{Database, Transaction, is_one_of},
    metrics::GaugeGuard,
};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    QueryTrait,
    sea_query::{Expr, ExprTrait},
};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    feed::{EventFeed, PUBLIC},
    in_flight::InFlight,
    leader::Leadership,
    publisher::{self, Failure, Publisher},
};
use crate::metrics::Metrics;

/// The most events in flight.
const MAX_IN_FLIGHT: usize = 500;
/// The time in which completions and new events are collected, so that one transaction serves many.
const BATCHING_DELAY: Duration = Duration::from_millis(5);
/// The interval between two reads of the outbox without a notification: other instances write, too.
const POLL: Duration = Duration::from_millis(200);
/// The pause after a failure while nothing is published.
const RETRY_DELAY: Duration = Duration::from_secs(1);
/// The time allowed on shutdown for events in flight. The next leader sends again the ones that were not marked.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);
/// The retention of published events.
const RETENTION: TimeDelta = TimeDelta::days(7);
/// The interval between two deletions of old events, and the most that one statement deletes.
const TRIM_EVERY: Duration = Duration::from_secs(3600);
const TRIM_BATCH: u64 = 5000;

/// Gives each new event the next position. Only the leader does so; one that has lost the leadership without knowing it yet
/// fails on the unique index.
const ASSIGN_POSITIONS: &str = "
UPDATE outbox SET position = placed.position
FROM (
    SELECT seq, (SELECT coalesce(max(position), 0) FROM outbox) + row_number() OVER (ORDER BY seq) AS position
    FROM outbox WHERE position IS NULL
) AS placed
WHERE outbox.seq = placed.seq AND outbox.position IS NULL";

/// True when no earlier event of the same aggregate is unpublished.
const IS_FIRST: &str = "NOT EXISTS (
    SELECT 1 FROM outbox AS earlier
    WHERE earlier.published_at IS NULL
        AND earlier.aggregate_type = outbox.aggregate_type AND earlier.aggregate_id = outbox.aggregate_id
        AND earlier.aggregate_seq < outbox.aggregate_seq)";

/// Publishes the events of the outbox.
pub struct Relay {
    pub database: Database,
    /// Signals that events were recorded.
    pub bell: Arc<Notify>,
    /// Notified when events have got their positions.
    pub feed: EventFeed,
    pub metrics: Metrics,
    pub publisher: Publisher,
}

/// The outcome of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    pub published: usize,
    pub first_failure: Option<String>,
}

impl Relay {
    /// Relays while this instance is the leader, until `stop` is cancelled. Then it sends nothing more, waits for the events in
    /// flight, and releases the leadership.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            self.lead_until_lost(&stop).await;
        }
    }

    /// Waits for the leadership, and relays until it is lost or `stop` is cancelled.
    async fn lead_until_lost(&self, stop: &CancellationToken) {
        let acquired = tokio::select! {
            () = stop.cancelled() => return,
            acquired = Leadership::acquire(&self.database) => acquired,
        };
        match acquired {
            Ok(mut leadership) => {
                tracing::info!("this instance is the leader: it relays events");
                let _leads = GaugeGuard::new(&self.metrics.leads);
                let mut in_flight = InFlight::default();
                tokio::select! {
                    () = stop.cancelled() => {}
                    why = leadership.until_lost() => tracing::warn!(why, "this instance is no longer the leader"),
                    () = self.lead(&mut in_flight) => {}
                    () = self.trim_periodically() => {}
                }
                if stop.is_cancelled() {
                    self.drain(&mut in_flight).await;
                    leadership.release().await;
                    tracing::info!("this instance is no longer the leader: it shuts down");
                }
            }
            Err(cause) => tracing::warn!(%cause, "the election of a leader failed; retrying"),
        }
        let _ = timeout(RETRY_DELAY, stop.cancelled()).await;
    }

    /// Waits for the events in flight, and marks those that were published.
    pub async fn drain(&self, in_flight: &mut InFlight) {
        let completion = async {
            while !in_flight.is_empty() {
                in_flight.completed().await;
                self.mark_completed(in_flight).await?;
            }
            Ok::<_, DbErr>(())
        };
        match timeout(DRAIN_TIMEOUT, completion).await {
            Ok(Ok(())) => {}
            Ok(Err(cause)) => {
                tracing::warn!(%cause, "published events could not be marked: they will be sent again");
            }
            Err(_) => tracing::warn!("events are still in flight: they will be sent again"),
        }
    }

    async fn lead(&self, in_flight: &mut InFlight) {
        let mut failing = false;
        loop {
            let (succeeded, failure) = match self.step(in_flight).await {
                Ok(step) => (step.published > 0, step.first_failure),
                Err(cause) => (false, Some(cause.to_string())),
            };
            match failure {
                Some(why) if !failing => {
                    tracing::warn!(why, "events cannot be published: they stay in the outbox");
                    failing = true;
                }
                None if failing && succeeded && in_flight.backoff.is_empty() => {
                    tracing::info!("events are published again");
                    failing = false;
                }
                Some(_) if !succeeded => sleep(RETRY_DELAY).await,
                _ => {}
            }
        }
    }

    /// Sends the events that are due and marks the completed ones, or waits for either.
    async fn step(&self, in_flight: &mut InFlight) -> Result<Step, DbErr> {
        let delivered = self.send_due(in_flight).await?;
        if delivered > 0 {
            return Ok(Step {
                published: delivered,
                first_failure: None,
            });
        }
        tokio::select! {
            () = in_flight.completed() => {}
            _ = timeout(POLL, self.bell.notified()) => {}
        }
        sleep(BATCHING_DELAY).await;
        self.mark_completed(in_flight).await
    }

    /// Sends the first unpublished event of each aggregate that is neither in flight nor backing off. Returns how many were
    /// published at once, as they are without Kafka.
    pub async fn send_due(&self, in_flight: &mut InFlight) -> Result<usize, DbErr> {
        self.assign_positions().await?;
        let mut events = Vec::new();
        for row in self.due(in_flight).await? {
            let id = row.id;
            match CloudEvent::try_from(row) {
                Ok(event) => events.push(event),
                Err(cause) => in_flight
                    .backoff
                    .failed(id, Failure::event_specific(cause), true),
            }
        }
        match &self.publisher {
            Publisher::InProcess(bell) if !events.is_empty() => {
                self.deliver_to_inbox(&events).await?;
                bell.notify_one();
                Ok(events.len())
            }
            Publisher::InProcess(_) => Ok(0),
            Publisher::Kafka { producer, topic } => {
                for event in events {
                    in_flight.send(event.id, publisher::publish(producer, topic, event));
                }
                Ok(0)
            }
        }
    }

    /// Marks the events that were published since the last call.
    pub async fn mark_completed(&self, in_flight: &mut InFlight) -> Result<Step, DbErr> {
        let completed = in_flight.take_completed();
        let published = completed.published.len();
        self.mark_published(completed.published).await?;
        Ok(Step {
            published,
            first_failure: completed.first_failure,
        })
    }

    /// Gives every event a position.
    pub async fn assign_positions(&self) -> Result<(), DbErr> {
        let without_position = Entity::find()
            .filter(Column::Position.is_null())
            .one(self.database.reader());
        if without_position.await?.is_none() {
            return Ok(());
        }
        self.write(|transaction| {
            Box::pin(async move {
                transaction.execute_unprepared(ASSIGN_POSITIONS).await?;
                Ok(())
            })
        })
        .await?;
        self.feed.notify();
        Ok(())
    }

    /// Returns the first unpublished event of each aggregate that is neither in flight nor backing off.
    pub async fn due(&self, in_flight: &InFlight) -> Result<Vec<Model>, DbErr> {
        let free = MAX_IN_FLIGHT.saturating_sub(in_flight.len());
        Entity::find()
            .filter(Column::PublishedAt.is_null())
            .filter(Column::Id.is_not_in(in_flight.excluded()))
            .filter(Expr::cust(IS_FIRST))
            .order_by_asc(Column::Seq)
            .limit(free as u64)
            .all(self.database.reader())
            .await
    }

    /// Marks these events as published.
    pub async fn mark_published(&self, ids: Vec<Uuid>) -> Result<(), DbErr> {
        if ids.is_empty() {
            return Ok(());
        }
        self.write(move |transaction| Box::pin(mark(transaction, ids)))
            .await
    }

    /// Publishes without Kafka: puts events into the inbox and marks them, in one transaction.
    async fn deliver_to_inbox(&self, events: &[CloudEvent]) -> Result<(), DbErr> {
        let events = events.to_vec();
        self.write(move |transaction| {
            Box::pin(async move {
                inbox::receive(transaction, &events).await?;
                let ids = events.iter().map(|event| event.id).collect();
                mark(transaction, ids).await
            })
        })
        .await
    }

    async fn trim_periodically(&self) {
        loop {
            match self.trim().await {
                Ok(TRIM_BATCH) => continue,
                Ok(0) => {}
                Ok(rows) => tracing::info!(rows, "old events were deleted"),
                Err(cause) => tracing::warn!(%cause, "old events could not be deleted"),
            }
            sleep(TRIM_EVERY).await;
        }
    }

    /// Deletes events that were published before the retention period, by the clock of the database, oldest first. Deletes none
    /// that follows one that stays, so that a client that resumes from an existing event misses nothing. Keeps the last event,
    /// which holds the count of positions, and the last public one, which clients may know. Returns how many were deleted.
    pub async fn trim(&self) -> Result<u64, DbErr> {
        self.write(|transaction| {
            Box::pin(async move {
                let before = transaction.now() - RETENTION;
                let young = Column::PublishedAt
                    .is_null()
                    .or(Column::PublishedAt.gte(before));
                let placed = Entity::find().filter(Column::Position.is_not_null());
                let young = placed.clone().filter(young).order_by_asc(Column::Position);
                let last = placed.order_by_desc(Column::Position);
                let public = last
                    .clone()
                    .filter(Expr::cust(PUBLIC))
                    .one(transaction)
                    .await?;
                let stays = match young.one(transaction).await? {
                    Some(young) => Some(young),
                    None => last.one(transaction).await?,
                };
                let Some(stays) = stays else {
                    return Ok(0);
                };
                let old = Entity::find()
                    .select_only()
                    .column(Column::Seq)
                    .filter(Column::Position.lt(stays.position))
                    .filter(Column::Seq.is_not_in(public.map(|public| public.seq)))
                    .order_by_asc(Column::Position)
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
        W: for<'c> FnOnce(&'c Transaction) -> futures_util::future::BoxFuture<'c, Result<T, DbErr>>
            + Send
            + 'static,
    {
        self.database.write(work).await
    }
}

/// Marks events as published, by the clock of the database: any instance may be the one that deletes them.
async fn mark(transaction: &Transaction, ids: Vec<Uuid>) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::PublishedAt, Expr::value(transaction.now()))
        .filter(is_one_of(transaction, Column::Id, &ids))
        .filter(Column::PublishedAt.is_null())
        .exec(transaction)
        .await?;
    Ok(())
}
