//! A semaphore whose queue is fair to clients.
//!
//! Waiting requests are served round robin by client, so a client with many requests delays only its own. In a full
//! queue a new request of one client evicts the last request of the client with the longest queue, so no client can
//! fill it alone.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

use super::Admission;
use crate::http::clients::Client;

/// The permits of one class of work.
pub struct FairSemaphore(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    max_queued: usize,
    max_wait: Duration,
}

#[derive(Default)]
struct Queue {
    free: usize,
    /// The waiting requests of each client, oldest first.
    by_client: HashMap<Client, VecDeque<Waiter>>,
    /// The clients with waiting requests, the next one to be served first.
    round_robin: VecDeque<Client>,
    queued: usize,
    last_number: u64,
}

/// A waiting request: its number, and the channel that hands it its permit.
struct Waiter(u64, oneshot::Sender<Permit>);

/// The right to run one request. Dropping it hands it to the next waiting request.
pub struct Permit(Option<Arc<Shared>>);

/// Removes a request from the queue when it stops waiting.
struct QueueEntry<'p> {
    shared: &'p Shared,
    client: Client,
    number: u64,
}

impl FairSemaphore {
    pub fn new(admission: Admission) -> Self {
        let queue = Queue {
            free: admission.concurrency,
            ..Queue::default()
        };
        Self(Arc::new(Shared {
            queue: Mutex::new(queue),
            max_queued: admission.max_queued,
            max_wait: admission.max_wait,
        }))
    }

    /// Waits for a permit. Returns none when the queue is full, or when the wait takes too long.
    pub async fn acquire(&self, client: Client) -> Option<Permit> {
        let (number, granted) = {
            let mut queue = self.0.queue();
            if queue.free > 0 {
                queue.free -= 1;
                return Some(Permit(Some(self.0.clone())));
            }
            if queue.queued >= self.0.max_queued && !queue.evict_for(client) {
                return None;
            }
            queue.enqueue(client)
        };
        let _entry = QueueEntry {
            shared: &self.0,
            client,
            number,
        };
        timeout(self.0.max_wait, granted).await.ok()?.ok()
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn enqueue(&mut self, client: Client) -> (u64, oneshot::Receiver<Permit>) {
        let (grant, granted) = oneshot::channel();
        self.last_number += 1;
        self.queued += 1;
        let waiters = self.by_client.entry(client).or_default();
        if waiters.is_empty() {
            self.round_robin.push_back(client);
        }
        waiters.push_back(Waiter(self.last_number, grant));
        (self.last_number, granted)
    }

    /// Evicts the last request of the client with the longest queue, if that is longer than `client`'s would become.
    fn evict_for(&mut self, client: Client) -> bool {
        let own = self.by_client.get(&client).map_or(0, VecDeque::len);
        let longest = self
            .by_client
            .iter()
            .max_by_key(|(_, waiters)| waiters.len());
        let longest = longest.filter(|(_, waiters)| waiters.len() > own + 1);
        let last = longest.and_then(|(other, waiters)| Some((*other, waiters.back()?.0)));
        last.is_some_and(|(other, number)| self.remove(other, number))
    }

    /// Takes the next request out of the queue.
    fn dequeue(&mut self) -> Option<Waiter> {
        let client = self.round_robin.pop_front()?;
        let waiters = self.by_client.get_mut(&client)?;
        let next = waiters.pop_front();
        if waiters.is_empty() {
            self.by_client.remove(&client);
        } else {
            self.round_robin.push_back(client);
        }
        self.queued -= 1;
        next
    }

    fn remove(&mut self, client: Client, number: u64) -> bool {
        let Some(waiters) = self.by_client.get_mut(&client) else {
            return false;
        };
        let Some(at) = waiters.iter().position(|waiter| waiter.0 == number) else {
            return false;
        };
        waiters.remove(at);
        if waiters.is_empty() {
            self.by_client.remove(&client);
            self.round_robin.retain(|other| *other != client);
        }
        self.queued -= 1;
        true
    }
}

impl Drop for QueueEntry<'_> {
    fn drop(&mut self) {
        self.shared.queue().remove(self.client, self.number);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let Some(shared) = self.0.take() else { return };
        let mut queue = shared.queue();
        while let Some(Waiter(_, grant)) = queue.dequeue() {
            match grant.send(Permit(Some(shared.clone()))) {
                Ok(()) => return,
                // That request stopped waiting. Empty its permit, so that dropping it releases nothing.
                Err(mut permit) => drop(permit.0.take()),
            }
        }
        queue.free += 1;
    }
}

#[cfg(test)]
#[expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a failed unwrap fails the test"
)]
mod tests {
    use std::net::Ipv4Addr;

    use futures_util::FutureExt;

    use super::*;

    const ANN: Client = Client::V4(Ipv4Addr::new(10, 0, 0, 1));
    const BOB: Client = Client::V4(Ipv4Addr::new(10, 0, 0, 2));

    fn semaphore(max_queued: usize) -> FairSemaphore {
        FairSemaphore::new(Admission {
            concurrency: 1,
            max_queued,
            max_wait: Duration::from_secs(60),
        })
    }

    #[tokio::test]
    async fn acquire_serves_clients_round_robin() {
        let semaphore = semaphore(10);
        let first = semaphore.acquire(ANN).await;
        let mut anns: Vec<_> = (0..3).map(|_| Box::pin(semaphore.acquire(ANN))).collect();
        assert!(anns.iter_mut().all(|waits| waits.now_or_never().is_none()));
        let mut bobs = Box::pin(semaphore.acquire(BOB));
        assert!((&mut bobs).now_or_never().is_none());
        drop(first);
        drop(anns.remove(0).now_or_never().unwrap().unwrap());
        let bobs = bobs
            .now_or_never()
            .expect("his turn comes before all of hers")
            .unwrap();
        assert!((&mut anns[0]).now_or_never().is_none());
        drop(bobs);
        for waits in anns {
            drop(waits.now_or_never().unwrap().unwrap());
        }
        assert_eq!(semaphore.0.queue().free, 1);
    }

    #[tokio::test]
    async fn acquire_evicts_the_longest_queue_when_full() {
        let semaphore = semaphore(3);
        let first = semaphore.acquire(ANN).await;
        let mut anns: Vec<_> = (0..3).map(|_| Box::pin(semaphore.acquire(ANN))).collect();
        assert!(anns.iter_mut().all(|waits| waits.now_or_never().is_none()));
        assert!(
            semaphore.acquire(ANN).now_or_never().unwrap().is_none(),
            "it is full"
        );
        let mut bobs = Box::pin(semaphore.acquire(BOB));
        assert!((&mut bobs).now_or_never().is_none(), "he waits");
        let evicted = anns.pop().unwrap().now_or_never();
        assert!(evicted.unwrap().is_none());
        assert!(
            semaphore.acquire(BOB).now_or_never().unwrap().is_none(),
            "they have as much"
        );
        drop((first, bobs, anns));
        assert_eq!(semaphore.0.queue().queued, 0);
        assert_eq!(semaphore.0.queue().free, 1);
        assert!(semaphore.acquire(BOB).await.is_some());
    }
}
