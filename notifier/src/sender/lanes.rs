//! Lanes, so that letters to mailboxes that hang do not hold up the others.
//!
//! A send begins in the fast lane. One that takes longer than [`PATIENCE`] gives its place back and goes on in the slow
//! lane. However many letters hang, all places of the fast lane come free every two seconds, which is eight a second.
//! A letter that hangs to its time-out (15 s) is in one of the lanes for that long, so at most 8 x 15 = 120 hang at once:
//! the slow lane has a place for each. Should it be full all the same, a send stays in the fast lane until there is one.
//!
//! Whoever has a letter in the slow lane is passed over meanwhile, so that it takes as many people whose mailboxes hang to
//! fill the fast lane again and again, and not just one who gets many letters. Of mailboxes that are known to hang there
//! may be as many: they never get the [`KEPT`] places of the fast lane. docs/adr/0007 says what is left.

use std::{
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use entity::UserId;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::mailer;

/// How many letters one process sends at once, when all goes well.
pub const FAST: usize = 16;
/// How many of these places are kept for letters to those whose mailboxes are not known to hang.
const KEPT: usize = 4;
/// How long a send may hold up others.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many sends may take their time.
const SLOW: usize = FAST * mailer::TIMEOUT.as_secs() as usize / PATIENCE.as_secs() as usize;

/// The lanes of one process.
pub struct Lanes {
    open: Arc<Semaphore>,
    kept: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    patience: Duration,
    /// Whose letters are in the slow lane, once for each letter.
    waited_for: Mutex<Vec<UserId>>,
}

/// A place in the fast lane, for as long as it is held.
pub type Place = OwnedSemaphorePermit;

/// Places of the fast lane.
#[derive(Default)]
pub struct Places {
    /// For a letter to anybody.
    pub open: Vec<Place>,
    /// For a letter to whoever is not known for a mailbox that hangs.
    pub kept: Vec<Place>,
}

impl Default for Lanes {
    fn default() -> Self {
        Self::new(FAST - KEPT, KEPT, SLOW, PATIENCE)
    }
}

impl Lanes {
    #[must_use]
    pub fn new(open: usize, kept: usize, slow: usize, patience: Duration) -> Self {
        Self {
            open: Arc::new(Semaphore::new(open)),
            kept: Arc::new(Semaphore::new(kept)),
            slow: Arc::new(Semaphore::new(slow)),
            patience,
            waited_for: Mutex::default(),
        }
    }

    /// All places of the fast lane that are free; waits for the first.
    pub async fn free(&self) -> Places {
        let mut places = Places::default();
        tokio::select! {
            place = self.open.clone().acquire_owned() => places.open.extend(place),
            place = self.kept.clone().acquire_owned() => places.kept.extend(place),
        }
        while let Ok(another) = self.open.clone().try_acquire_owned() {
            places.open.push(another);
        }
        while let Ok(another) = self.kept.clone().try_acquire_owned() {
            places.kept.push(another);
        }
        places
    }

    /// To whom nothing is to be sent now.
    pub fn waited_for(&self) -> Vec<UserId> {
        self.slow_recipients().clone()
    }

    /// Runs a send to its end, in the lane that it belongs to.
    pub async fn run<T>(
        &self,
        place: Place,
        recipient: UserId,
        send: impl Future<Output = T>,
    ) -> T {
        let mut send = pin!(send);
        if let Ok(done) = timeout(self.patience, &mut send).await {
            return done;
        }
        let slow = tokio::select! {
            done = &mut send => return done,
            slow = self.slow.acquire() => slow,
        };
        self.slow_recipients().push(recipient);
        drop(place);
        let done = send.await;
        drop(slow);
        let mut waited_for = self.slow_recipients();
        if let Some(at) = waited_for.iter().position(|one| *one == recipient) {
            waited_for.swap_remove(at);
        }
        done
    }

    fn slow_recipients(&self) -> MutexGuard<'_, Vec<UserId>> {
        self.waited_for
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
