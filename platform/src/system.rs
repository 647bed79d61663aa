//! What the exchange takes from the machine it runs on: the time, randomness and its name. The first two are passed in, so
//! that a test can set the clock; `clippy.toml` bans the globals everywhere else.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, SubsecRound, Utc};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// How much nicer than the others a thread is that stands back. It gets a tenth of a core that others want, and never nothing.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// Tells the time in UTC, to the microsecond: the precision that both databases keep.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The machine's own clock.
    #[must_use]
    pub fn system() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is where the clock comes from"
        )]
        Self::new(Utc::now)
    }

    /// A clock that asks `now` each time.
    pub fn new(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)().trunc_subsecs(6)
    }
}

/// What the machine, or the container, is called.
#[must_use]
pub fn host_name() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

/// How many bytes of memory this process has in use. `None` where the system does not tell as Linux does.
#[must_use]
pub fn resident_memory() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// Lets the other threads of this process go before the one that calls this, wherever there are not enough cores for all.
/// Linux can: elsewhere it would be the whole process that stands back.
pub fn lower_priority() {
    #[cfg(target_os = "linux")]
    if let Err(cause) = rustix::process::nice(NICE) {
        tracing::warn!(%cause, "a thread that should stand back does not");
    }
}

/// Fills buffers with random bytes fit for secrets.
#[derive(Clone)]
pub struct Random(Arc<Fill>);

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

impl Random {
    /// The operating system's generator.
    #[must_use]
    pub fn system() -> Self {
        Self::new(|buffer| {
            #[expect(
                clippy::expect_used,
                reason = "without randomness no secret can be made: stop"
            )]
            getrandom::fill(buffer).expect("the operating system gives random bytes");
        })
    }

    /// A generator that fills the buffer it is given.
    pub fn new(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut buffer = [0; N];
        (self.0)(&mut buffer);
        buffer
    }

    /// A token for somebody to hold: 256 bits, fit for an address.
    #[must_use]
    pub fn token(&self) -> SecretString {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>()).into()
    }

    /// A UUID v7 for the given time: sorts by it.
    #[must_use]
    pub fn uuid_v7(&self, at: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }
}

/// SHA-256 in hexadecimal. For values with entropy enough, such as random tokens, and for keys of look-ups.
#[must_use]
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    sha256_of([bytes.as_ref()])
}

/// SHA-256 in hexadecimal of the parts, one behind the other.
#[must_use]
pub fn sha256_of<const N: usize>(parts: [&[u8]; N]) -> String {
    let whole = Sha256::new();
    hex::encode(
        parts
            .into_iter()
            .fold(whole, Digest::chain_update)
            .finalize(),
    )
}
