//! The queue for the password workers, in which nobody is held up by those who ask for more than their share.
//!
//! The turn goes to whoever has the least debt: the less their client asked for lately, the sooner. Where the queue is full, the
//! one with the most debt is sent away, be it the one that came last or another.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::oneshot;

/// The order of the queue: by debt, then first come, first served.
type Rank = (Duration, u64);

/// The turns of some workers. Cheap to clone; all clones share the queue.
#[derive(Clone)]
pub struct Turns(Arc<Mutex<Queue>>);

struct Queue {
    free: usize,
    /// The most that may wait.
    room: usize,
    came: u64,
    waiting: BTreeMap<Rank, oneshot::Sender<Turn>>,
}

/// One worker's time, until it is dropped.
pub struct Turn(Turns);

/// A place in the queue, until it is dropped.
pub struct Place {
    turns: Turns,
    rank: Rank,
    called: oneshot::Receiver<Turn>,
}

impl Turns {
    /// Makes as many turns as there are workers, for which so many may wait.
    pub fn new(workers: usize, room: usize) -> Self {
        Self(Arc::new(Mutex::new(Queue {
            free: workers,
            room,
            came: 0,
            waiting: BTreeMap::new(),
        })))
    }

    /// Enters the queue.
    pub fn enter(&self, debt: Duration) -> Place {
        let (call, called) = oneshot::channel();
        let mut queue = self.queue();
        queue.came += 1;
        let rank = (debt, queue.came);
        let sent_away = if queue.free > 0 {
            queue.free -= 1;
            drop(queue);
            self.give(call);
            None
        } else {
            queue.waiting.insert(rank, call);
            let is_full = queue.waiting.len() > queue.room;
            is_full.then(|| queue.waiting.pop_last())
        };
        // Its end of the channel closes.
        drop(sent_away);
        Place {
            turns: self.clone(),
            rank,
            called,
        }
    }

    fn give(&self, call: oneshot::Sender<Turn>) {
        // Where nobody waits any more, the turn comes back and is dropped, and so passes on.
        let _ = call.send(Turn(self.clone()));
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Waits for the turn. None where the place was given up for somebody with less debt.
    pub async fn turn(mut self) -> Option<Turn> {
        (&mut self.called).await.ok()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let gone = self.turns.queue().waiting.remove(&self.rank);
        drop(gone);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        let next = queue.waiting.pop_first();
        if next.is_none() {
            queue.free += 1;
        }
        drop(queue);
        if let Some((_, call)) = next {
            self.0.give(call);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Duration = Duration::from_millis(500);
    const MUCH: Duration = Duration::from_secs(4);

    #[tokio::test]
    async fn turn_goes_to_the_least_debt_then_to_the_first() {
        let turns = Turns::new(1, 4);
        let at_work = turns.enter(MUCH).turn().await;
        assert!(at_work.is_some(), "nobody else is there");
        let places = [MUCH, HALF, Duration::ZERO, HALF].map(|debt| turns.enter(debt));
        let (told, mut order) = tokio::sync::mpsc::unbounded_channel();
        let waiters = places.into_iter().enumerate().map(|(number, place)| {
            let told = told.clone();
            async move {
                let turn = place.turn().await;
                let _ = told.send((number, turn.is_some()));
            }
        });
        let waiters = futures_util::future::join_all(waiters);
        drop(at_work);
        waiters.await;
        drop(told);
        let mut served = Vec::new();
        while let Some(one) = order.recv().await {
            served.push(one);
        }
        assert_eq!(served, [(2, true), (1, true), (3, true), (0, true)]);
    }

    #[tokio::test]
    async fn queue_that_is_full_sends_the_most_debt_away() {
        let turns = Turns::new(1, 2);
        let at_work = turns.enter(MUCH).turn().await;
        let [first, second] = [MUCH, MUCH].map(|debt| turns.enter(debt));
        let newcomer = turns.enter(Duration::ZERO);
        assert!(second.turn().await.is_none(), "came last with most");
        assert!(turns.enter(MUCH).turn().await.is_none(), "has most itself");
        drop(at_work);
        assert!(newcomer.turn().await.is_some());
        assert!(first.turn().await.is_some());
    }

    #[tokio::test]
    async fn turn_passes_on_when_who_waits_has_gone() {
        let turns = Turns::new(1, 4);
        let at_work = turns.enter(HALF).turn().await;
        let [gone, stays] = [Duration::ZERO, HALF].map(|debt| turns.enter(debt));
        drop(gone);
        drop(at_work);
        assert!(stays.turn().await.is_some());
        let given = turns.enter(HALF);
        drop(given);
        assert!(turns.enter(HALF).turn().await.is_some(), "it came back");
    }
}
