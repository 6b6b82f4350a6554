//! The reward of a batch: parse, align, and weigh with the answer's correctness.
//!
//! `reward = w_answer * correct + w_align * alignment * (1 if correct else discount) + w_valid * validity`

mod formula;

pub use formula::{Answer, Formula, Validity};

use crate::align::{self, Compiled};
use crate::parse::{Attempt, Format, Status, Tools, parse};
use crate::pool;

/// What a row's student did.
#[derive(Debug)]
pub enum Student<'a> {
    /// A text to read.
    Text(&'a str),
    /// Attempts already read.
    Attempts(&'a [Attempt]),
    /// Nothing that may be scored: the machinery failed.
    Unscorable,
}

impl Student<'_> {
    /// The size in bytes, roughly: what deciding on threads needs to know.
    fn weight(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Attempts(attempts) => attempts.len() * 64,
            Self::Unscorable => 0,
        }
    }
}

/// One row of a batch.
#[derive(Debug)]
pub struct Row<'a> {
    /// What the student did.
    pub student: Student<'a>,
    /// Whether its answer is right.
    pub answer: Answer,
    /// The names of its tools, for a text; without them names are not checked.
    pub tools: Option<&'a Tools>,
    /// The alignment where it was scored before.
    pub aligned: Option<f64>,
}

/// What a reward is made of.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The format of texts.
    pub format: Format,
    /// How calls are aligned.
    pub align: align::Settings,
    /// What makes a row's calls valid.
    pub validity: Validity,
    /// How the parts become one number.
    pub formula: Formula,
}

/// A row's reward and its parts; NaN is what is not known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reward {
    /// 1 for a right answer, 0 for a wrong one, NaN where that is undecided.
    pub answer: f64,
    /// The best reference's score; NaN without references.
    pub alignment: f64,
    /// The validity of the calls.
    pub validity: f64,
    /// The reward; NaN if a part that it needs is.
    pub total: f64,
    /// The number of valid calls.
    pub valid: u32,
    /// The number of malformed attempts.
    pub malformed: u32,
    /// The number of calls of unknown tools.
    pub unknown: u32,
}

impl Reward {
    const NONE: Self = Self {
        answer: f64::NAN,
        alignment: f64::NAN,
        validity: f64::NAN,
        total: f64::NAN,
        valid: 0,
        malformed: 0,
        unknown: 0,
    };
}

/// The rewards of a batch, in order and the same for any number of threads. `references` has a place for each row.
#[must_use]
pub fn batch(settings: &Settings, rows: &[Row<'_>], references: &Compiled) -> Vec<Reward> {
    let weight = rows.iter().map(|row| row.student.weight()).sum();
    pool::map(rows, weight, |place, row| score(settings, row, references.of(place)))
}

fn score(settings: &Settings, row: &Row<'_>, references: &align::References) -> Reward {
    let scored = |attempts: &[Attempt]| {
        let count = |status| attempts.iter().filter(|a| a.status == status).count() as u32;
        let [valid, malformed, unknown] = [Status::Valid, Status::Malformed, Status::Unknown].map(count);

        let alignment = row.aligned.unwrap_or_else(|| align(settings, attempts, references));
        let validity = settings.validity.of(valid, malformed, unknown);
        let total = settings.formula.total(row.answer, alignment, validity);
        Reward { answer: row.answer.value(), alignment, validity, total, valid, malformed, unknown }
    };
    with_attempts(settings, row, scored).unwrap_or(Reward::NONE)
}

fn align(settings: &Settings, attempts: &[Attempt], references: &align::References) -> f64 {
    let steps = align::steps(attempts, settings.align.count_invalid);
    let scored = references.score(
        &settings.align,
        &references.read(&steps, align::Needs::of(&settings.align, false)),
        &steps,
        &[],
    );
    scored.map_or(f64::NAN, |scored| scored.score)
}

fn with_attempts<R>(settings: &Settings, row: &Row<'_>, f: impl FnOnce(&[Attempt]) -> R) -> Option<R> {
    match &row.student {
        Student::Text(text) => Some(f(&parse(settings.format, text, row.tools))),
        Student::Attempts(attempts) => Some(f(attempts)),
        Student::Unscorable => None,
    }
}

#[cfg(test)]
mod tests;
