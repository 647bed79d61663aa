//! Hashes and checks passwords with Argon2id, m=19456 KiB, t=2, p=1 (OWASP's recommendation), on threads of its own.
//!
//! Each hash holds a core and 19 MiB, so they queue: one core stays free for everything else, which goes first on the others
//! as well. The queue is short: whoever finds it full, or would wait longer than a second, is sent away. No database
//! connection is held meanwhile, and no place among the requests that run, see [`crate::admission`].

use std::{num::NonZero, sync::Arc, thread, time::Duration};

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{
        self, PasswordHasher, PasswordVerifier,
        phc::{self, Output, ParamsString, Salt},
    },
};
use entity::PasswordHash;
use prometheus_client::metrics::gauge::Gauge;
use rayon_core::{ThreadPool, ThreadPoolBuilder};
use secrecy::{ExposeSecret, SecretString};
use tokio::{
    sync::{Semaphore, oneshot},
    time::timeout,
};

use platform::system::{self, Random};

use crate::{
    admission,
    error::{Error, Result},
    exchange::input::Faults,
    metrics::Held,
};

/// The shortest and the longest password, in bytes.
const MIN_BYTES: usize = 6;
const MAX_BYTES: usize = 256;
/// How many passwords wait for their turn, for each worker, and how long.
const WAITING: usize = 16;
const PATIENCE: Duration = Duration::from_secs(1);

/// The password workers. Cheap to clone; all clones share one queue.
#[derive(Clone)]
pub struct Passwords {
    hasher: Argon2<'static>,
    workers: Arc<ThreadPool>,
    turns: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    waiting: Gauge,
    random: Random,
    /// What no password hashes to: checked where there is no account, so that it takes as long.
    decoy: PasswordHash,
}

impl Passwords {
    /// Workers for this machine: one fewer than its cores, at least one.
    pub fn for_this_machine(random: Random) -> Result<Self> {
        let cores = thread::available_parallelism().map_or(1, NonZero::get);
        let workers = cores.saturating_sub(1).max(1);
        Self::new(workers, workers * WAITING, random)
    }

    /// As many workers as are asked for, and so many passwords may wait for them.
    pub fn new(workers: usize, waiting: usize, random: Random) -> Result<Self> {
        let params =
            Params::new(19_456, 2, 1, None).map_err(|cause| Error::internal(cause.to_string()))?;
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = decoy(&hasher, &random).map_err(|cause| Error::internal(cause.to_string()))?;
        let pool = ThreadPoolBuilder::new()
            .num_threads(workers)
            .thread_name(|number| format!("passwords-{number}"))
            .start_handler(|_| system::stand_back())
            .panic_handler(|_| tracing::error!("a password worker panicked"))
            .build()
            .map_err(Error::internal)?;
        Ok(Self {
            hasher,
            workers: Arc::new(pool),
            turns: Arc::new(Semaphore::new(workers)),
            queue: Arc::new(Semaphore::new(workers + waiting)),
            waiting: Gauge::default(),
            random,
            decoy,
        })
    }

    /// How many passwords wait for their turn.
    #[must_use]
    pub fn waiting(&self) -> i64 {
        self.waiting.get()
    }

    /// Hashes a password under a fresh salt.
    pub async fn hash(&self, password: SecretString) -> Result<PasswordHash> {
        let (hasher, salt) = (self.hasher.clone(), self.random.bytes());
        self.in_turn(move || hash(&hasher, password.expose_secret().as_bytes(), &salt))
            .await?
    }

    /// Is it the password? Takes the same time where there is no hash to check against, and says no.
    pub async fn verify(
        &self,
        password: SecretString,
        against: Option<PasswordHash>,
    ) -> Result<bool> {
        let hasher = self.hasher.clone();
        let (known, against) = (
            against.is_some(),
            against.unwrap_or_else(|| self.decoy.clone()),
        );
        let matches = move || {
            hasher
                .verify_password(password.expose_secret().as_bytes(), against.0.as_str())
                .is_ok()
        };
        Ok(self.in_turn(matches).await? && known)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let in_queue = self.queue.try_acquire();
        let _in_queue = in_queue.map_err(|_| Error::PasswordsBusy)?;
        admission::leave();
        let waiting = Held::one(&self.waiting);
        let turn = timeout(PATIENCE, self.turns.clone().acquire_owned())
            .await
            .map_err(|_| Error::PasswordsBusy)?
            .map_err(Error::internal)?;
        drop(waiting);
        let (tell, told) = oneshot::channel();
        // The turn goes with the work: a client that hangs up does not free it early.
        self.workers.spawn(move || {
            let done = work();
            drop(turn);
            // A client that hung up is not there to be told.
            let _ = tell.send(done);
        });
        told.await.map_err(Error::internal)
    }
}

/// Notes a fault of a password that is to be set. What is sent to log in is not checked: it is right or wrong.
pub fn check(faults: &mut Faults, field: &str, password: &SecretString) {
    let bytes = password.expose_secret().len();
    if bytes < MIN_BYTES {
        faults.add(
            field,
            "too_short",
            format!("is too short; send at least {MIN_BYTES} bytes"),
        );
    } else if bytes > MAX_BYTES {
        faults.add(
            field,
            "too_long",
            format!("is too long; send at most {MAX_BYTES} bytes"),
        );
    }
}

fn hash(hasher: &Argon2<'_>, password: &[u8], salt: &[u8; 16]) -> Result<PasswordHash> {
    let hash = hasher
        .hash_password_with_salt(password, salt)
        .map_err(|cause| Error::internal(cause.to_string()))?;
    Ok(PasswordHash(hash.to_string()))
}

/// A hash made up rather than computed, which would take 19 MiB and a moment of each start.
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
    fn a_decoy_is_checked_as_any_hash_is() -> std::result::Result<(), Box<dyn std::error::Error>> {
        let random = Random::system();
        let passwords = Passwords::new(1, 1, random.clone())?;
        let hash = hash(&passwords.hasher, b"password", &random.bytes())?;
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
