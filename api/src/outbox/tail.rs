//! The tail of the outbox, for live clients: what has a position, in that order, handed to whoever listens at this instance.
//!
//! Positions have no gap, so an event that can be seen implies all earlier ones: a listener that remembers the last position
//! it saw goes on from there at any instance, out of the database, by [`since`]. That is also how one catches up that
//! was too slow for the events that are kept in memory here: nothing is kept for anybody in particular.

use std::{sync::Arc, time::Duration};

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

use crate::clients::{
    Client,
    seats::{Seat, Seats},
};

/// How often the outbox is looked into when nobody rings: another instance may lead.
const POLL: Duration = Duration::from_millis(200);
/// How many events are read at once.
const BATCH: u64 = 500;
/// How many of the last events are kept in memory, for all listeners together.
const KEPT: usize = 1024;
/// The number of listeners that are told something at once. What all of them wait for happens to all at once, and others need the
/// database, too.
const TURNS: usize = 4;
/// How many clients may listen at once.
const SEATS: usize = 1024;

/// The condition on events that everybody may hear of, as its index has it.
pub const PUBLIC: &str = "NOT parties_only";

/// What happens, for whoever listens. Clones are one.
#[derive(Clone)]
pub struct Tail(Arc<Shared>);

struct Shared {
    placed: broadcast::Sender<Arc<Placed>>,
    bell: Notify,
    seats: Seats,
    turns: Arc<Semaphore>,
    /// Is it known behind which position everything is told?
    begun: watch::Sender<bool>,
    closing: CancellationToken,
}

/// An event with its position in the order of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    pub position: i64,
    pub event: CloudEvent,
    /// Whether it is for the two parties of its offer alone.
    pub parties_only: bool,
}

/// Where in the order of all events somebody stands: at the one that they saw last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub position: i64,
    /// The event; nil before the first.
    pub id: Uuid,
}

/// A part of what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub events: Vec<Placed>,
    /// The position that it goes to.
    pub to: i64,
    /// May there be more behind it?
    pub more: bool,
}

/// A listener's turn to be told something, until it is dropped.
pub struct Turn {
    _held: Option<OwnedSemaphorePermit>,
}

impl Default for Tail {
    fn default() -> Self {
        Self::with(KEPT, SEATS)
    }
}

impl Tail {
    /// A tail that keeps so many events in memory, for so many clients.
    #[must_use]
    pub fn with(kept: usize, seats: usize) -> Self {
        Self(Arc::new(Shared {
            placed: broadcast::Sender::new(kept),
            bell: Notify::new(),
            seats: Seats::new(seats),
            turns: Arc::new(Semaphore::new(TURNS)),
            begun: watch::Sender::new(false),
            closing: CancellationToken::new(),
        }))
    }

    /// Says that there may be something new.
    pub fn ring(&self) {
        self.0.bell.notify_one();
    }

    /// What gets its position from when this resolves: from then on nothing is left out. What came before is in the database.
    pub async fn listen(&self) -> broadcast::Receiver<Arc<Placed>> {
        let mut begun = self.0.begun.subscribe();
        tokio::select! {
            _ = begun.wait_for(|begun| *begun) => {}
            () = self.closing() => {}
        }
        self.0.placed.subscribe()
    }

    /// A place for one more client, unless too many listen: in all, there, or in the name of this person.
    #[must_use]
    pub fn seat(&self, client: Client, person: Option<UserId>) -> Option<Seat> {
        self.0.seats.take(client, person)
    }

    /// Waits for the turn of a listener to be told something. It is over when what this gives is dropped.
    pub async fn turn(&self) -> Turn {
        Turn {
            _held: self.0.turns.clone().acquire_owned().await.ok(),
        }
    }

    /// How many clients listen.
    #[must_use]
    pub fn seats_taken(&self) -> i64 {
        i64::try_from(self.0.seats.taken()).unwrap_or(i64::MAX)
    }

    /// Tells all listeners to go, since this instance stops.
    pub fn close(&self) {
        self.0.closing.cancel();
    }

