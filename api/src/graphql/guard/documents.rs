//! Documents that were admitted, parsed, by their text: clients send the same few again and again, with other variables.
//! A document says nothing of who sends it or of what there is, so that none can be stale or somebody else's.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::parser::types::ExecutableDocument;
use lru::LruCache;

/// How many tokens the kept documents have together at the most. Parsed, a token takes about 300 bytes.
const MOST_TOKENS: usize = 20_000;

/// The documents that are kept. All clones are the same.
#[derive(Clone, Debug)]
pub struct Documents(Arc<Mutex<Kept>>);

#[derive(Debug)]
struct Kept {
    documents: LruCache<Box<str>, Document>,
    /// Of all of them.
    tokens: usize,
}

#[derive(Debug)]
struct Document {
    parsed: Arc<ExecutableDocument>,
    tokens: usize,
}

impl Documents {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Kept {
            documents: LruCache::unbounded(),
            tokens: 0,
        })))
    }

    /// The document of this text, if it is kept.
    pub fn get(&self, text: &str) -> Option<Arc<ExecutableDocument>> {
        let mut kept = self.lock();
        kept.documents.get(text).map(|kept| kept.parsed.clone())
    }

    /// Keeps a document in place of those that were asked for longest ago.
    pub fn keep(&self, text: &str, parsed: Arc<ExecutableDocument>, tokens: usize) {
        let mut kept = self.lock();
        let before = kept.documents.put(text.into(), Document { parsed, tokens });
        kept.tokens += tokens;
        kept.tokens -= before.map_or(0, |before| before.tokens);
        while kept.tokens > MOST_TOKENS {
            let oldest = kept.documents.pop_lru();
            kept.tokens -= oldest.map_or(kept.tokens, |(_, oldest)| oldest.tokens);
        }
    }

    /// Nothing that is done under the lock leaves it half done.
    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;

    use super::*;

    #[test]
    fn what_was_asked_for_last_is_kept_as_far_as_there_is_room()
    -> Result<(), Box<dyn std::error::Error>> {
        let documents = Documents::new();
        let parsed = Arc::new(parse_query("{ any }")?);
        let keep = |text, tokens| documents.keep(text, parsed.clone(), tokens);
        keep("{ a }", MOST_TOKENS / 2);
        keep("{ b }", MOST_TOKENS / 4);
        keep("{ b }", MOST_TOKENS / 4);
        keep("{ c }", MOST_TOKENS / 4);
        assert!(documents.get("{ a }").is_some(), "there is room for all");
        keep("{ d }", MOST_TOKENS / 4);
        let are_kept =
            ["{ a }", "{ b }", "{ c }", "{ d }"].map(|text| documents.get(text).is_some());
        assert_eq!(are_kept, [true, false, true, true]);
        keep("{ e }", MOST_TOKENS + 1);
        let are_kept = ["{ a }", "{ e }"].map(|text| documents.get(text).is_some());
        assert_eq!(are_kept, [false, false], "one that is too large");
        keep("{ a }", MOST_TOKENS);
        assert!(documents.get("{ a }").is_some());
        Ok(())
    }
}
