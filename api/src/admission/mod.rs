//! Admission control: limits the requests that an instance runs and queues, and rejects the others at once, before any
//! work, so that an overloaded instance keeps its throughput.
//!
//! One [`Gate`] serves HTTP requests and WebSocket operations alike. A request holds its permit until its response
//! begins, so a stream holds none. A request that waits elsewhere first gives its permit back: see [`release_current`].

mod fair_semaphore;

use std::{cell::Cell, time::Duration};

use tokio::{task_local, time::timeout};

use self::fair_semaphore::{FairSemaphore, Permit};
use crate::{
    http::{
        clients::{Client, unread::Unread},
        problem::catalogue::{self, ProblemType},
    },
    metrics::Metrics,
};

/// The `Retry-After` of a timeout. A write that continues in the background is usually done by then.
const RETRY_AFTER_TIMEOUT: Duration = Duration::from_secs(5);
/// The `Retry-After` of every other rejection.
const RETRY_AFTER_OVERLOAD: Duration = Duration::from_secs(1);

task_local! {
    /// The permit of the request that this task runs.
    static CURRENT: Cell<Option<Permit>>;
}

/// The limits of one class of work.
#[derive(Clone, Copy, Debug)]
pub struct Admission {
    /// The number of requests that run at once.
    pub concurrency: usize,
    /// The number of requests that may wait. Clients are served round robin.
    pub max_queued: usize,
    /// The longest time that a request waits.
    pub max_wait: Duration,
}

impl Admission {
    /// The default limits. More concurrency does not raise throughput: each request is CPU-bound here or in the
    /// database. Each may need two of the twenty database connections.
    pub const GENERAL: Self = Self {
        concurrency: 8,
        max_queued: 120,
        max_wait: Duration::from_secs(4),
    };
    /// The limits of requests that hash a password, counted apart so that many log-ins delay only log-ins. A permit
    /// covers the preparation alone: the hashing has a queue of its own, see [`exchange::identity::passwords`].
    pub const PASSWORDS: Self = Self {
        concurrency: 2,
        ..Self::GENERAL
    };
    /// The limits of queries that may have large responses, counted apart because each needs memory for all that it
    /// loads. A query runs with a general permit until its cost is known.
    pub const EXPENSIVE: Self = Self {
        concurrency: 4,
        ..Self::GENERAL
    };
    /// The limits of event streams, which hold a permit until they begin. The queue is as long as an instance has
    /// listeners: when another instance fails its clients reconnect all at once, and a browser that is shed does not
    /// retry.
    pub const STREAMS: Self = Self {
        concurrency: 4,
        max_queued: 1024,
        max_wait: Duration::from_secs(4),
    };
}

/// A class of work. Each has permits of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    General,
    /// Requests that hash a password.
    Passwords,
    /// Event streams that begin.
    Streams,
    /// Requests that need no permit: a load balancer must not take a busy instance for a dead one, and operators look
    /// when it is busy.
    Unlimited,
}

/// Admits work of each class, and counts what it rejects.
pub struct Gate {
    general: FairSemaphore,
    passwords: FairSemaphore,
    streams: FairSemaphore,
    expensive: FairSemaphore,
    time_limit: Duration,
    metrics: Metrics,
    unread: Unread,
}

/// Reason why work was shed or given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShedReason {
    /// No permit was free in time. The work did not begin.
    Overloaded,
    /// The client has too many unread responses. The work did not begin.
    Unread,
    /// The work took longer than its limit.
    TimedOut { limit: Duration },
}

impl Gate {
    /// Creates a gate. `time_limit` includes the wait for a permit.
    #[must_use]
    pub fn new(
        [general, passwords, streams]: [Admission; 3],
        time_limit: Duration,
        metrics: Metrics,
        unread: Unread,
    ) -> Self {
        Self {
            general: FairSemaphore::new(general),
            passwords: FairSemaphore::new(passwords),
            streams: FairSemaphore::new(streams),
            expensive: FairSemaphore::new(Admission::EXPENSIVE),
            time_limit,
            metrics,
            unread,
        }
    }

