//! A cache of admitted documents, by their text: clients repeat a few documents with other variables. A parsed document
//! depends on nothing else, so no entry can be stale or belong to another client. Documents with a mutation are not
//! cached, because a password may be written in one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::parser::types::{ExecutableDocument, OperationType};
use lru::LruCache;

/// The approximate size of the cache, in bytes.
const MAX_BYTES: usize = 4 << 20;
/// The largest entry, in bytes, so that no document evicts many others.
const MAX_ENTRY: usize = MAX_BYTES / 16;
/// The size of a parsed token, in bytes.
const TOKEN: usize = 300;
/// The size of an entry without its text and tokens, in bytes.
const DOCUMENT: usize = 500;

/// The cached documents. Clones share them.
#[derive(Clone, Debug)]
pub struct DocumentCache(Arc<Mutex<Entries>>);

#[derive(Debug)]
struct Entries {
    documents: LruCache<Box<str>, Document>,
    /// The size of all documents.
    bytes: usize,
}

#[derive(Debug)]
struct Document {
    parsed: Arc<ExecutableDocument>,
    bytes: usize,
}

impl DocumentCache {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Entries {
            documents: LruCache::unbounded(),
            bytes: 0,
        })))
    }

    /// Returns the document with this text, if it is cached.
    pub fn get(&self, text: &str) -> Option<Arc<ExecutableDocument>> {
        let mut entries = self.lock();
        entries
            .documents
            .get(text)
            .map(|document| document.parsed.clone())
    }

    /// Caches a document of so many tokens. Evicts those that were used longest ago.
    pub fn insert(&self, text: &str, parsed: &Arc<ExecutableDocument>, tokens: usize) {
        // The text is stored as the key, and its names and values once more in the parsed document.
        let bytes = 2 * text.len() + tokens * TOKEN + DOCUMENT;
        let mut operations = parsed.operations.iter();
        if bytes > MAX_ENTRY || operations.any(|(_, one)| one.node.ty == OperationType::Mutation) {
            return;
        }
        let text = Box::from(text);
        let parsed = parsed.clone();
        let mut entries = self.lock();
        let before = entries.documents.put(text, Document { parsed, bytes });
        entries.bytes += bytes;
        entries.bytes -= before.map_or(0, |before| before.bytes);
        while entries.bytes > MAX_BYTES {
            let oldest = entries.documents.pop_lru();
            entries.bytes -= oldest.map_or(entries.bytes, |(_, oldest)| oldest.bytes);
        }
    }

    /// Locks the cache, even after a panic: no panic leaves it inconsistent.
    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::{self, parse_query};

    use super::*;

    fn insert(documents: &DocumentCache, text: &str) -> Result<bool, parser::Error> {
        documents.insert(text, &Arc::new(parse_query(text)?), 3);
        Ok(documents.get(text).is_some())
    }

    #[test]
    fn insert_caches_queries_and_subscriptions() -> Result<(), parser::Error> {
        let documents = DocumentCache::new();
        for (text, is_cached) in [
            ("{ a }", true),
            ("subscription { a }", true),
            ("mutation { login(password: \"secret\") }", false),
            ("query A { a } mutation B { b }", false),
        ] {
            assert_eq!(insert(&documents, text)?, is_cached, "{text}");
        }
        Ok(())
    }

    #[test]
    fn insert_evicts_the_least_recently_used() -> Result<(), parser::Error> {
        let documents = DocumentCache::new();
        // A comment has no tokens, but a length.
        let long = |number: usize| format!("{{ a }} # {number} {}", "-".repeat(MAX_ENTRY / 4));
        let first = "{ first }";
        insert(&documents, first)?;
        for number in 0..100 {
            assert!(insert(&documents, &long(number))?);
            assert!(documents.get(first).is_some(), "{number}");
        }
        let entries = documents.lock().documents.len();
        assert!((16..50).contains(&entries), "{entries}");
        assert!(documents.get(&long(0)).is_none());
        assert!(documents.get(&long(99)).is_some());
        insert(&documents, &long(99))?;
        assert_eq!(documents.lock().documents.len(), entries, "the same again");
        let larger = format!("{{ a }} # {}", "-".repeat(MAX_ENTRY));
        assert!(!insert(&documents, &larger)?);
        Ok(())
    }
}
