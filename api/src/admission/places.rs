//! Places in which requests run, and the queue for them.
//!
//! Clients take turns: whoever asks for much waits behind what they asked for themselves. In a full queue a client that has less
//! in it than another takes a place of that one, so that nobody can fill it for all.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::oneshot, time::timeout};

use super::Admission;
use crate::clients::Client;

/// All places of a class.
pub struct Places(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    waiting: usize,
    patience: Duration,
}

#[derive(Default)]
struct Queue {
    free: usize,
    /// The requests that wait, each client's in order.
    lines: HashMap<Client, VecDeque<Ticket>>,
    /// The clients that wait, in turn.
    turns: VecDeque<Client>,
    waiting: usize,
    tickets: u64,
}

/// A request that waits: its number, and the way to tell it.
struct Ticket(u64, oneshot::Sender<Place>);

/// A place for one request. It goes to the next when it is dropped.
pub struct Place(Option<Arc<Shared>>);

/// Takes a request out of the queue that does not wait any more.
struct Waiting<'p> {
    places: &'p Shared,
    client: Client,
    number: u64,
}

impl Places {
    pub fn new(admission: Admission) -> Self {
        let queue = Queue {
            free: admission.at_once,
            ..Queue::default()
        };
        Self(Arc::new(Shared {
            queue: Mutex::new(queue),
            waiting: admission.waiting,
            patience: admission.patience,
        }))
    }

    /// A place for a request of the client, now or soon. None where too many wait already, or this one has waited for too long.
    pub async fn take(&self, client: Client) -> Option<Place> {
        let (number, told) = {
            let mut queue = self.0.queue();
            if queue.free > 0 {
                queue.free -= 1;
                return Some(Place(Some(self.0.clone())));
            }
            if queue.waiting >= self.0.waiting && !queue.displace(client) {
                return None;
            }
            queue.line_up(client)
        };
        let _waiting = Waiting {
            places: &self.0,
            client,
            number,
        };
        timeout(self.0.patience, told).await.ok()?.ok()
    }
}

impl Shared {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn line_up(&mut self, client: Client) -> (u64, oneshot::Receiver<Place>) {
        let (tell, told) = oneshot::channel();
        self.tickets += 1;
        self.waiting += 1;
        let line = self.lines.entry(client).or_default();
        if line.is_empty() {
            self.turns.push_back(client);
        }
        line.push_back(Ticket(self.tickets, tell));
        (self.tickets, told)
    }

    /// Refuses the last request of the client that has the most, if that is more than this client will have.
    fn displace(&mut self, client: Client) -> bool {
        let own = self.lines.get(&client).map_or(0, VecDeque::len);
        let longest = self.lines.iter().max_by_key(|(_, line)| line.len());
        let last = longest.filter(|(_, line)| line.len() > own + 1);
        let last = last.and_then(|(whose, line)| Some((*whose, line.back()?.0)));
        last.is_some_and(|(whose, number)| self.remove(whose, number))
    }

    /// The request whose turn it is.
    fn next(&mut self) -> Option<Ticket> {
        let client = self.turns.pop_front()?;
        let line = self.lines.get_mut(&client)?;
        let ticket = line.pop_front();
        if line.is_empty() {
            self.lines.remove(&client);
        } else {
            self.turns.push_back(client);
        }
        self.waiting -= 1;
        ticket
    }

    fn remove(&mut self, client: Client, number: u64) -> bool {
        let Some(line) = self.lines.get_mut(&client) else {
            return false;
        };
        let Some(at) = line.iter().position(|ticket| ticket.0 == number) else {
            return false;
        };
        line.remove(at);
        if line.is_empty() {
            self.lines.remove(&client);
            self.turns.retain(|waits| *waits != client);
        }
        self.waiting -= 1;
        true
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.places.queue().remove(self.client, self.number);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some(places) = self.0.take() else { return };
        let mut queue = places.queue();
        while let Some(Ticket(_, tell)) = queue.next() {
            match tell.send(Place(Some(places.clone()))) {
                Ok(()) => return,
                // It waits no more. What is left of its place has nothing to give back.
                Err(mut place) => drop(place.0.take()),
            }
        }
        queue.free += 1;
    }
}

#[cfg(test)]
#[expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on fails"
)]
mod tests {
    use std::net::Ipv4Addr;

    use futures_util::FutureExt;

    use super::*;

    const ANN: Client = Client::V4(Ipv4Addr::new(10, 0, 0, 1));
    const BOB: Client = Client::V4(Ipv4Addr::new(10, 0, 0, 2));

    fn places(waiting: usize) -> Places {
        Places::new(Admission {
            at_once: 1,
            waiting,
            patience: Duration::from_secs(60),
        })
    }

    #[tokio::test]
    async fn clients_that_wait_take_turns() {
        let places = places(10);
        let first = places.take(ANN).await;
        let mut anns: Vec<_> = (0..3).map(|_| Box::pin(places.take(ANN))).collect();
        assert!(anns.iter_mut().all(|waits| waits.now_or_never().is_none()));
        let mut bobs = Box::pin(places.take(BOB));
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
        assert_eq!(places.0.queue().free, 1);
    }

    #[tokio::test]
    async fn client_with_less_in_a_full_queue_displaces_the_last_of_another() {
        let places = places(3);
        let first = places.take(ANN).await;
        let mut anns: Vec<_> = (0..3).map(|_| Box::pin(places.take(ANN))).collect();
        assert!(anns.iter_mut().all(|waits| waits.now_or_never().is_none()));
        assert!(
            places.take(ANN).now_or_never().unwrap().is_none(),
            "it is full"
        );
        let mut bobs = Box::pin(places.take(BOB));
        assert!((&mut bobs).now_or_never().is_none(), "he waits");
        let displaced = anns.pop().unwrap().now_or_never();
        assert!(displaced.unwrap().is_none());
        assert!(
            places.take(BOB).now_or_never().unwrap().is_none(),
            "they have as much"
        );
        drop((first, bobs, anns));
        assert_eq!(places.0.queue().waiting, 0);
        assert_eq!(places.0.queue().free, 1);
        assert!(places.take(BOB).await.is_some());
    }
}
