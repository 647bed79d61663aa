//! Lanes: sends to mailboxes that hang do not delay the others.
//!
//! A send begins in the fast lane. After [`FAST_TIMEOUT`] it returns its permit and moves to the slow lane, so the whole
//! fast lane is free again every two seconds, which is eight sends a second even when all of them hang. A letter that hangs
//! until its timeout (15 s) is in one of the lanes for that long, so at most 8 x 15 = 120 hang at once: the slow lane has a
//! permit for each. If it is full all the same, a send stays in the fast lane until there is one.
//!
//! Recipients with a letter in the slow lane are excluded meanwhile, so that only many hanging mailboxes can fill the fast
//! lane again, not many letters to one. Recipients whose mailbox is known to hang never get the [`RESERVED`] permits of the
//! fast lane. docs/adr/0007 describes the remaining risk.

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

/// The permits of the fast lane: the letters that a process sends at once while none hangs.
pub const FAST: usize = 16;
/// The permits reserved for recipients whose mailbox is not known to hang.
const RESERVED: usize = 4;
/// The time after which a send moves to the slow lane.
const FAST_TIMEOUT: Duration = Duration::from_secs(2);
/// The permits of the slow lane.
const SLOW: usize = FAST * mailer::TIMEOUT.as_secs() as usize / FAST_TIMEOUT.as_secs() as usize;

/// The lanes of one process.
pub struct Lanes {
    open: Arc<Semaphore>,
    reserved: Arc<Semaphore>,
    slow: Arc<Semaphore>,
    fast_timeout: Duration,
    /// The recipients of letters in the slow lane, once for each letter.
    slow_recipients: Mutex<Vec<UserId>>,
}

/// A permit of the fast lane, until it is dropped.
pub type Permit = OwnedSemaphorePermit;

/// Permits of the fast lane.
#[derive(Default)]
pub struct Permits {
    /// For letters to any recipient.
    pub open: Vec<Permit>,
    /// For letters to recipients whose mailbox is not known to hang.
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

    /// Takes all free permits of the fast lane; waits for the first.
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

    /// Returns the recipients that must not get another letter now.
    pub fn slow_recipients(&self) -> Vec<UserId> {
        self.lock_slow().clone()
    }

    /// Runs a send to its end, and moves it to the slow lane when it takes long.
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
