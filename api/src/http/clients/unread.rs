//! Accounting of unread output: responses, events and frames that an instance holds until their clients read them.
//!
//! A client that has not read [`MAX_PER_CLIENT`] bytes is rejected until it reads ([`Unread::is_full`]). When all
//! clients together exceed [`MAX_TOTAL`], the client that holds the most loses its oldest [`HeldBytes`], and with them
//! the connection.

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

/// The most bytes that an instance holds for all clients together.
pub const MAX_TOTAL: usize = 64 * 1024 * 1024;
/// The most bytes that it holds for one client.
const MAX_PER_CLIENT: usize = 16 * 1024 * 1024;
/// The size of the chunks that are sent, in bytes.
pub const CHUNK: usize = 32 * 1024;

/// The unread bytes of all clients. Clones share the account.
#[derive(Clone)]
pub struct Unread(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    max_total: usize,
    max_per_client: usize,
}

#[derive(Default)]
struct State {
    held: usize,
    by_client: HashMap<Client, usize>,
    /// The held bytes by number, oldest first.
    entries: BTreeMap<u64, Entry>,
    last_number: u64,
}

struct Entry {
    client: Client,
    size: usize,
    content: Weak<Content>,
}

/// Bytes for a client, counted until their last chunk is dropped. Iterates over the chunks in order, and fails once
/// they are evicted.
pub struct HeldBytes {
    content: Arc<Content>,
    /// The number of bytes already taken.
    at: usize,
    size: usize,
}

/// The bytes, shared with the chunks in flight. None once they are evicted.
struct Content {
    number: u64,
    bytes: Mutex<Option<Bytes>>,
    account: Unread,
}

/// A copy of one chunk. It keeps all of the bytes counted.
struct Chunk {
    bytes: Box<[u8]>,
    _content: Arc<Content>,
}

impl Default for Unread {
    fn default() -> Self {
        Self::new(MAX_TOTAL, MAX_PER_CLIENT)
    }
}

impl Unread {
    /// Creates an account with these limits, in bytes.
    #[must_use]
    pub fn new(max_total: usize, max_per_client: usize) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::default(),
            max_total,
            max_per_client,
        }))
    }

    /// Returns true if the client must read before it gets more.
    #[must_use]
    pub fn is_full(&self, client: Client) -> bool {
        let state = self.state();
        let has = state.by_client.get(&client);
        has.is_some_and(|has| *has >= self.0.max_per_client)
    }

    /// Returns the number of unread bytes.
    #[must_use]
    pub fn held(&self) -> usize {
        self.state().held
    }

    /// Counts bytes for a client until they are sent, and evicts others if all together are too many.
    #[must_use]
    pub fn hold(&self, client: Client, bytes: Bytes) -> HeldBytes {
        let size = bytes.len();
        let mut state = self.state();
        state.last_number += 1;
        let content = Arc::new(Content {
            number: state.last_number,
            bytes: Mutex::new(Some(bytes)),
            account: self.clone(),
        });
        let entry = Entry {
            client,
            size,
            content: Arc::downgrade(&content),
        };
        state.add(content.number, entry);
        let mut evicted = Vec::new();
        while state.held > self.0.max_total {
            evicted.extend(state.evict_oldest());
        }
        // Dropping an evicted content takes the lock.
        drop(state);
        for content in evicted {
            content.bytes().take();
        }
        HeldBytes {
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
        *self.by_client.entry(entry.client).or_default() += entry.size;
        self.entries.insert(number, entry);
    }

    fn remove(&mut self, number: u64) -> Option<Entry> {
        let entry = self.entries.remove(&number)?;
        self.held -= entry.size;
        if let Some(has) = self.by_client.get_mut(&entry.client) {
            *has -= entry.size;
            if *has == 0 {
                self.by_client.remove(&entry.client);
            }
        }
        Some(entry)
    }

    /// Removes the oldest entry of the client that holds the most.
    fn evict_oldest(&mut self) -> Option<Arc<Content>> {
        let (client, _) = self.by_client.iter().max_by_key(|(_, held)| **held)?;
        let mut entries = self.entries.iter();
        let (number, _) = entries.find(|(_, entry)| entry.client == *client)?;
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
        self.account.state().remove(self.number);
    }
}

impl Iterator for HeldBytes {
    type Item = io::Result<Bytes>;

    /// Returns the next chunk as a copy, so that the rest can be evicted at any time.
    fn next(&mut self) -> Option<Self::Item> {
        if self.at == self.size {
            return None;
        }
        let end = self.size.min(self.at + CHUNK);
        let bytes = match &*self.content.bytes() {
            Some(bytes) => Box::from(&bytes[self.at..end]),
            None => return Some(Err(io::Error::other("the client did not read in time"))),
        };
        self.at = end;
        let _content = self.content.clone();
        Some(Ok(Bytes::from_owner(Chunk { bytes, _content })))
    }
}

impl HeldBytes {
    /// Returns true after the last chunk.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.at == self.size
    }
}

impl AsRef<[u8]> for Chunk {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl HttpBody for HeldBytes {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        Poll::Ready(self.next().map(|chunk| chunk.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.is_finished()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact((self.size - self.at) as u64)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const ANN: Client = Client::V4(Ipv4Addr::new(10, 0, 0, 1));
    const BOB: Client = Client::V4(Ipv4Addr::new(10, 0, 0, 2));

    fn text(size: usize) -> Bytes {
        Bytes::from((0..size).map(|at| at as u8).collect::<Vec<_>>())
    }

    #[test]
    fn hold_counts_until_the_last_chunk_is_dropped() {
        let unread = Unread::new(1_000_000, 100_000);
        let held = unread.hold(ANN, text(100_000));
        assert_eq!(
            (unread.held(), unread.is_full(ANN), unread.is_full(BOB)),
            (100_000, true, false)
        );
        let chunks: Vec<_> = held.map(Result::unwrap).collect();
        assert_eq!(chunks.concat(), text(100_000));
        assert_eq!(unread.held(), 100_000, "its chunks are in flight");
        drop(chunks);
        assert_eq!((unread.held(), unread.is_full(ANN)), (0, false));
        assert!(unread.state().by_client.is_empty() && unread.state().entries.is_empty());
    }

    #[test]
    fn hold_evicts_the_oldest_of_the_largest_client() {
        let unread = Unread::new(250_000, 1_000_000);
        let mut first = unread.hold(ANN, text(100_000));
        assert!(first.next().unwrap().is_ok());
        let mut bobs = unread.hold(BOB, text(60_000));
        let mut second = unread.hold(ANN, text(90_000));
        assert_eq!(unread.held(), 250_000);
        let mut last = unread.hold(BOB, text(1_000));
        assert!(first.next().unwrap().is_err(), "evicted");
        assert_eq!(unread.held(), 151_000);
        for held in [&mut bobs, &mut second, &mut last] {
            assert!(held.next().unwrap().is_ok());
        }
        drop((first, second, bobs, last));
        assert_eq!(unread.held(), 0);
    }
}
