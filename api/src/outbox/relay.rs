//! Publishes what is in the outbox, on the leading instance: at least once, and the events of one aggregate in order.
//!
//! A turn stamps positions, sends the earliest unpublished event of each aggregate that has none under way, and marks those
//! that have arrived. So at most one event of an aggregate is under way, and none waits for another aggregate's.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use entity::{
    event::cloud::CloudEvent,
    outbox::{Column, Entity, Model},
};
use notifier::inbox;
use platform::database::{Database, Transaction, among};
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
    flight::Flight,
    leader::Leadership,
    publisher::{self, Failure, Publisher},
    tail::{PUBLIC, Tail},
};
use crate::metrics::{Held, Metrics};

/// How many events are under way at the most.
const UNDER_WAY: usize = 500;
/// For how long arrivals and departures are gathered, so that one transaction is for many.
const GATHER: Duration = Duration::from_millis(5);
/// How often the outbox is looked into when nobody rings: other instances write, too.
const POLL: Duration = Duration::from_millis(200);
/// How long to wait after a failure while nothing gets through.
const PAUSE: Duration = Duration::from_secs(1);
/// How long events that are under way may take when the instance stops. The next leader sends again what has no mark.
const FAREWELL: Duration = Duration::from_secs(2);
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
    /// Rung when something was written.
    pub bell: Arc<Notify>,
    /// Told when events have got their positions.
    pub tail: Tail,
    pub metrics: Metrics,
    pub publisher: Publisher,
}

/// What came of a turn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    pub published: usize,
    /// The first failure, where there was one.
    pub failure: Option<String>,
}

impl Relay {
    /// Relays whenever this instance leads, until it is told to stop. Then it sends nothing more, marks what is still under
    /// way, and gives the leadership back.
    pub async fn run(self, stop: CancellationToken) {
        while !stop.is_cancelled() {
            self.term(&stop).await;
        }
    }

    /// One term of office.
    async fn term(&self, stop: &CancellationToken) {
        let won = tokio::select! {
            () = stop.cancelled() => return,
            won = Leadership::win(&self.database) => won,
        };
        match won {
            Ok(mut leadership) => {
                tracing::info!("this instance relays events");
                let _leads = Held::one(&self.metrics.leads);
                let mut flight = Flight::default();
                tokio::select! {
                    () = stop.cancelled() => {}
                    why = leadership.hold() => tracing::warn!(why, "this instance relays no more"),
                    () = self.lead(&mut flight) => {}
                    () = self.trim_for_ever() => {}
                }
                if stop.is_cancelled() {
                    self.land(&mut flight).await;
                    leadership.resign().await;
                    tracing::info!("this instance relays no more, since it stops");
                }
            }
            Err(cause) => tracing::warn!(%cause, "no leader can be elected; trying again"),
        }
        let _ = timeout(PAUSE, stop.cancelled()).await;
    }

    /// Waits for what is under way, and marks it.
    pub async fn land(&self, flight: &mut Flight) {
        let landing = async {
            while !flight.is_empty() {
                flight.landing().await;
                self.arrive(flight).await?;
            }
            Ok::<_, DbErr>(())
        };
        match timeout(FAREWELL, landing).await {
            Ok(Ok(())) => {}
            Ok(Err(cause)) => {
                tracing::warn!(%cause, "what was published is not marked: it will be sent again");
            }
            Err(_) => tracing::warn!("events are still under way: they will be sent again"),
        }
    }

    async fn lead(&self, flight: &mut Flight) {
        let mut in_trouble = false;
        loop {
            let (got_through, failure) = match self.turn(flight).await {
                Ok(turn) => (turn.published > 0, turn.failure),
                Err(cause) => (false, Some(cause.to_string())),
            };
            match failure {
                Some(why) if !in_trouble => {
                    tracing::warn!(why, "events do not get through: they wait in the outbox");
                    in_trouble = true;
                }
                None if in_trouble && got_through && flight.aside.is_empty() => {
                    tracing::info!("events get through again");
                    in_trouble = false;
                }
                Some(_) if !got_through => sleep(PAUSE).await,
                _ => {}
            }
        }
    }

