//! Calls against calls: how far a student's trajectory agrees with a reference, in [0, 1].
//!
//! A call becomes a number (its token): equal calls of a row share one. References are turned into tokens once and
//! scored against as many students as wanted. With several references the best one counts.

mod metrics;
mod tokens;

pub use metrics::{Matching, Metric};
pub use tokens::{Arguments, References};

use crate::parse::Attempt;
use std::str::FromStr;
use thiserror::Error;

/// How two trajectories are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The score.
    pub metric: Metric,
    /// Whether repetitions count.
    pub matching: Matching,
    /// What makes two calls equal.
    pub arguments: Arguments,
    /// Whether malformed and unknown calls count as calls that agree with nothing; else they are left out.
    pub count_invalid: bool,
}

/// Settings that do not name a score.
#[derive(Debug, Error, PartialEq, Eq)]
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
    /// Sequences have no set to compare.
    #[error("metric {0:?} compares sequences; use match=\"multiset\"")]
    SequenceOfSet(&'static str),
}

impl Settings {
    /// Reads the settings from their names.
    pub fn from_names(
        metric: &str,
        matching: &str,
        arguments: &str,
        count_invalid: bool,
    ) -> Result<Self, SettingsError> {
        let settings = Self {
            metric: named("metric", metric, &Metric::NAMED)?,
            matching: named("match", matching, &Matching::NAMED)?,
            arguments: named("arguments", arguments, &Arguments::NAMED)?,
            count_invalid,
        };
        if settings.matching == Matching::Set && settings.metric.is_sequence() {
            return Err(SettingsError::SequenceOfSet(settings.metric.name()));
        }
        Ok(settings)
    }
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

impl FromStr for Metric {
    type Err = SettingsError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        named("metric", name, &Self::NAMED)
    }
}

/// The score of the best reference; nothing if there are none.
#[must_use]
pub fn score(settings: &Settings, student: &[Attempt], references: &References) -> Option<f64> {
    let calls = references.student_tokens(student, settings.count_invalid);
    let best = |best: Option<f64>, teacher: &Vec<u32>| {
        let score =
            metrics::score(settings.metric, settings.matching, &calls.tokens, teacher, calls.distinct);
        Some(best.map_or(score, |best| best.max(score)))
    };
    references.trajectories().iter().fold(None, best)
}
