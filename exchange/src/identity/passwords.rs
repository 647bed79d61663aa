//! Hashes and verifies passwords with Argon2id, m=19456 KiB, t=2, p=1 (OWASP's recommendation), on dedicated threads.
//!
//! Each hash takes a core and 19 MiB, so they queue: one core stays free for other work, and the workers have a lower
//! priority on the others. The queue ([`worker_queue`](super::worker_queue)) is short: a request that finds it full, or
//! that would wait longer than a second, is rejected. Waiting requests hold no database connection and no admission
//! permit.
//!
//! Passwords are hashed in normalization form NFKC (NIST SP 800-63B, 3.1.1.2), since keyboards send different bytes for
//! the same characters. Older hashes are of the bytes as sent: a password that does not match is verified as sent, too,
//! and a match replaces the hash.

use std::{num::NonZero, sync::Arc, thread, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{
        self, PasswordHasher, PasswordVerifier,
        phc::{self, Output, ParamsString, Salt},
    },
};
use entity::PasswordHash;
use rayon_core::{ThreadPool, ThreadPoolBuilder};
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::oneshot, time::timeout};
use unicode_normalization::UnicodeNormalization;

use platform::system::{self, Random};

use super::worker_queue::WorkerQueue;
use crate::error::{Error, Result};

/// The debt for an authenticated user, who is served first.
pub const AUTHENTICATED: Duration = Duration::ZERO;
/// The debt for anonymous requests, such as a registration: that of a client with a few recent log-ins.
pub const ANONYMOUS: Duration = Duration::from_secs(1);
/// The maximum number of passwords that wait, per worker, and the maximum wait.
const QUEUE_PER_WORKER: usize = 16;
const MAX_WAIT: Duration = Duration::from_secs(1);

/// The outcome of verifying a password.
#[derive(Debug)]
pub enum Verdict {
    Wrong,
    Right,
    /// Matches an older hash as sent. Carries the hash to replace it with.
    RightUnnormalized(PasswordHash),
}

/// The password workers. Cheap to clone; all clones share one queue.
#[derive(Clone)]
pub struct Passwords {
    hasher: Argon2<'static>,
    workers: Arc<ThreadPool>,
    queue: WorkerQueue,
    random: Random,
    /// Matches no password. Verified where there is no account, so that this takes the same time.
    decoy: PasswordHash,
}

impl Passwords {
    /// Starts one worker fewer than the machine has cores, at least one.
    pub fn for_this_machine(random: Random) -> Result<Self> {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let workers = cores.saturating_sub(1).max(1);
        Self::new(workers, workers * QUEUE_PER_WORKER, random)
    }

    /// Starts this many workers, for which this many passwords may wait.
    pub fn new(workers: usize, waiting: usize, random: Random) -> Result<Self> {
        let params =
            Params::new(19_456, 2, 1, None).map_err(|cause| Error::internal(cause.to_string()))?;
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = decoy(&hasher, &random).map_err(|cause| Error::internal(cause.to_string()))?;
        let pool = ThreadPoolBuilder::new()
            .num_threads(workers)
            .thread_name(|number| format!("passwords-{number}"))
            .start_handler(|_| system::lower_priority())
            .panic_handler(|_| tracing::error!("a password worker panicked"))
            .build()
            .map_err(Error::internal)?;
        Ok(Self {
            hasher,
            workers: Arc::new(pool),
            queue: WorkerQueue::new(workers, waiting),
            random,
            decoy,
        })
    }

    /// Counts the passwords that wait for a worker.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.queue.waiting()
    }

    /// Hashes a password with a new salt. `debt`: see [`WorkerQueue`].
    pub async fn hash(&self, password: SecretString, debt: Duration) -> Result<PasswordHash> {
        let (hasher, salt) = (self.hasher.clone(), self.random.bytes());
        self.run_queued(debt, move || hash(&hasher, &normalized(&password), &salt))
            .await?
    }

    /// Verifies a password. Without a hash to compare with, takes the same time and returns [`Verdict::Wrong`].
    pub async fn verify(
        &self,
        password: SecretString,
        against: Option<PasswordHash>,
        debt: Duration,
    ) -> Result<Verdict> {
        let (hasher, salt) = (self.hasher.clone(), self.random.bytes());
        let known = against.is_some();
        let against = against.unwrap_or_else(|| self.decoy.clone());
        let check = move || check_against(&hasher, &password, &against, &salt);
        let verdict = self.run_queued(debt, check).await??;
        Ok(if known { verdict } else { Verdict::Wrong })
    }

    async fn run_queued<T: Send + 'static>(
        &self,
        debt: Duration,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let waiter = self.queue.join(debt);
        let slot = timeout(MAX_WAIT, waiter.slot()).await.ok().flatten();
        let slot = slot.ok_or(Error::PasswordsBusy)?;
        let (tell, told) = oneshot::channel();
        // The slot moves with the work: a client that disconnects does not free it early.
        self.workers.spawn(move || {
            let done = work();
            drop(slot);
            // Fails if the client has disconnected.
            let _ = tell.send(done);
        });
        told.await.map_err(Error::internal)
    }
}

/// Returns the password in NFKC.
fn normalized(password: &SecretString) -> SecretString {
    let normalized: String = password.expose_secret().nfkc().collect();
    normalized.into()
}

fn hash(hasher: &Argon2<'_>, normalized: &SecretString, salt: &[u8; 16]) -> Result<PasswordHash> {
    let hash = hasher
        .hash_password_with_salt(normalized.expose_secret().as_bytes(), salt)
        .map_err(|cause| Error::internal(cause.to_string()))?;
    Ok(PasswordHash(hash.to_string()))
}

fn check_against(
    hasher: &Argon2<'_>,
    password: &SecretString,
    against: &PasswordHash,
    salt: &[u8; 16],
) -> Result<Verdict> {
    let normalized = normalized(password);
    let matches = |password: &SecretString| {
        let password = password.expose_secret().as_bytes();
        hasher.verify_password(password, against.0.as_str()).is_ok()
    };
    if matches(&normalized) {
        return Ok(Verdict::Right);
    }
    let is_other = normalized.expose_secret() != password.expose_secret();
    if is_other && matches(password) {
        return hash(hasher, &normalized, salt).map(Verdict::RightUnnormalized);
    }
    Ok(Verdict::Wrong)
}

/// Makes up a hash: computing one would cost 19 MiB and time at each start.
fn decoy(hasher: &Argon2<'_>, random: &Random) -> password_hash::Result<PasswordHash> {
    let hash = phc::PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(hasher.params())?,
        salt: Some(Salt::new(&random.bytes::<16>())?),
        hash: Some(Output::new(&random.bytes::<32>())?),
    };
    Ok(PasswordHash(hash.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verify_takes_the_same_work_for_a_decoy_hash()
    -> std::result::Result<(), Box<dyn std::error::Error>> {
        let random = Random::system();
        let passwords = Passwords::new(1, 1, random.clone())?;
        let hash = hash(&passwords.hasher, &"password".into(), &random.bytes())?;
        let cost = |hash: &PasswordHash| {
            phc::PasswordHash::new(&hash.0).map(|parsed| {
                let lengths = (
                    parsed.salt.map(|salt| salt.len()),
                    parsed.hash.map(|hash| hash.len()),
                );
                (parsed.algorithm, parsed.version, parsed.params, lengths)
            })
        };
        assert_eq!(cost(&passwords.decoy)?, cost(&hash)?);
        Ok(())
    }
}
