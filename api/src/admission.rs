//! Admission control: how many requests an instance works on at once, and how many may wait for that. What comes beyond is to
//! be refused at once, before any work, so that an instance that is asked for more than it can do goes on doing what it can.
//!
//! A request holds its place until its answer begins, so a stream holds none. One that is to wait in a queue of its own
//! [`leave`]s its place before.

use std::{cell::Cell, sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task_local,
    time::timeout,
};

task_local! {
    /// The place of the request that runs here.
    static HELD: Cell<Option<OwnedSemaphorePermit>>;
}

/// How many requests an instance takes in.
#[derive(Clone, Copy, Debug)]
pub struct Admission {
    /// How many it works on at once.
    pub at_once: usize,
    /// How many more may wait for that, first come, first served.
    pub waiting: usize,
    /// How long each of them may wait.
    pub patience: Duration,
}

impl Admission {
    /// Of requests in general. Work on more at once would be done no sooner: a request needs a core, here or in the database.
    /// It may need two connections to the database, of which there are twenty.
    pub const GENERAL: Self = Self {
        at_once: 8,
        waiting: 120,
        patience: Duration::from_secs(4),
    };
    /// Of requests that have a password hashed, beside the others: so many log-ins at once hold up nothing but log-ins. These
    /// only prepare for the queue of [`crate::identity::passwords`].
    pub const PASSWORDS: Self = Self {
        at_once: 2,
        ..Self::GENERAL
    };
    /// Of event streams, which hold their places until they begin. As many may wait as may listen: all who lost another instance
    /// come at once, and a browser that is refused does not come again.
    pub const STREAMS: Self = Self {
        at_once: 4,
        waiting: 1024,
        patience: Duration::from_secs(4),
    };
}

/// Where requests run. Cheap to clone; all clones share the places.
#[derive(Clone)]
pub struct Places {
    free: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    patience: Duration,
}

/// A place for one request.
pub struct Place(OwnedSemaphorePermit);

impl Places {
    #[must_use]
    pub fn new(admission: Admission) -> Self {
        Self {
            free: Arc::new(Semaphore::new(admission.at_once)),
            queue: Arc::new(Semaphore::new(admission.waiting)),
            patience: admission.patience,
        }
    }

    /// A place, now or soon. None where too many wait already, or this one has waited for too long.
    pub async fn take(&self) -> Option<Place> {
        // Whoever waits is served before this finds a place free.
        if let Ok(place) = self.free.clone().try_acquire_owned() {
            return Some(Place(place));
        }
        let _in_queue = self.queue.try_acquire().ok()?;
        let place = timeout(self.patience, self.free.clone().acquire_owned()).await;
        place.ok()?.ok().map(Place)
    }
}

impl Place {
    /// Runs `request` in this place.
    pub async fn hold<T>(self, request: impl Future<Output = T>) -> T {
        HELD.scope(Cell::new(Some(self.0)), request).await
    }
}

/// Gives the place of the request that runs here to another one, for good. What is left to do is held back by the queue
/// that the request goes to.
pub fn leave() {
    drop(HELD.try_with(Cell::take));
}
