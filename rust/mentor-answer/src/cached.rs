//! A judge with a policy and the verdicts it has given.

use crate::cache::Cache;
use crate::judge::{Normal, Reading, judge};
use crate::policy::Policy;
use crate::verdict::Verdict;
use std::hash::{DefaultHasher, Hash, Hasher};

/// The verdicts of this process.
static SHARED: Cache = Cache::new();

/// A judge: a policy, and the cache that all judges of the process share.
pub struct Judge {
    policy: Policy,
    key: u64,
}

impl Judge {
    /// A judge of a policy.
    #[must_use]
    pub fn new(policy: Policy) -> Self {
        let mut hasher = DefaultHasher::new();
        format!("{policy:?}").hash(&mut hasher);
        Self { key: hasher.finish(), policy }
    }

    /// The policy.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Judges a pair, or remembers how it was judged.
    #[must_use]
    pub fn decide(&self, answer: &str, reference: &str) -> Verdict {
        let (a, b) = (Normal::new(answer), Normal::new(reference));
        if let Some(verdict) = SHARED.get(self.key, a.text(), b.text()) {
            return verdict;
        }
        let (a, b) = (Reading::from(a), Reading::from(b));
        let verdict = judge(&self.policy, &a, &b);
        SHARED.put(self.key, a.text(), b.text(), verdict);
        verdict
    }
}

/// Forgets every verdict of this process.
pub fn forget() {
    SHARED.clear();
}

#[cfg(test)]
mod tests {
    use super::Judge;
    use crate::policy::Policy;
    use crate::verdict::Decision;

    #[test]
    fn policies_do_not_mix() {
        let (one, other) = (Judge::new(Policy::default()), Judge::new(Policy::preset("math").unwrap()));
        for _ in 0..2 {
            assert_eq!(one.decide("50\\%", "0.5").decision, Decision::Equal);
            assert_eq!(other.decide("50\\%", "0.5").decision, Decision::Different);
        }
    }
}