    /// Runs `work` with a permit of its class, if that has any, unless the client has too many unread responses.
    ///
    /// Work that exceeds the time limit is dropped. A write that has begun continues in its own task without a permit:
    /// see [`exchange::Exchange::write`].
    pub async fn run<T>(
        &self,
        class: Class,
        client: Client,
        work: impl Future<Output = T>,
    ) -> Result<T, ShedReason> {
        let admitted = async {
            let permit = match self.semaphore(class) {
                Some(permits) => Some(self.acquire(permits, client).await?),
                None => None,
            };
            Ok(CURRENT.scope(Cell::new(permit), work).await)
        };
        let outcome = self.with_timeout(admitted).await;
        self.counted(outcome.and_then(|admitted| admitted))
    }

    /// Runs memory-hungry work with one of the few permits for it, and releases the permit that the request holds.
    pub async fn run_expensive<T>(
        &self,
        client: Client,
        work: impl Future<Output = T>,
    ) -> Result<T, ShedReason> {
        release_current();
        let permit = self.acquire(&self.expensive, client).await;
        let _permit = self.counted(permit)?;
        Ok(work.await)
    }

    async fn acquire(&self, permits: &FairSemaphore, client: Client) -> Result<Permit, ShedReason> {
        let permit = permits.acquire(client).await;
        let permit = permit.ok_or(ShedReason::Overloaded)?;
        if self.unread.is_full(client) {
            return Err(ShedReason::Unread);
        }
        Ok(permit)
    }

    async fn with_timeout<T>(&self, work: impl Future<Output = T>) -> Result<T, ShedReason> {
        let limit = self.time_limit;
        timeout(limit, work)
            .await
            .map_err(|_| ShedReason::TimedOut { limit })
    }

    /// Counts a rejection in the metrics.
    fn counted<T>(&self, outcome: Result<T, ShedReason>) -> Result<T, ShedReason> {
        outcome.inspect_err(|rejection| self.metrics.shed(rejection.problem_type().code))
    }

    fn semaphore(&self, class: Class) -> Option<&FairSemaphore> {
        match class {
            Class::General => Some(&self.general),
            Class::Passwords => Some(&self.passwords),
            Class::Streams => Some(&self.streams),
            Class::Unlimited => None,
        }
    }
}

impl ShedReason {
    /// Returns the type of the problem, with the code and the status of the rejection in REST and GraphQL alike.
    #[must_use]
    pub fn problem_type(self) -> ProblemType {
        match self {
            Self::Overloaded => catalogue::OVERLOADED,
            Self::Unread => catalogue::ANSWERS_UNREAD,
            Self::TimedOut { .. } => catalogue::TIMED_OUT,
        }
    }

    /// Returns the time after which the client should retry.
    #[must_use]
    pub fn retry_after(self) -> Duration {
        match self {
            Self::Overloaded | Self::Unread => RETRY_AFTER_OVERLOAD,
            Self::TimedOut { .. } => RETRY_AFTER_TIMEOUT,
        }
    }

    /// Returns the message for the client. `only_reads`: the work would have changed nothing.
    #[must_use]
    pub fn message(self, only_reads: bool) -> String {
        match self {
            Self::Overloaded => {
                "The server is handling too many requests. Nothing was changed; try again.".to_owned()
            }
            Self::Unread => {
                "You have too many unread responses. Nothing was changed. Read them, or close their connections; then send this \
                 request again."
                    .to_owned()
            }
            Self::TimedOut { limit } => {
                let outcome = if only_reads {
                    "Nothing was changed; try again."
                } else {
                    "The write may still be done, now or later. If it had an Idempotency-Key, send it again with the same key: it \
                     will not be done twice. Otherwise check first whether it was done."
                };
                format!("The request took more than {} s. {outcome}", limit.as_secs())
            }
        }
    }
}

/// Releases the permit of the current request for good. The queue that the request enters next limits the rest of its
/// work.
pub fn release_current() {
    drop(CURRENT.try_with(Cell::take));
}
