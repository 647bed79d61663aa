//! Things of which everybody may have so many.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Counts what each of `K` has. Clones count together.
#[derive(Clone)]
pub struct Shares<K: Eq + Hash> {
    taken: Arc<Mutex<HashMap<K, usize>>>,
    most: usize,
}

/// One thing that somebody has, until it is dropped.
pub struct Share<K: Eq + Hash> {
    of: Shares<K>,
    whose: K,
}

impl<K: Eq + Hash + Clone> Shares<K> {
    /// At most so many for each.
    #[must_use]
    pub fn of(most: usize) -> Self {
        Self {
            taken: Arc::default(),
            most,
        }
    }

    /// One more, unless they have as many as they may.
    #[must_use]
    pub fn take(&self, whose: K) -> Option<Share<K>> {
        let mut taken = self.taken();
        let has = taken.entry(whose.clone()).or_default();
        if *has >= self.most {
            return None;
        }
        *has += 1;
        let of = self.clone();
        Some(Share { of, whose })
    }
}

impl<K: Eq + Hash> Shares<K> {
    fn taken(&self) -> MutexGuard<'_, HashMap<K, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Drop for Share<K> {
    fn drop(&mut self) {
        let mut taken = self.of.taken();
        if let Some(has) = taken.get_mut(&self.whose) {
            *has -= 1;
            if *has == 0 {
                taken.remove(&self.whose);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn take_gives_each_so_many_and_forgets_who_has_none() {
        let shares = Shares::of(2);
        let (first, second) = (shares.take('a'), shares.take('a'));
        assert!(first.is_some() && second.is_some());
        assert!(shares.take('a').is_none());
        assert!(
            shares.take('b').is_some(),
            "another has a share of their own"
        );
        drop(first);
        assert!(shares.take('a').is_some());
        drop(second);
        assert!(shares.taken().is_empty());
    }
}