    /// Sends what is due, and takes in what has arrived, or waits for either.
    async fn turn(&self, flight: &mut Flight) -> Result<Turn, DbErr> {
        let handed_over = self.depart(flight).await?;
        if handed_over > 0 {
            return Ok(Turn {
                published: handed_over,
                failure: None,
            });
        }
        tokio::select! {
            () = flight.landing() => {}
            _ = timeout(POLL, self.bell.notified()) => {}
        }
        sleep(GATHER).await;
        self.arrive(flight).await
    }

    /// Sends the first unpublished event of each aggregate, but for those not to be sent now. Gives how many were published by
    /// that alone, as they are without Kafka.
    pub async fn depart(&self, flight: &mut Flight) -> Result<usize, DbErr> {
        self.place().await?;
        let mut events = Vec::new();
        for row in self.due(flight).await? {
            let id = row.id;
            match CloudEvent::try_from(row) {
                Ok(event) => events.push(event),
                Err(cause) => flight.aside.failed(id, Failure::of_the_event(cause), true),
            }
        }
        match &self.publisher {
            Publisher::InProcess(bell) if !events.is_empty() => {
                self.hand_over(&events).await?;
                bell.notify_one();
                Ok(events.len())
            }
            Publisher::InProcess(_) => Ok(0),
            Publisher::Kafka { producer, topic } => {
                for event in events {
                    flight.depart(event.id, publisher::publish(producer, topic, event));
                }
                Ok(0)
            }
        }
    }

    /// Marks what has arrived.
    pub async fn arrive(&self, flight: &mut Flight) -> Result<Turn, DbErr> {
        let arrivals = flight.arrivals();
        let published = arrivals.published.len();
        self.mark(arrivals.published).await?;
        Ok(Turn {
            published,
            failure: arrivals.failure,
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
        .await?;
        self.tail.ring();
        Ok(())
    }

    /// The first unpublished event of each aggregate, but for those not to be sent now.
    pub async fn due(&self, flight: &Flight) -> Result<Vec<Model>, DbErr> {
        let free = UNDER_WAY.saturating_sub(flight.len());
        Entity::find()
            .filter(Column::PublishedAt.is_null())
            .filter(Column::Id.is_not_in(flight.not_now()))
            .filter(Expr::cust(IS_FIRST))
            .order_by_asc(Column::Seq)
            .limit(free as u64)
            .all(self.database.reader())
            .await
    }

    /// Writes down that these arrived.
    pub async fn mark(&self, ids: Vec<Uuid>) -> Result<(), DbErr> {
        if ids.is_empty() {
            return Ok(());
        }
        self.write(move |transaction| Box::pin(mark(transaction, ids)))
            .await
    }

    /// Publishing without Kafka: into the inbox, and marked, in one transaction.
    async fn hand_over(&self, events: &[CloudEvent]) -> Result<(), DbErr> {
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

    /// Deletes events that were published long ago by the clock of the database, the oldest first and never one behind an
    /// event that stays: whoever reads on from one that is still there misses none. The last one stays, which keeps the count
    /// of positions, and the last that everybody may hear of, which clients know. Gives how many.
    pub async fn trim(&self) -> Result<u64, DbErr> {
        self.write(|transaction| {
            Box::pin(async move {
                let before = transaction.now() - KEEP;
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

/// Marks events as published, by the clock of the database: any instance may trim them.
async fn mark(transaction: &Transaction, ids: Vec<Uuid>) -> Result<(), DbErr> {
    Entity::update_many()
        .col_expr(Column::PublishedAt, Expr::value(transaction.now()))
        .filter(among(transaction, Column::Id, &ids))
        .filter(Column::PublishedAt.is_null())
        .exec(transaction)
        .await?;
    Ok(())
}