    /// Should the listeners go?
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.0.closing.is_cancelled()
    }

    /// Resolves when the listeners should go.
    pub async fn closing(&self) {
        self.0.closing.cancelled().await;
    }

    /// Reads what gets its position, until it is told to stop.
    pub async fn run(self, database: Database, stop: CancellationToken) {
        stop.run_until_cancelled(self.follow(&database)).await;
    }

    async fn follow(&self, database: &Database) {
        let (mut last, mut in_trouble) = (None, false);
        loop {
            match self.read(database, last).await {
                Ok((read, more)) => {
                    last = Some(read);
                    in_trouble = false;
                    if more {
                        continue;
                    }
                }
                Err(cause) if !in_trouble => {
                    tracing::warn!(%cause, "live clients hear nothing: the outbox cannot be read");
                    in_trouble = true;
                }
                Err(_) => {}
            }
            let _ = timeout(POLL, self.0.bell.notified()).await;
        }
    }

    /// Hands on what is behind the position `last`, or finds out where to begin. Gives how far it came, and whether there may
    /// be more.
    async fn read(&self, database: &Database, last: Option<i64>) -> Result<(i64, bool), DbErr> {
        let Some(last) = last else {
            let begin = newest(database).await?.position;
            self.0.begun.send_replace(true);
            return Ok((begin, false));
        };
        let part = since(database, last, Condition::all()).await?;
        for placed in part.events {
            // Without listeners there is nobody to tell.
            let _ = self.0.placed.send(Arc::new(placed));
        }
        Ok((part.to, part.more))
    }
}

/// The newest event that has a position.
pub async fn newest(database: &Database) -> Result<Place, DbErr> {
    let newest = Entity::find()
        .filter(Column::Position.is_not_null())
        .order_by_desc(Column::Position);
    let newest = newest.one(database.reader()).await?;
    Ok(newest.as_ref().and_then(place).unwrap_or(Place::BEGINNING))
}

/// The newest event that everybody may hear of. It moves by nothing that happens to a person or between two parties alone.
pub async fn newest_public(database: &Database) -> Result<Place, DbErr> {
    let newest = Entity::find()
        .filter(Expr::cust(PUBLIC))
        .filter(Column::Position.is_not_null())
        .order_by_desc(Column::Position);
    let newest = newest.one(database.reader()).await?;
    Ok(newest.as_ref().and_then(place).unwrap_or(Place::BEGINNING))
}

/// The place to begin to listen at: behind everything that has happened, named by what everybody may hear of.
pub async fn now(database: &Database) -> Result<Place, DbErr> {
    let id = newest_public(database).await?.id;
    let position = newest(database).await?.position;
    Ok(Place { position, id })
}

/// Where the event stands. `None` where it is there no more, or where later ones may be there no more.
pub async fn find(database: &Database, id: Uuid) -> Result<Option<Place>, DbErr> {
    if id.is_nil() && newest_public(database).await? == Place::BEGINNING {
        // The last public event is never deleted: there was none.
        return Ok(Some(Place::BEGINNING));
    }
    if id.is_nil() {
        let first = Entity::find()
            .filter(Column::Position.is_not_null())
            .order_by_asc(Column::Position)
            .one(database.reader());
        let whole = first.await?.is_none_or(|first| first.position == Some(1));
        return Ok(whole.then_some(Place::BEGINNING));
    }
    let found = Entity::find().filter(Column::Id.eq(id));
    Ok(found.one(database.reader()).await?.as_ref().and_then(place))
}

/// The events behind a position that fit the filter, or the first of them.
pub async fn since(database: &Database, position: i64, wanted: Condition) -> Result<Part, DbErr> {
    let rows = Entity::find()
        .filter(Column::Position.gt(position))
        .filter(wanted)
        .order_by_asc(Column::Position)
        .limit(BATCH)
        .all(database.reader())
        .await?;
    Ok(Part {
        to: rows.last().and_then(|row| row.position).unwrap_or(position),
        more: rows.len() as u64 == BATCH,
        events: rows.into_iter().filter_map(placed).collect(),
    })
}

fn place(row: &Model) -> Option<Place> {
    Some(Place {
        position: row.position?,
        id: row.id,
    })
}

/// The event of a row. One of a newer version than this instance is left to instances that know it.
fn placed(row: Model) -> Option<Placed> {
    let position = row.position?;
    let parties_only = row.parties_only;
    match CloudEvent::try_from(row) {
        Ok(event) => Some(Placed {
            position,
            event,
            parties_only,
        }),
        Err(cause) => {
            tracing::warn!(position, %cause, "an event cannot be read; live clients of this instance miss it");
            None
        }
    }
}

impl Place {
    /// Before the first event.
    pub const BEGINNING: Self = Self {
        position: 0,
        id: Uuid::nil(),
    };
}
