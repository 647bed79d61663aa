//! DocumentCache that were admitted, parsed, by their text: clients send the same few again and again, with other variables.
//! A document says nothing of who sends it or of what there is, so that none can be stale or somebody else's. Those with a
//! mutation are not kept: a password may be written out in one.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::parser::types::{ExecutableDocument, OperationType};
use lru::LruCache;

/// How many bytes the kept documents take at the most, about.
const MOST_BYTES: usize = 4 << 20;
/// The largest that is kept: no client drives out many by one.
const LARGEST: usize = MOST_BYTES / 16;
/// What a parsed token takes, and whatever document besides.
const TOKEN: usize = 300;
const DOCUMENT: usize = 500;

/// The documents that are kept. All clones are the same.
#[derive(Clone, Debug)]
pub struct DocumentCache(Arc<Mutex<Kept>>);

#[derive(Debug)]
struct Kept {
    documents: LruCache<Box<str>, Document>,
    /// Of all of them.
    bytes: usize,
}

#[derive(Debug)]
struct Document {
    parsed: Arc<ExecutableDocument>,
    bytes: usize,
}

impl DocumentCache {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Kept {
            documents: LruCache::unbounded(),
            bytes: 0,
        })))
    }

    /// The document of this text, if it is kept.
    pub fn get(&self, text: &str) -> Option<Arc<ExecutableDocument>> {
        let mut kept = self.lock();
        kept.documents
            .get(text)
            .map(|document| document.parsed.clone())
    }

    /// Keeps a document, of so many tokens, in place of those that were asked for longest ago.
    pub fn keep(&self, text: &str, parsed: &Arc<ExecutableDocument>, tokens: usize) {
        // The text is kept once as it is, and what is written out in it once more.
        let bytes = 2 * text.len() + tokens * TOKEN + DOCUMENT;
        let mut operations = parsed.operations.iter();
        if bytes > LARGEST || operations.any(|(_, one)| one.node.ty == OperationType::Mutation) {
            return;
        }
        let text = Box::from(text);
        let parsed = parsed.clone();
        let mut kept = self.lock();
        let before = kept.documents.put(text, Document { parsed, bytes });
        kept.bytes += bytes;
        kept.bytes -= before.map_or(0, |before| before.bytes);
        while kept.bytes > MOST_BYTES {
            let oldest = kept.documents.pop_lru();
            kept.bytes -= oldest.map_or(kept.bytes, |(_, oldest)| oldest.bytes);
        }
    }

    /// Nothing that is done under the lock leaves it half done.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::{self, parse_query};

    use super::*;

    fn keep(documents: &DocumentCache, text: &str) -> Result<bool, parser::Error> {
        documents.keep(text, &Arc::new(parse_query(text)?), 3);
        Ok(documents.get(text).is_some())
    }

    #[test]
    fn queries_and_subscriptions_are_kept() -> Result<(), parser::Error> {
        let documents = DocumentCache::new();
        for (text, is_kept) in [
            ("{ a }", true),
            ("subscription { a }", true),
            ("mutation { login(password: \"secret\") }", false),
            ("query A { a } mutation B { b }", false),
        ] {
            assert_eq!(keep(&documents, text)?, is_kept, "{text}");
        }
        Ok(())
    }

    #[test]
    fn what_was_asked_for_last_is_kept_as_far_as_there_is_room() -> Result<(), parser::Error> {
        let documents = DocumentCache::new();
        // A comment has no tokens, and takes room.
        let long = |number: usize| format!("{{ a }} # {number} {}", "-".repeat(LARGEST / 4));
        let first = "{ first }";
        keep(&documents, first)?;
        for number in 0..100 {
            assert!(keep(&documents, &long(number))?);
            assert!(documents.get(first).is_some(), "{number}");
        }
        let kept = documents.lock().documents.len();
        assert!((16..50).contains(&kept), "{kept}");
        assert!(documents.get(&long(0)).is_none());
        assert!(documents.get(&long(99)).is_some());
        keep(&documents, &long(99))?;
        assert_eq!(documents.lock().documents.len(), kept, "the same again");
        let larger = format!("{{ a }} # {}", "-".repeat(LARGEST));
        assert!(!keep(&documents, &larger)?);
        Ok(())
    }
}
