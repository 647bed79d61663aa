//! The event feed: hands events to the live clients of this instance, in the order of their positions.
//!
//! Positions have no gaps, so an event that is visible implies all earlier ones. A client that remembers the position of
//! the last event it saw can resume at any instance with [`events_after`], which reads the database. A client that was too
//! slow for the events buffered here catches up in the same way: the feed keeps nothing per client.

pub mod slots;

use std::{net::IpAddr, sync::Arc, time::Duration};

use entity::{
    UserId,
    event::cloud::CloudEvent,
    outbox::{Column, Entity, Model},
};
use platform::database::Database;
use sea_orm::{
    ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};
use tokio::{
    sync::{Notify, OwnedSemaphorePermit, Semaphore, broadcast, watch},
    time::timeout,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use self::slots::{Slot, Slots};

/// The interval between two reads of the outbox without a notification: another instance may be the leader.
const POLL: Duration = Duration::from_millis(200);
/// Events read by one statement.
const BATCH: u64 = 500;
/// The most recent events, kept in memory for all clients together.
const BUFFER: usize = 1024;
/// The number of clients that are served at the same time. An event wakes all of them at once, and others need the
/// database, too.
const CONCURRENT_DELIVERIES: usize = 4;
/// The most clients that may subscribe at the same time.
const SLOTS: usize = 1024;

/// The condition for events that everybody may see, as it stands in their index.
pub const PUBLIC: &str = "NOT parties_only";

/// The events of this exchange, for live clients. Clones share their state.
#[derive(Clone)]
pub struct EventFeed(Arc<Shared>);

struct Shared {
    events: broadcast::Sender<Arc<PositionedEvent>>,
    changed: Notify,
    slots: Slots,
    permits: Arc<Semaphore>,
    /// True once the position to start at was read.
    started: watch::Sender<bool>,
    closing: CancellationToken,
}

/// An event with its position in the order of all events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PositionedEvent {
    pub position: i64,
    pub event: CloudEvent,
    /// True when only the two parties of the offer may see the event.
    pub parties_only: bool,
}

/// The last event that a client has seen, and its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResumePoint {
    pub position: i64,
    /// The event; nil before the first.
    pub id: Uuid,
}

/// Some consecutive events, read from the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    pub events: Vec<PositionedEvent>,
    /// The position of the last row that was read.
    pub up_to: i64,
    /// True when there may be further events.
    pub has_more: bool,
}

/// Permission to serve one client, until it is dropped.
pub struct DeliveryPermit {
    _held: Option<OwnedSemaphorePermit>,
}

impl Default for EventFeed {
    fn default() -> Self {
        Self::with_capacity(BUFFER, SLOTS)
    }
}

impl EventFeed {
    /// Creates a feed that keeps `buffer` events in memory and serves at most `slots` clients.
    #[must_use]
    pub fn with_capacity(buffer: usize, slots: usize) -> Self {
        Self(Arc::new(Shared {
            events: broadcast::Sender::new(buffer),
            changed: Notify::new(),
            slots: Slots::new(slots),
            permits: Arc::new(Semaphore::new(CONCURRENT_DELIVERIES)),
            started: watch::Sender::new(false),
            closing: CancellationToken::new(),
        }))
    }

    /// Announces that there may be new events.
    pub fn notify(&self) {
        self.0.changed.notify_one();
    }

    /// Subscribes to the events that get their position after this call returns, without a gap. Earlier ones are in the
    /// database.
    pub async fn subscribe(&self) -> broadcast::Receiver<Arc<PositionedEvent>> {
        let mut started = self.0.started.subscribe();
        tokio::select! {
            _ = started.wait_for(|started| *started) => {}
            () = self.closing() => {}
        }
        self.0.events.subscribe()
    }

    /// Reserves a slot for one more client. Returns `None` when the instance, the address or the user has no slot left.
    #[must_use]
    pub fn reserve_slot(&self, client: IpAddr, user: Option<UserId>) -> Option<Slot> {
        self.0.slots.take(client, user)
    }

    /// Waits for permission to serve a client.
    pub async fn delivery_permit(&self) -> DeliveryPermit {
        DeliveryPermit {
            _held: self.0.permits.clone().acquire_owned().await.ok(),
        }
    }

    /// Returns the number of clients that hold a slot.
    #[must_use]
    pub fn slots_taken(&self) -> i64 {
        i64::try_from(self.0.slots.taken()).unwrap_or(i64::MAX)
    }

