//! Quotas: things of which each key may hold a limited number.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The number of things that each `K` holds. Clones count together.
#[derive(Clone)]
pub struct Quota<K: Eq + Hash> {
    taken: Arc<Mutex<HashMap<K, usize>>>,
    max: usize,
}

/// One thing that is held, until this is dropped.
pub struct QuotaGuard<K: Eq + Hash> {
    quota: Quota<K>,
    key: K,
}

impl<K: Eq + Hash + Clone> Quota<K> {
    /// Creates a quota of `max` for each key.
    #[must_use]
    pub fn new(max: usize) -> Self {
        Self {
            taken: Arc::default(),
            max,
        }
    }

    /// Takes one more. Returns `None` when the key holds its maximum.
    #[must_use]
    pub fn take(&self, key: K) -> Option<QuotaGuard<K>> {
        let mut taken = self.taken();
        let has = taken.entry(key.clone()).or_default();
        if *has >= self.max {
            return None;
        }
        *has += 1;
        let quota = self.clone();
        Some(QuotaGuard { quota, key })
    }
}

impl<K: Eq + Hash> Quota<K> {
    fn taken(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Drop for QuotaGuard<K> {
    fn drop(&mut self) {
        let mut taken = self.quota.taken();
        if let Some(has) = taken.get_mut(&self.key) {
            *has -= 1;
            if *has == 0 {
                taken.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn take_limits_each_key_and_forgets_unused_ones() {
        let quota = Quota::new(2);
        let (first, second) = (quota.take('a'), quota.take('a'));
        assert!(first.is_some() && second.is_some());
        assert!(quota.take('a').is_none());
        assert!(quota.take('b').is_some(), "each key has its own count");
        drop(first);
        assert!(quota.take('a').is_some());
        drop(second);
        assert!(quota.taken().is_empty());
    }
}
