//! Many students against many references, on all cores, in order.

use super::compiled::Compiled;
use super::references::{References, Student};
use super::settings::Settings;
use super::side::Needs;
use super::steps::{Outcome, Step, steps_with};
use crate::parse::{Attempt, Conversation, Format, conversation, parse};
use crate::pool;

/// What a student did.
#[derive(Clone, Copy, Debug)]
pub enum Calls<'a> {
    /// Nothing that may be scored.
    None,
    /// A text to read.
    Text(&'a str),
    /// Attempts already read and what became of them; the latter may be fewer.
    Read(&'a [Attempt], &'a [Outcome]),
}

/// One student and the row of references that it is held against.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// What the student did.
    pub calls: Calls<'a>,
    /// The row.
    pub row: usize,
}

/// A student's calls read against its references, to be scored as often as wanted.
#[derive(Debug)]
pub struct Prepared {
    row: usize,
    attempts: Vec<Attempt>,
    outcomes: Vec<Outcome>,
    student: Student,
}

/// Similarities computed elsewhere: for each student and each of its references, as [`References::score`] takes them.
pub type GivenRows<'a> = &'a [Vec<Vec<f64>>];

/// Scores each student; NaN for one without calls or without references. The same bytes on any number of threads.
#[must_use]
pub fn score_batch(
    settings: &Settings,
    format: Format,
    entries: &[Entry<'_>],
    references: &Compiled,
    given: GivenRows<'_>,
) -> Vec<f64> {
    let needs = Needs::of(settings, !given.is_empty());
    pool::map(entries, weight(entries), |place, entry| {
        let score = |attempts: &[Attempt], outcomes: &[Outcome]| {
            let references = references.of(entry.row);
            let steps = steps_with(attempts, outcomes, settings.count_invalid);
            score(settings, references, &references.read(&steps, needs), &steps, of(given, place))
        };
        match entry.calls {
            Calls::None => f64::NAN,
            Calls::Text(text) if needs.flow => {
                let (attempts, outcomes) = read_with_results(format, text);
                score(&attempts, &outcomes)
            }
            Calls::Text(text) => {
                let decided = if given.is_empty() {
                    references.of(entry.row).score_text(settings, format, text)
                } else {
                    None
                };
                decided.unwrap_or_else(|| score(&parse(format, text, None), &[]))
            }
            Calls::Read(attempts, outcomes) => score(attempts, outcomes),
        }
    })
}

/// Reads each student's calls, invalid ones included; nothing for one without calls.
#[must_use]
pub fn prepare_batch(format: Format, entries: &[Entry<'_>], references: &Compiled) -> Vec<Option<Prepared>> {
    pool::map(entries, weight(entries), |_, entry| {
        let (attempts, outcomes) = match entry.calls {
            Calls::None => return None,
            Calls::Text(text) => read_with_results(format, text),
            Calls::Read(attempts, outcomes) => (attempts.to_vec(), outcomes.to_vec()),
        };
        let student = references.of(entry.row).read(&steps_with(&attempts, &outcomes, true), Needs::ALL);
        Some(Prepared { row: entry.row, attempts, outcomes, student })
    })
}

/// Scores students that were read before; `settings` count invalid calls.
#[must_use]
pub fn score_prepared(
    settings: &Settings,
    students: &[Option<Prepared>],
    references: &Compiled,
    given: GivenRows<'_>,
) -> Vec<f64> {
    let weight = students.iter().flatten().map(|student| student.attempts.len() * 64).sum();
    pool::map(students, weight, |place, student| match student {
        None => f64::NAN,
        Some(Prepared { row, student, .. }) if !settings.looks_at_values() && given.is_empty() => {
            score(settings, references.of(*row), student, &[], &[])
        }
        Some(prepared) => {
            let steps = prepared.steps();
            score(settings, references.of(prepared.row), &prepared.student, &steps, of(given, place))
        }
    })
}

impl Prepared {
    /// The row of references that the student is held against.
    #[must_use]
    pub fn row(&self) -> usize {
        self.row
    }

    /// The attempts at calls.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// The calls as [`References::score`] takes them.
    #[must_use]
    pub fn steps(&self) -> Vec<Step<'_>> {
        steps_with(&self.attempts, &self.outcomes, true)
    }

    /// The calls as numbers.
    #[must_use]
    pub fn student(&self) -> &Student {
        &self.student
    }
}

/// The attempts of a text with what became of them, where the text goes on to say so.
fn read_with_results(format: Format, text: &str) -> (Vec<Attempt>, Vec<Outcome>) {
    let Conversation { attempts, results, .. } = conversation(format, text, None);
    (attempts, results.into_iter().map(Outcome::of_text).collect())
}

fn of(given: GivenRows<'_>, place: usize) -> &[Vec<f64>] {
    given.get(place).map_or(&[], Vec::as_slice)
}

fn score(
    settings: &Settings,
    references: &References,
    student: &Student,
    steps: &[Step<'_>],
    given: &[Vec<f64>],
) -> f64 {
    references.score(settings, student, steps, given).map_or(f64::NAN, |scored| scored.score)
}

/// The size in bytes, roughly: what deciding on threads needs to know.
fn weight(entries: &[Entry<'_>]) -> usize {
    let weight = |entry: &Entry<'_>| match entry.calls {
        Calls::None => 0,
        Calls::Text(text) => text.len(),
        Calls::Read(attempts, _) => attempts.len() * 64,
    };
    entries.iter().map(weight).sum()
}
