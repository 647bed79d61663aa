//! The relay: publishes the events of the outbox on the leading instance, at least once, the events of an aggregate in
//! order.
//!
//! A step assigns positions, sends the earliest unpublished event of each aggregate that has none in flight, and marks the
//! events that were delivered. So at most one event of an aggregate is in flight, and no aggregate waits for another.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use entity::{
    event::cloud::CloudEvent,
    outbox::{Column, Entity, Model},
};
use futures_util::future::BoxFuture;
use platform::database::{Database, Transaction, is_one_of};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use tokio::{
    sync::Notify,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    feed::EventFeed,
    in_flight::InFlight,
    inbox::{self, Addressing},
    leader::Task,
    publisher::{self, Failure, Publisher},
};

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
    pub wake_up: Arc<Notify>,
    /// Notified when events have got their positions.
    pub feed: EventFeed,
    pub publisher: Publisher,
}

/// The outcome of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    pub published: usize,
    pub first_failure: Option<String>,
}

#[async_trait]
impl Task for Relay {
    /// Relays until `stop` is cancelled. Then it sends nothing more, and waits for the events in flight.
    async fn run(&self, stop: &CancellationToken) {
        let mut in_flight = InFlight::default();
        stop.run_until_cancelled(self.relay(&mut in_flight)).await;
        self.drain(&mut in_flight).await;
    }
}

impl Relay {
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

    async fn relay(&self, in_flight: &mut InFlight) {
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
            _ = timeout(POLL, self.wake_up.notified()) => {}
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
            Publisher::Inbox {
                addressing,
                wake_up,
            } if !events.is_empty() => {
                self.deliver_to_inbox(&events, *addressing).await?;
                wake_up.notify_one();
                Ok(events.len())
            }
            Publisher::Inbox { .. } => Ok(0),
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
    async fn deliver_to_inbox(
        &self,
        events: &[CloudEvent],
        addressing: Addressing,
    ) -> Result<(), DbErr> {
        let events = events.to_vec();
        self.write(move |transaction| {
            Box::pin(async move {
                inbox::receive(transaction, &events, addressing).await?;
                let ids = events.iter().map(|event| event.id).collect();
                mark(transaction, ids).await
            })
        })
        .await
    }

    async fn write<W>(&self, work: W) -> Result<(), DbErr>
    where
        W: for<'c> FnOnce(&'c Transaction) -> BoxFuture<'c, Result<(), DbErr>> + Send + 'static,
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
