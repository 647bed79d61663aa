//! The parts of the machine that the exchange uses: the clock, randomness, its name, memory and scheduling. Clock and
//! randomness are passed in, so that tests can set them; `clippy.toml` bans the globals everywhere else.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, SubsecRound, Utc};
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The nice value that [`lower_priority`] adds: such a thread gets about a tenth of a contended core, and never nothing.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// A clock in UTC, to the microsecond: the precision that both databases keep.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// Returns the system clock.
    #[must_use]
    pub fn system() -> Self {
        #[expect(
            clippy::disallowed_methods,
            reason = "this is where the clock comes from"
        )]
        Self::new(Utc::now)
    }

    /// Creates a clock that calls `now` each time.
    pub fn new(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)().trunc_subsecs(6)
    }
}

/// Returns the name of the machine or container.
#[must_use]
pub fn host_name() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

/// Returns the resident memory of this process, in bytes. `None` on systems without `/proc`.
#[must_use]
pub fn resident_memory() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: i64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// Lowers the priority of the calling thread, so that other threads get the cores first. Only on Linux: elsewhere it would
/// lower the priority of the whole process.
pub fn lower_priority() {
    #[cfg(target_os = "linux")]
    if let Err(cause) = rustix::process::nice(NICE) {
        tracing::warn!(%cause, "the priority of a thread could not be lowered");
    }
}

/// A source of random bytes fit for secrets.
#[derive(Clone)]
pub struct Random(Arc<Fill>);

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

impl Random {
    /// Returns the generator of the operating system.
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

    /// Creates a generator that fills buffers with `fill`.
    pub fn new(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut buffer = [0; N];
        (self.0)(&mut buffer);
        buffer
    }

    /// Makes a token for a client to keep: 256 bits, in characters that are safe in a URL.
    #[must_use]
    pub fn token(&self) -> SecretString {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>()).into()
    }

    /// Makes a UUID v7 for the given time, by which it sorts.
    #[must_use]
    pub fn uuid_v7(&self, at: DateTime<Utc>) -> Uuid {
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }
}

/// Returns SHA-256 in hexadecimal. For values with enough entropy, such as random tokens, and for lookup keys.
#[must_use]
pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    sha256_of([bytes.as_ref()])
}

/// Returns SHA-256, in hexadecimal, of the concatenated parts.
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
