//! Bytes that an instance holds for its clients: answers, events and frames that were made and not read yet.
//!
//! Each client has a share. One that holds all of its share is refused until it reads ([`Unread::is_full`]). Where all clients
//! together hold more than the instance has for them, the one that holds the most loses its oldest [`Parcel`], and with it the
//! connection.

use std::{
    collections::{BTreeMap, HashMap},
    io,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Context, Poll},
};

use axum::body::{Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};

use super::Client;

/// The most bytes that an instance holds for all clients together, and for one of them.
pub const IN_ALL: usize = 64 * 1024 * 1024;
const FOR_EACH: usize = 16 * 1024 * 1024;
/// The part of a parcel that goes on at once, in bytes.
pub const PART: usize = 32 * 1024;

/// The bytes that are held. Clones are one.
#[derive(Clone)]
pub struct Unread(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    in_all: usize,
    for_each: usize,
}

#[derive(Default)]
struct State {
    held: usize,
    of_each: HashMap<Client, usize>,
    /// In the order in which they were made.
    parcels: BTreeMap<u64, Entry>,
    made: u64,
}

struct Entry {
    client: Client,
    size: usize,
    content: Weak<Content>,
}

/// A text for a client, which is counted until its last part has left. It gives its parts in order, or a failure where it was
/// given up.
pub struct Parcel {
    content: Arc<Content>,
    /// The bytes that have been taken.
    at: usize,
    size: usize,
}

/// The bytes of a parcel, shared with the parts that are under way. None where they were given up.
struct Content {
    number: u64,
    bytes: Mutex<Option<Bytes>>,
    of: Unread,
}

/// A part of a parcel.
struct Part {
    bytes: Box<[u8]>,
    _of: Arc<Content>,
}

impl Default for Unread {
    fn default() -> Self {
        Self::with(IN_ALL, FOR_EACH)
    }
}

impl Unread {
    /// So many bytes for all clients together, and so many for each.
    #[must_use]
    pub fn with(in_all: usize, for_each: usize) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::default(),
            in_all,
            for_each,
        }))
    }

    /// Does the client have to read before it gets more?
    #[must_use]
    pub fn is_full(&self, client: Client) -> bool {
        let state = self.state();
        let has = state.of_each.get(&client);
        has.is_some_and(|has| *has >= self.0.for_each)
    }

    /// Returns the number of bytes that are held.
    #[must_use]
    pub fn held(&self) -> usize {
        self.state().held
    }

    /// Holds bytes for a client until they have left.
    #[must_use]
    pub fn hold(&self, client: Client, bytes: Bytes) -> Parcel {
        let size = bytes.len();
        let mut state = self.state();
        state.made += 1;
        let content = Arc::new(Content {
            number: state.made,
            bytes: Mutex::new(Some(bytes)),
            of: self.clone(),
        });
        let entry = Entry {
            client,
            size,
            content: Arc::downgrade(&content),
        };
        state.add(content.number, entry);
        let mut given_up = Vec::new();
        while state.held > self.0.in_all {
            given_up.extend(state.give_up());
        }
        // What is dropped here takes the lock.
        drop(state);
        for content in given_up {
            content.bytes().take();
        }
        Parcel {
            content,
            at: 0,
            size,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, number: u64, entry: Entry) {
        self.held += entry.size;
        *self.of_each.entry(entry.client).or_default() += entry.size;
        self.parcels.insert(number, entry);
    }

    fn remove(&mut self, number: u64) -> Option<Entry> {
        let entry = self.parcels.remove(&number)?;
        self.held -= entry.size;
        if let Some(has) = self.of_each.get_mut(&entry.client) {
            *has -= entry.size;
            if *has == 0 {
                self.of_each.remove(&entry.client);
            }
        }
        Some(entry)
    }

    /// The oldest parcel of the client that holds the most.
    fn give_up(&mut self) -> Option<Arc<Content>> {
        let (client, _) = self.of_each.iter().max_by_key(|(_, held)| **held)?;
        let mut parcels = self.parcels.iter();
        let (number, _) = parcels.find(|(_, entry)| entry.client == *client)?;
        self.remove(*number)?.content.upgrade()
    }
}

impl Content {
    fn bytes(&self) -> MutexGuard<'_, Option<Bytes>> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Content {
    fn drop(&mut self) {
        self.of.state().remove(self.number);
    }
}

impl Iterator for Parcel {
    type Item = io::Result<Bytes>;

    /// The next part. It is a copy, so that the rest can be given up at any time.
    fn next(&mut self) -> Option<Self::Item> {
        if self.at == self.size {
            return None;
        }
        let end = self.size.min(self.at + PART);
        let bytes = match &*self.content.bytes() {
            Some(bytes) => Box::from(&bytes[self.at..end]),
            None => return Some(Err(io::Error::other("it was not read in time"))),
        };
        self.at = end;
        let _of = self.content.clone();
        Some(Ok(Bytes::from_owner(Part { bytes, _of })))
    }
}

impl Parcel {
    /// Was the part that was given last the last one?
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.at == self.size
    }
}

impl AsRef<[u8]> for Part {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl HttpBody for Parcel {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(self.next().map(|part| part.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.is_over()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact((self.size - self.at) as u64)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const ANN: Client = Client::V4(Ipv4Addr::new(10, 0, 0, 1));
    const BOB: Client = Client::V4(Ipv4Addr::new(10, 0, 0, 2));

    fn text(size: usize) -> Bytes {
        Bytes::from((0..size).map(|at| at as u8).collect::<Vec<_>>())
    }

    #[test]
    fn parcel_is_held_until_its_last_part_has_left() {
        let unread = Unread::with(1_000_000, 100_000);
        let parcel = unread.hold(ANN, text(100_000));
        assert_eq!(
            (unread.held(), unread.is_full(ANN), unread.is_full(BOB)),
            (100_000, true, false)
        );
        let parts: Vec<_> = parcel.map(Result::unwrap).collect();
        assert_eq!(parts.concat(), text(100_000));
        assert_eq!(unread.held(), 100_000, "its parts are under way");
        drop(parts);
        assert_eq!((unread.held(), unread.is_full(ANN)), (0, false));
        assert!(unread.state().of_each.is_empty() && unread.state().parcels.is_empty());
    }

    #[test]
    fn client_that_holds_the_most_loses_its_oldest_parcel_when_all_hold_too_much() {
        let unread = Unread::with(250_000, 1_000_000);
        let mut first = unread.hold(ANN, text(100_000));
        assert!(first.next().unwrap().is_ok());
        let mut bobs = unread.hold(BOB, text(60_000));
        let mut second = unread.hold(ANN, text(90_000));
        assert_eq!(unread.held(), 250_000);
        let mut last = unread.hold(BOB, text(1_000));
        assert!(first.next().unwrap().is_err(), "it was given up");
        assert_eq!(unread.held(), 151_000);
        for parcel in [&mut bobs, &mut second, &mut last] {
            assert!(parcel.next().unwrap().is_ok());
        }
        drop((first, second, bobs, last));
        assert_eq!(unread.held(), 0);
    }
}
