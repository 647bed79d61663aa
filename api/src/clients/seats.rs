//! The seats of clients that listen to what happens. Those who are known have seats that nobody unknown can take, and neither an
//! address nor a person can take all.

use std::{net::IpAddr, sync::Arc};

use entity::UserId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{
    Client,
    shares::{Share, Shares},
};

/// The most seats of one address for clients without identity, and for people.
const UNKNOWN: usize = 64;
const KNOWN: usize = 256;
/// The most seats of one person.
const PERSON: usize = 32;

/// All seats of an instance.
pub struct Seats {
    all: usize,
    free: Arc<Semaphore>,
    /// Those of them that somebody unknown may take.
    open: Arc<Semaphore>,
    unknown: Shares<Client>,
    known: Shares<Client>,
    people: Shares<UserId>,
}

/// A client's right to listen, until it is dropped.
pub struct Seat {
    _seat: OwnedSemaphorePermit,
    _open: Option<OwnedSemaphorePermit>,
    _client: Share<Client>,
    _person: Option<Share<UserId>>,
}

impl Seats {
    /// So many seats. Half of them are for people who are known.
    #[must_use]
    pub fn new(all: usize) -> Self {
        Self {
            all,
            free: Arc::new(Semaphore::new(all)),
            open: Arc::new(Semaphore::new(all.div_ceil(2))),
            unknown: Shares::of(UNKNOWN),
            known: Shares::of(KNOWN),
            people: Shares::of(PERSON),
        }
    }

    /// A seat, if there is one for this person, or for somebody unknown, at this address.
    #[must_use]
    pub fn take(&self, client: IpAddr, person: Option<UserId>) -> Option<Seat> {
        let of_address = if person.is_some() {
            &self.known
        } else {
            &self.unknown
        };
        let open = match person {
            Some(_) => None,
            None => Some(self.open.clone().try_acquire_owned().ok()?),
        };
        let of_person = match person {
            Some(person) => Some(self.people.take(person)?),
            None => None,
        };
        Some(Seat {
            _client: of_address.take(client)?,
            _seat: self.free.clone().try_acquire_owned().ok()?,
            _open: open,
            _person: of_person,
        })
    }

    /// The number that are taken.
    #[must_use]
    pub fn taken(&self) -> usize {
        self.all - self.free.available_permits()
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn client(number: u32) -> IpAddr {
        IpAddr::V4(Ipv4Addr::from_bits(number))
    }

    #[test]
    fn take_keeps_half_of_the_seats_for_people() {
        let seats = Seats::new(1024);
        let unknown: Vec<_> = (0..2000)
            .filter_map(|n| seats.take(client(n), None))
            .collect();
        assert_eq!(unknown.len(), 512);
        let people = |n: u32| seats.take(client(n), Some(UserId(n.into())));
        let known: Vec<_> = (0..2000).filter_map(people).collect();
        assert_eq!((known.len(), seats.taken()), (512, 1024));
        drop((unknown, known));
        assert_eq!(seats.taken(), 0);
    }

    #[test]
    fn take_gives_an_address_and_a_person_so_many() {
        let seats = Seats::new(1024);
        let of = |person: Option<i64>, address: u32| {
            let seats = (0..1024).map_while(|_| seats.take(client(address), person.map(UserId)));
            seats.collect::<Vec<_>>()
        };
        let unknown = of(None, 1);
        assert_eq!(unknown.len(), 64);
        let people: Vec<_> = (1..=9).map(|person| of(Some(person), 1)).collect();
        let taken: Vec<_> = people.iter().map(Vec::len).collect();
        assert_eq!(taken, [32, 32, 32, 32, 32, 32, 32, 32, 0]);
        assert_eq!(of(Some(1), 2).len(), 0, "wherever a person is");
        assert_eq!(of(None, 2).len(), 64);
    }
}
