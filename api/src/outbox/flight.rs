//! The events that are under way to the brokers: at most one of an aggregate, each with a fate of its own, so that one that
//! takes its time keeps nobody waiting but its aggregate.

use std::{collections::HashSet, time::Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use uuid::Uuid;

use super::{aside::Aside, publisher::Failure};

/// How many arrivals are looked at together.
const TOGETHER: usize = 500;

/// What a leader keeps between one look into the outbox and the next.
pub struct Flight {
    pub aside: Aside,
    under_way: HashSet<Uuid>,
    landed: Vec<Landing>,
    tell: UnboundedSender<Landing>,
    told: UnboundedReceiver<Landing>,
    /// When an event got through last.
    got_through: Option<Instant>,
}

/// What came of an event.
struct Landing {
    id: Uuid,
    departed: Instant,
    outcome: Result<(), Failure>,
}

/// What came of some events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrivals {
    pub published: Vec<Uuid>,
    /// The first failure, where there was one.
    pub failure: Option<String>,
}

impl Default for Flight {
    fn default() -> Self {
        let (tell, told) = unbounded_channel();
        Self {
            aside: Aside::default(),
            under_way: HashSet::new(),
            landed: Vec::new(),
            tell,
            told,
            got_through: None,
        }
    }
}

impl Flight {
    /// The events that are not to be sent now: those under way, and those set aside.
    #[must_use]
    pub fn not_now(&self) -> Vec<Uuid> {
        let under_way = self.under_way.iter().copied();
        under_way.chain(self.aside.waiting()).collect()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.under_way.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Takes an event under way. It is delivered whatever becomes of the flight.
    pub fn depart(
        &mut self,
        id: Uuid,
        delivery: impl Future<Output = Result<(), Failure>> + Send + 'static,
    ) {
        self.under_way.insert(id);
        let (tell, departed) = (self.tell.clone(), Instant::now());
        tokio::spawn(async move {
            let outcome = delivery.await;
            // Nobody listens any more where the leadership was lost.
            let _ = tell.send(Landing {
                id,
                departed,
                outcome,
            });
        });
    }

    /// Waits until something has landed. Whoever stops waiting loses nothing.
    pub async fn landing(&mut self) {
        if self.landed.is_empty() {
            self.told.recv_many(&mut self.landed, TOGETHER).await;
        }
    }

    /// What has landed since, one way or the other.
    pub fn arrivals(&mut self) -> Arrivals {
        while let Ok(landing) = self.told.try_recv() {
            self.landed.push(landing);
        }
        let mut arrivals = Arrivals::default();
        let mut failed = Vec::new();
        for landing in std::mem::take(&mut self.landed) {
            self.under_way.remove(&landing.id);
            match landing.outcome {
                Ok(()) => {
                    self.got_through = Some(Instant::now());
                    self.aside.published(landing.id);
                    arrivals.published.push(landing.id);
                }
                Err(failure) => failed.push((landing.id, landing.departed, failure)),
            }
        }
        for (id, departed, failure) in failed {
            arrivals.failure.get_or_insert(failure.cause.clone());
            let others_do = self.got_through.is_some_and(|last| last >= departed);
            self.aside.failed(id, failure, others_do);
        }
        arrivals
    }
}
