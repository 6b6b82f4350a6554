//! Verdicts kept: bounded, shared by threads, keyed by the policy and both normal texts.

use crate::verdict::Verdict;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// Maps that are locked apart, so that threads rarely meet.
const SHARDS: usize = 16;

/// Verdicts in one generation of one map; two generations are kept.
const PER_SHARD: usize = 2_048;

/// Pairs with more text are not kept.
const MAX_BYTES: usize = 1_000;

type Key = (u64, Box<str>, Box<str>);

/// Two generations: what is asked for moves to the newer one, and the older one is dropped when that is full.
#[derive(Default)]
struct Generations {
    newer: HashMap<Key, Verdict>,
    older: HashMap<Key, Verdict>,
}

/// A bounded map from pairs to verdicts.
///
/// It never waits: where another thread holds the part that is asked for, the verdict counts as not kept. So it is safe
/// in a process that was forked off while a thread held a part.
pub struct Cache {
    shards: [Mutex<Option<Generations>>; SHARDS],
}

impl Default for Cache {
    fn default() -> Self {
        Self::new()
    }
}

impl Cache {
    /// An empty cache.
    #[must_use]
    pub const fn new() -> Self {
        Self { shards: [const { Mutex::new(None) }; SHARDS] }
    }

    fn shard(&self, key: &Key) -> Option<MutexGuard<'_, Option<Generations>>> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        match self.shards[hasher.finish() as usize % SHARDS].try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(PoisonError::into_inner(poisoned)),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    fn key(policy: u64, answer: &str, reference: &str) -> Option<Key> {
        (answer.len() + reference.len() <= MAX_BYTES).then(|| (policy, answer.into(), reference.into()))
    }

    /// The verdict on a pair of normal texts under a policy's key, if it is kept.
    #[must_use]
    pub fn get(&self, policy: u64, answer: &str, reference: &str) -> Option<Verdict> {
        let key = Self::key(policy, answer, reference)?;
        let mut shard = self.shard(&key)?;
        let generations = shard.as_mut()?;
        if let Some(verdict) = generations.newer.get(&key) {
            return Some(*verdict);
        }
        let (key, verdict) = generations.older.remove_entry(&key)?;
        generations.put(key, verdict);
        Some(verdict)
    }

    /// Keeps a verdict.
    pub fn put(&self, policy: u64, answer: &str, reference: &str, verdict: Verdict) {
        let Some(key) = Self::key(policy, answer, reference) else { return };
        if let Some(mut shard) = self.shard(&key) {
            shard.get_or_insert_default().put(key, verdict);
        }
    }

    /// How many verdicts are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        let size = |shard: &Mutex<Option<Generations>>| {
            shard.try_lock().ok().and_then(|s| s.as_ref().map(|g| g.newer.len() + g.older.len())).unwrap_or(0)
        };
        self.shards.iter().map(size).sum()
    }

    /// Whether nothing is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Forgets everything.
    pub fn clear(&self) {
        for shard in &self.shards {
            if let Ok(mut shard) = shard.try_lock() {
                *shard = None;
            }
        }
    }
}

impl Generations {
    fn put(&mut self, key: Key, verdict: Verdict) {
        if self.newer.len() >= PER_SHARD {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(key, verdict);
    }
}

#[cfg(test)]
mod tests {
    use super::{Cache, PER_SHARD, SHARDS};
    use crate::verdict::Verdict;

    #[test]
    fn bounded_and_keyed() {
        let cache = Cache::new();
        let verdict = Verdict::equal("a test");
        cache.put(1, "a", "b", verdict);
        assert_eq!(cache.get(1, "a", "b"), Some(verdict));
        assert_eq!((cache.get(2, "a", "b"), cache.get(1, "b", "a")), (None, None));
        for i in 0..4 * SHARDS * PER_SHARD {
            cache.put(1, &i.to_string(), "b", verdict);
            assert_eq!(cache.get(1, "a", "b"), Some(verdict), "what is asked for stays");
        }
        assert!(cache.len() <= 2 * SHARDS * PER_SHARD);
        cache.put(1, &"x".repeat(2_000), "b", verdict);
        assert_eq!(cache.get(1, &"x".repeat(2_000), "b"), None);
        cache.clear();
        assert!(cache.is_empty());
    }
}