    /// Ends all subscriptions, since this instance shuts down.
    pub fn close(&self) {
        self.0.closing.cancel();
    }

    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.0.closing.is_cancelled()
    }

    /// Resolves when subscriptions have to end.
    pub async fn closing(&self) {
        self.0.closing.cancelled().await;
    }

    /// Reads events as they get their positions, until `stop` is cancelled.
    pub async fn run(self, database: Database, stop: CancellationToken) {
        stop.run_until_cancelled(self.follow(&database)).await;
    }

    async fn follow(&self, database: &Database) {
        let (mut last, mut failing) = (None, false);
        loop {
            match self.read(database, last).await {
                Ok((read, has_more)) => {
                    last = Some(read);
                    failing = false;
                    if has_more {
                        continue;
                    }
                }
                Err(cause) if !failing => {
                    tracing::warn!(%cause, "the outbox cannot be read: live clients get no events");
                    failing = true;
                }
                Err(_) => {}
            }
            let _ = timeout(POLL, self.0.changed.notified()).await;
        }
    }

    /// Broadcasts the events after position `last`, or finds the position to start at. Returns the position reached, and
    /// whether there may be more.
    async fn read(&self, database: &Database, last: Option<i64>) -> Result<(i64, bool), DbErr> {
        let Some(last) = last else {
            let start = newest(database).await?.position;
            self.0.started.send_replace(true);
            return Ok((start, false));
        };
        let batch = events_after(database, last, Condition::all()).await?;
        for event in batch.events {
            // Fails when nobody is subscribed.
            let _ = self.0.events.send(Arc::new(event));
        }
        Ok((batch.up_to, batch.has_more))
    }
}

/// Returns the newest event that has a position.
pub async fn newest(database: &Database) -> Result<ResumePoint, DbErr> {
    let newest = Entity::find()
        .filter(Column::Position.is_not_null())
        .order_by_desc(Column::Position);
    let newest = newest.one(database.reader()).await?;
    Ok(newest
        .as_ref()
        .and_then(resume_point)
        .unwrap_or(ResumePoint::BEGINNING))
}

/// Returns the newest event that everybody may see. Private events do not change it.
pub async fn newest_public(database: &Database) -> Result<ResumePoint, DbErr> {
    let newest = Entity::find()
        .filter(Expr::cust(PUBLIC))
        .filter(Column::Position.is_not_null())
        .order_by_desc(Column::Position);
    let newest = newest.one(database.reader()).await?;
    Ok(newest
        .as_ref()
        .and_then(resume_point)
        .unwrap_or(ResumePoint::BEGINNING))
}

/// Returns the end of the feed: the position of the newest event, with the id of the newest public one.
pub async fn end(database: &Database) -> Result<ResumePoint, DbErr> {
    let id = newest_public(database).await?.id;
    let position = newest(database).await?.position;
    Ok(ResumePoint { position, id })
}

/// Finds the position of an event. Returns `None` when it, or later ones, may have been deleted.
pub async fn find(database: &Database, id: Uuid) -> Result<Option<ResumePoint>, DbErr> {
    if id.is_nil() && newest_public(database).await? == ResumePoint::BEGINNING {
        // The newest public event is never deleted, so there has been none.
        return Ok(Some(ResumePoint::BEGINNING));
    }
    if id.is_nil() {
        let first = Entity::find()
            .filter(Column::Position.is_not_null())
            .order_by_asc(Column::Position)
            .one(database.reader());
        let whole = first.await?.is_none_or(|first| first.position == Some(1));
        return Ok(whole.then_some(ResumePoint::BEGINNING));
    }
    let found = Entity::find().filter(Column::Id.eq(id));
    let found = found.one(database.reader()).await?;
    Ok(found.as_ref().and_then(resume_point))
}

/// Reads the first events after a position that match the filter.
pub async fn events_after(
    database: &Database,
    position: i64,
    filter: Condition,
) -> Result<Batch, DbErr> {
    let rows = Entity::find()
        .filter(Column::Position.gt(position))
        .filter(filter)
        .order_by_asc(Column::Position)
        .limit(BATCH)
        .all(database.reader())
        .await?;
    Ok(Batch {
        up_to: rows.last().and_then(|row| row.position).unwrap_or(position),
        has_more: rows.len() as u64 == BATCH,
        events: rows.into_iter().filter_map(positioned).collect(),
    })
}

fn resume_point(row: &Model) -> Option<ResumePoint> {
    Some(ResumePoint {
        position: row.position?,
        id: row.id,
    })
}

/// Decodes the event of a row. Skips one that only a newer version of this program can read.
fn positioned(row: Model) -> Option<PositionedEvent> {
    let position = row.position?;
    let parties_only = row.parties_only;
    match CloudEvent::try_from(row) {
        Ok(event) => Some(PositionedEvent {
            position,
            event,
            parties_only,
        }),
        Err(cause) => {
            tracing::warn!(position, %cause, "an event cannot be decoded; live clients of this instance miss it");
            None
        }
    }
}

impl ResumePoint {
    /// The point before the first event.
    pub const BEGINNING: Self = Self {
        position: 0,
        id: Uuid::nil(),
    };
}
