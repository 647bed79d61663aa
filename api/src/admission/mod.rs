//! Admission control: how many requests an instance works on at once, and how many may wait for that. What comes beyond is to
//! be refused at once, before any work, so that an instance that is asked for more than it can do goes on doing what it can.
//!
//! There is one [`Gate`] for every way in: a request over HTTP and an operation over a WebSocket take the same places. Each
//! holds its place until its answer begins, so a stream holds none. One that is to wait in a queue of its own [`leave`]s its
//! place before.

mod places;

use std::{cell::Cell, time::Duration};

use tokio::{task_local, time::timeout};

use self::places::{Place, Places};
use crate::{
    clients::{Client, unread::Unread},
    metrics::Metrics,
};

/// When to come again after a time-out. A write that goes on by itself is done by then, as a rule.
const AFTER_TIME_OUT: Duration = Duration::from_secs(5);
/// When to come again after a request was turned away.
const AFTER_OVERLOAD: Duration = Duration::from_secs(1);

task_local! {
    /// The place of the request that runs here.
    static HELD: Cell<Option<Place>>;
}

/// The number of requests that an instance takes in.
#[derive(Clone, Copy, Debug)]
pub struct Admission {
    /// The number that it works on at once.
    pub at_once: usize,
    /// The number that may wait for that. Their clients take turns.
    pub waiting: usize,
    /// The longest wait of each of them.
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
    /// Of queries that may have large answers, beside the others: each needs memory for all that it has loaded and resolved. They
    /// have a place in general until that is known.
    pub const DEAR: Self = Self {
        at_once: 4,
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

/// A class of work. Each has places of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    General,
    /// Requests that have a password hashed.
    Passwords,
    /// Event streams that are to begin.
    Streams,
}

/// Admits work of each class, and counts what it turns away.
pub struct Gate {
    general: Places,
    passwords: Places,
    streams: Places,
    dear: Places,
    time: Duration,
    metrics: Metrics,
    unread: Unread,
}

/// Reason why work was given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TurnedAway {
    /// There was no place, so nothing was begun.
    Overloaded,
    /// The client does not read what it was answered before, so nothing was begun.
    Unread,
    /// It took longer than this.
    TimedOut { limit: Duration },
}

impl Gate {
    /// A gate with the places of each class, which gives each piece of work this much time, waiting included.
    #[must_use]
    pub fn new(
        [general, passwords, streams]: [Admission; 3],
        time: Duration,
        metrics: Metrics,
        unread: Unread,
    ) -> Self {
        Self {
            general: Places::new(general),
            passwords: Places::new(passwords),
            streams: Places::new(streams),
            dear: Places::new(Admission::DEAR),
            time,
            metrics,
            unread,
        }
    }

    /// Runs `work` for a client in a place of its class, as soon as there is one, unless the client has to read first.
    ///
    /// Work that takes too long is dropped. A write that has begun goes on in a task of its own, no longer counted: see
    /// [`crate::app::App::write`].
    pub async fn admit<T>(
        &self,
        class: Class,
        client: Client,
        work: impl Future<Output = T>,
    ) -> Result<T, TurnedAway> {
        let admitted = async {
            let place = self.places(class).take(client).await;
            let place = place.ok_or(TurnedAway::Overloaded)?;
            if self.unread.is_full(client) {
                return Err(TurnedAway::Unread);
            }
            Ok(HELD.scope(Cell::new(Some(place)), work).await)
        };
        let done = self.in_time(admitted).await.and_then(|admitted| admitted);
        if let Err(reason) = &done {
            self.metrics.turned_away(reason.code());
        }
        done
    }

    /// Runs work that needs much memory in a place of few, and leaves the one that it has.
    pub async fn admit_dear<T>(
        &self,
        client: Client,
        work: impl Future<Output = T>,
    ) -> Result<T, TurnedAway> {
        leave();
        let place = self.dear.take(client).await;
        let reason = match &place {
            None => TurnedAway::Overloaded,
            Some(_) if self.unread.is_full(client) => TurnedAway::Unread,
            Some(_) => return Ok(work.await),
        };
        self.metrics.turned_away(reason.code());
        Err(reason)
    }

    /// Runs `work` without a place, within the time that all work has.
    pub async fn at_once<T>(&self, work: impl Future<Output = T>) -> Result<T, TurnedAway> {
        let done = self.in_time(work).await;
        if let Err(reason) = &done {
            self.metrics.turned_away(reason.code());
        }
        done
    }

    async fn in_time<T>(&self, work: impl Future<Output = T>) -> Result<T, TurnedAway> {
        let limit = self.time;
        timeout(limit, work)
            .await
            .map_err(|_| TurnedAway::TimedOut { limit })
    }

    fn places(&self, class: Class) -> &Places {
        match class {
            Class::General => &self.general,
            Class::Passwords => &self.passwords,
            Class::Streams => &self.streams,
        }
    }
}

impl TurnedAway {
    /// The stable name of the reason, the same in REST, in GraphQL and in the metrics.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Overloaded => "overloaded",
            Self::Unread => "answers_unread",
            Self::TimedOut { .. } => "timed_out",
        }
    }

    /// The time to wait before the same is worth another try.
    #[must_use]
    pub fn retry_after(self) -> Duration {
        match self {
            Self::Overloaded | Self::Unread => AFTER_OVERLOAD,
            Self::TimedOut { .. } => AFTER_TIME_OUT,
        }
    }

    /// The reason in words, and what to do next. `only_reads`: the work would have changed nothing.
    #[must_use]
    pub fn message(self, only_reads: bool) -> String {
        match self {
            Self::Overloaded => {
                "Too many requests are under way. Nothing was changed; try again.".to_owned()
            }
            Self::Unread => {
                "Too many answers wait for you to read them. Nothing was changed. Read them, or close their connections; then \
                 send the same again."
                    .to_owned()
            }
            Self::TimedOut { limit } => {
                let outcome = if only_reads {
                    "Nothing was changed; try again."
                } else {
                    "What it asked for may be done, now or later. If it had an Idempotency-Key, send it again with the \
                     same: it is not done twice. Else look first whether it was done."
                };
                format!("The request took more than {} s. {outcome}", limit.as_secs())
            }
        }
    }
}

/// Gives the place of the request that runs here to another one, for good. What is left to do is held back by the queue
/// that the request goes to.
pub fn leave() {
    drop(HELD.try_with(Cell::take));
}
