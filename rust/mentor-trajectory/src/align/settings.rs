//! What a comparison is made of, and what is wrong with settings that cannot be used.

use super::compare::Rules;
use super::flow::Weights;
use super::metric::{Matching, Metric};
use thiserror::Error;

/// How two trajectories are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// The score.
    pub metric: Metric,
    /// Whether repetitions count.
    pub matching: Matching,
    /// When arguments agree, tool by tool.
    pub rules: Rules,
    /// Whether malformed and unknown calls count as calls that agree with nothing; else they are left out.
    pub count_invalid: bool,
    /// The length of n-grams, at least 1.
    pub ngram: usize,
    /// What a call without a partner costs in [`Metric::Global`], in [0, 1].
    pub gap: f64,
    /// The weights of [`Metric::Flow`].
    pub flow: Weights,
}

/// The length of n-grams unless said otherwise.
pub const NGRAM: usize = 2;
/// The gap cost unless said otherwise.
pub const GAP: f64 = 0.25;

/// Settings that cannot be used.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum SettingsError {
    /// A word that is none of the known ones.
    #[error("unknown {what} {given:?}; known: {known}")]
    Unknown {
        /// The setting.
        what: &'static str,
        /// What was given.
        given: String,
        /// What is known.
        known: String,
    },
    /// The score has no meaning for sets.
    #[error("metric {0:?} does not compare sets; use match=\"multiset\"")]
    NotOfSets(&'static str),
    /// A number that is not finite or out of its range.
    #[error("field '{field}': expected a finite number {range}, not {given}")]
    Range {
        /// The setting.
        field: String,
        /// What is allowed.
        range: &'static str,
        /// What was given.
        given: f64,
    },
}

impl Settings {
    /// The settings of a metric with everything else as usual: multisets, exact arguments, invalid calls counted.
    #[must_use]
    pub fn new(metric: Metric) -> Self {
        Self {
            metric,
            matching: Matching::Multiset,
            rules: Rules::default(),
            count_invalid: true,
            ngram: NGRAM,
            gap: GAP,
            flow: Weights::default(),
        }
    }

    /// Reads the settings that are words.
    pub fn from_names(
        metric: &str,
        matching: &str,
        rules: Rules,
        count_invalid: bool,
    ) -> Result<Self, SettingsError> {
        let metric = metric.parse()?;
        let matching = named("match", matching, &Matching::NAMED)?;
        let settings = Self { matching, rules, count_invalid, ..Self::new(metric) };
        settings.check()?;
        Ok(settings)
    }

    /// Whether scores look at the values of arguments, not only at which are equal.
    pub(super) fn looks_at_values(&self) -> bool {
        let nested = matches!(self.metric, Metric::WeightedLcs | Metric::Flow);
        nested || !self.rules.are_plain()
    }

    /// Whether the score is 1 for exactly a reference's calls in order and else 0.
    pub(super) fn wants_equal_calls(&self) -> bool {
        self.metric == Metric::Exact && self.rules.are_plain() && self.rules.usual.is_exact()
    }

    /// Whether the settings can be used together.
    pub fn check(&self) -> Result<(), SettingsError> {
        if self.matching == Matching::Set && !self.metric.counts() {
            return Err(SettingsError::NotOfSets(self.metric.name()));
        }
        if self.ngram == 0 {
            return Err(SettingsError::Range { field: "n".into(), range: "of at least 1", given: 0.0 });
        }
        in_unit("gap", self.gap)?;
        self.flow.check()?;
        self.rules.check()
    }
}

/// Refuses what is not in [0, 1].
pub(super) fn in_unit(field: &str, given: f64) -> Result<(), SettingsError> {
    if (0.0..=1.0).contains(&given) {
        return Ok(());
    }
    Err(SettingsError::Range { field: field.into(), range: "in [0, 1]", given })
}

/// Looks a word up in a table of names.
pub(crate) fn named<T: Copy>(
    what: &'static str,
    given: &str,
    table: &[(&str, T)],
) -> Result<T, SettingsError> {
    table.iter().find(|(name, _)| *name == given).map(|(_, value)| *value).ok_or_else(|| {
        let known = table.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        SettingsError::Unknown { what, given: given.to_owned(), known }
    })
}
