//! Lanes, so that letters to mailboxes that hang do not hold up the others.
//!
//! A send begins in the fast lane. One that takes longer than [`FAST_TIMEOUT`] gives its permit back and goes on in the slow
//! lane. However many letters hang, all permits of the fast lane come free every two seconds, which is eight a second.
//! A letter that hangs to its time-out (15 s) is in one of the lanes for that long, so at most 8 x 15 = 120 hang at once:
//! the slow lane has a permit for each. Should it be full all the same, a send stays in the fast lane until there is one.
//!
//! Whoever has a letter in the slow lane is passed over meanwhile, so that it takes as many people whose mailboxes hang to
//! fill the fast lane again and again, and not just one who gets many letters. Of mailboxes that are known to hang there
//! may be as many: they never get the [`RESERVED`] permits of the fast lane. docs/adr/0007 says what is left.

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
/// How many of these permits are reserved for letters to those whose mailboxes are not known to hang.
const RESERVED: usize = 4;
/// How long a send may hold up others.
const FAST_TIMEOUT: Duration = Duration::from_secs(2);
/// How many sends may take their time.
const SLOW: usize = FAST * mailer::TIMEOUT.as_secs() as usize / FAST_TIMEOUT.as_secs() as usize;

/// The lanes of one process.
pub struct Lanes {
    open: Arc<Semaphore>,
    reserved: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    fast_timeout: Duration,
    /// Whose letters are in the slow lane, once for each letter.
    slow_recipients: Mutex<Vec<UserId>>,
}

/// A permit in the fast lane, for as long as it is held.
pub type Permit = OwnedSemaphorePermit;

/// Permits of the fast lane.
#[derive(Default)]
pub struct Permits {
    /// For a letter to anybody.
    pub open: Vec<Permit>,
    /// For a letter to whoever is not known for a mailbox that hangs.
    pub reserved: Vec<Permit>,
}

impl Default for Lanes {
    fn default() -> Self {
        Self::new(FAST - RESERVED, RESERVED, SLOW, FAST_TIMEOUT)
    }
}

impl Lanes {
    #[must_use]
    pub fn new(open: usize, reserved: usize, slow: usize, fast_timeout: Duration) -> Self {
        Self {
            open: Arc::new(Semaphore::new(open)),
            reserved: Arc::new(Semaphore::new(reserved)),
            slow: Arc::new(Semaphore::new(slow)),
            fast_timeout,
            slow_recipients: Mutex::default(),
        }
    }

    /// All permits of the fast lane that are free; waits for the first.
    pub async fn acquire(&self) -> Permits {
        let mut permits = Permits::default();
        tokio::select! {
            permit = self.open.clone().acquire_owned() => permits.open.extend(permit),
            permit = self.reserved.clone().acquire_owned() => permits.reserved.extend(permit),
        }
        while let Ok(another) = self.open.clone().try_acquire_owned() {
            permits.open.push(another);
        }
        while let Ok(another) = self.reserved.clone().try_acquire_owned() {
            permits.reserved.push(another);
        }
        permits
    }

    /// To whom nothing is to be sent now.
    pub fn slow_recipients(&self) -> Vec<UserId> {
        self.lock_slow().clone()
    }

    /// Runs a send to its end, in the lane that it belongs to.
    pub async fn run<T>(
        &self,
        permit: Permit,
        recipient: UserId,
        send: impl Future<Output = T>,
    ) -> T {
        let mut send = pin!(send);
        if let Ok(done) = timeout(self.fast_timeout, &mut send).await {
            return done;
        }
        let slow = tokio::select! {
            done = &mut send => return done,
            slow = self.slow.acquire() => slow,
        };
        self.lock_slow().push(recipient);
        drop(permit);
        let done = send.await;
        drop(slow);
        let mut slow_recipients = self.lock_slow();
        if let Some(at) = slow_recipients.iter().position(|one| *one == recipient) {
            slow_recipients.swap_remove(at);
        }
        done
    }

    fn lock_slow(&self) -> MutexGuard<'_, Vec<UserId>> {
        self.slow_recipients
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
