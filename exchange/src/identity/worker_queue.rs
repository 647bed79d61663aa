//! A fair queue for the password workers: a client that requests more than its share delays only itself.
//!
//! A free worker goes to the waiter with the least debt, that is, whose client has requested the least recently. When
//! the queue is full, the waiter with the most debt is rejected, be it the newest or another.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::oneshot;

/// The order of the queue: by debt, then first come, first served.
type Rank = (Duration, u64);

/// The queue for a number of workers. Cheap to clone; all clones share it.
#[derive(Clone)]
pub struct WorkerQueue(Arc<Mutex<Queue>>);

struct Queue {
    free: usize,
    /// The maximum number of waiters.
    capacity: usize,
    arrived: u64,
    waiting: BTreeMap<Rank, oneshot::Sender<WorkerSlot>>,
}

/// The right to use a worker, until dropped.
pub struct WorkerSlot(WorkerQueue);

/// A position in the queue, until dropped.
pub struct Waiter {
    queue: WorkerQueue,
    rank: Rank,
    granted: oneshot::Receiver<WorkerSlot>,
}

impl WorkerQueue {
    /// Makes a queue of at most `capacity` waiters.
    pub fn new(workers: usize, capacity: usize) -> Self {
        Self(Arc::new(Mutex::new(Queue {
            free: workers,
            capacity,
            arrived: 0,
            waiting: BTreeMap::new(),
        })))
    }

    /// Counts the waiters.
    pub fn waiting(&self) -> usize {
        self.queue().waiting.len()
    }

    /// Enters the queue.
    pub fn join(&self, debt: Duration) -> Waiter {
        let (grant, granted) = oneshot::channel();
        let mut queue = self.queue();
        queue.arrived += 1;
        let rank = (debt, queue.arrived);
        let sent_away = if queue.free > 0 {
            queue.free -= 1;
            drop(queue);
            self.grant(grant);
            None
        } else {
            queue.waiting.insert(rank, grant);
            let is_full = queue.waiting.len() > queue.capacity;
            is_full.then(|| queue.waiting.pop_last())
        };
        // Dropping the sender tells the waiter.
        drop(sent_away);
        Waiter {
            queue: self.clone(),
            rank,
            granted,
        }
    }

    /// Gives a slot to a waiter.
    fn grant(&self, grant: oneshot::Sender<WorkerSlot>) {
        // If the waiter is gone, the slot is dropped here, and so goes to the next one.
        let _ = grant.send(WorkerSlot(self.clone()));
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter {
    /// Waits for a slot. Returns `None` if rejected in favour of a waiter with less debt.
    pub async fn slot(mut self) -> Option<WorkerSlot> {
        (&mut self.granted).await.ok()
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        let gone = self.queue.queue().waiting.remove(&self.rank);
        drop(gone);
    }
}

impl Drop for WorkerSlot {
    fn drop(&mut self) {
        let mut queue = self.0.queue();
        let next = queue.waiting.pop_first();
        if next.is_none() {
            queue.free += 1;
        }
        drop(queue);
        if let Some((_, grant)) = next {
            self.0.grant(grant);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HALF: Duration = Duration::from_millis(500);
    const MUCH: Duration = Duration::from_secs(4);

    #[tokio::test]
    async fn slot_goes_to_the_least_debt_then_to_the_first() {
        let queue = WorkerQueue::new(1, 4);
        let at_work = queue.join(MUCH).slot().await;
        assert!(at_work.is_some(), "nobody else is there");
        let waiters = [MUCH, HALF, Duration::ZERO, HALF].map(|debt| queue.join(debt));
        let (told, mut order) = tokio::sync::mpsc::unbounded_channel();
        let waiters = waiters.into_iter().enumerate().map(|(number, waiter)| {
            let told = told.clone();
            async move {
                let slot = waiter.slot().await;
                let _ = told.send((number, slot.is_some()));
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
    async fn join_rejects_the_most_debt_when_full() {
        let queue = WorkerQueue::new(1, 2);
        let at_work = queue.join(MUCH).slot().await;
        let [first, second] = [MUCH, MUCH].map(|debt| queue.join(debt));
        let newcomer = queue.join(Duration::ZERO);
        assert!(second.slot().await.is_none(), "came last with most");
        assert!(queue.join(MUCH).slot().await.is_none(), "has most itself");
        drop(at_work);
        assert!(newcomer.slot().await.is_some());
        assert!(first.slot().await.is_some());
    }

    #[tokio::test]
    async fn slot_goes_to_the_next_when_a_waiter_has_left() {
        let queue = WorkerQueue::new(1, 4);
        let at_work = queue.join(HALF).slot().await;
        let [gone, stays] = [Duration::ZERO, HALF].map(|debt| queue.join(debt));
        drop(gone);
        drop(at_work);
        assert!(stays.slot().await.is_some());
        let given = queue.join(HALF);
        drop(given);
        assert!(queue.join(HALF).slot().await.is_some(), "it came back");
    }
}
