//! What the judge says of a pair, and why.

use std::fmt;

/// Whether two answers say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decision {
    /// They do.
    Equal,
    /// They do not.
    Different,
    /// That is not known.
    Undecided,
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "equal",
            Self::Different => "different",
            Self::Undecided => "undecided",
        })
    }
}

/// A decision with its reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What was decided.
    pub decision: Decision,
    /// The rule that decided.
    pub reason: &'static str,
}

impl Verdict {
    pub(crate) const fn equal(reason: &'static str) -> Self {
        Self { decision: Decision::Equal, reason }
    }

    pub(crate) const fn different(reason: &'static str) -> Self {
        Self { decision: Decision::Different, reason }
    }

    pub(crate) const fn undecided(reason: &'static str) -> Self {
        Self { decision: Decision::Undecided, reason }
    }

    /// Whether it is "equal".
    #[must_use]
    pub fn is_equal(&self) -> bool {
        self.decision == Decision::Equal
    }

    /// Whether it is "different".
    #[must_use]
    pub fn is_different(&self) -> bool {
        self.decision == Decision::Different
    }

    /// Equal if either is; different if both are.
    pub(crate) fn or(self, other: impl FnOnce() -> Self) -> Self {
        if self.is_equal() {
            return self;
        }
        let other = other();
        if other.is_equal() || other.decision == Decision::Undecided { other } else { self }
    }
}
