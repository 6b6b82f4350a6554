//! The reward code published with the MENTOR paper, as it behaves: `choics2623/MENTOR-RL`, commit a158591,
//! `src/verl/utils/reward_score/mentor*.py`.
//!
//! Everything mechanical is here: the end of the sequence, the box, the calls, the five formulas, and where the
//! published code raises (NaN). Whether an answer is right is asked of a judge outside. The reading is deliberately
//! not ours: see [`crate::parse`] and [`crate::answer`] for that.

mod boxed;
mod calls;
mod python;

use crate::align::{SettingsError, named};
use crate::pool;
use calls::Known;

/// The five published rewards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// The outcome alone.
    Sparse,
    /// Equal sets of tool names.
    Mentor,
    /// Any shared tool name.
    Ablation2,
    /// No matching.
    Ablation3,
    /// F1 of the sets of tool names.
    Ablation4,
}

impl Variant {
    const NAMED: [(&str, Self); 5] = [
        ("SPARSE", Self::Sparse),
        ("MENTOR", Self::Mentor),
        ("ABLATION2", Self::Ablation2),
        ("ABLATION3", Self::Ablation3),
        ("ABLATION4", Self::Ablation4),
    ];

    /// Reads a variant's name.
    pub fn from_name(name: &str) -> Result<Self, SettingsError> {
        named("variant", name, &Self::NAMED)
    }
}

/// A row of the published code's: the text, and what the reference says of it.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// Prompt and response together.
    pub text: &'a str,
    /// The accepted answers.
    pub truths: Vec<&'a str>,
    /// The names of the teacher's calls.
    pub teacher: Vec<&'a str>,
    /// Whether the answer is right; nothing if that is not known.
    pub correct: Option<bool>,
}

/// What stands before the judge.
#[derive(Clone, Debug, PartialEq)]
pub enum Question<'a> {
    /// The score is known without asking.
    Settled(f64),
    /// The published code raises on this row's ground truth.
    Raises,
    /// Is this prediction right, given these ground truths, taken out of their boxes?
    Ask {
        /// The text in the student's box.
        prediction: &'a str,
        /// The accepted answers.
        truths: Vec<&'a str>,
    },
}

/// What is to be asked about each row: quirks 1 to 6 and 22 of the published code.
#[must_use]
pub fn questions<'a>(rows: &[Row<'a>], eos_token: &str) -> Vec<Question<'a>> {
    pool::map(rows, weight(rows), |_, row| question(row, eos_token))
}

/// The scores; NaN where the published code raises, and where the judge is needed and said nothing.
#[must_use]
pub fn scores(variant: Variant, rows: &[Row<'_>], eos_token: &str) -> Vec<f64> {
    pool::map(rows, weight(rows), |_, row| match (question(row, eos_token), row.correct) {
        (Question::Settled(score), _) => score,
        (Question::Ask { .. }, Some(correct)) => score(variant, row, correct),
        (Question::Raises, _) | (_, None) => f64::NAN,
    })
}

fn weight(rows: &[Row<'_>]) -> usize {
    rows.iter().map(|row| row.text.len()).sum()
}

fn question<'a>(row: &Row<'a>, eos_token: &str) -> Question<'a> {
    let unfinished = !row.text.ends_with(eos_token);
    if unfinished {
        return Question::Settled(0.0);
    }
    let prediction = boxed::last_boxed(row.text).and_then(boxed::unboxed);
    let Some(prediction) = prediction.filter(|text| !python::strip(text).is_empty()) else {
        return Question::Settled(0.1);
    };
    let unwrap = |truth: &&'a str| {
        if truth.contains("\\boxed{") {
            boxed::last_boxed(truth).and_then(boxed::unboxed)
        } else {
            Some(*truth)
        }
    };
    match row.truths.iter().map(unwrap).collect() {
        Some(truths) => Question::Ask { prediction, truths },
        None => Question::Raises,
    }
}

/// The formulas; the order of the operations is the published one, to the last bit.
fn score(variant: Variant, row: &Row<'_>, correct: bool) -> f64 {
    if variant == Variant::Sparse {
        return if correct { 1.0 } else { 0.1 };
    }
    let Some(used) = calls::tool_usage(row.text) else {
        return f64::NAN;
    };
    let answer = if correct { 0.7 } else { 0.0 };
    let known_only = if used.invalid { 0.0 } else { 0.1 };
    if variant == Variant::Ablation3 {
        return answer + known_only;
    }
    if row.teacher.is_empty() {
        return 0.1;
    }
    let matching = matching(variant, &Teacher::new(&row.teacher), used.known);
    let scaled = if correct { matching } else { matching * 0.2 };
    answer + if variant == Variant::Ablation2 { scaled } else { scaled + known_only }
}

/// The set of the teacher's tools.
struct Teacher {
    known: Known,
    len: u32,
}

impl Teacher {
    fn new(names: &[&str]) -> Self {
        let mut known = Known::default();
        let mut unknown: Vec<&str> = names.iter().copied().filter(|name| !known.add(name)).collect();
        unknown.sort_unstable();
        unknown.dedup();
        Self { known, len: known.len() + unknown.len() as u32 }
    }
}

fn matching(variant: Variant, teacher: &Teacher, student: Known) -> f64 {
    let shared = teacher.known.shared(student);
    match variant {
        _ if shared == 0 => 0.0,
        Variant::Mentor if shared == teacher.len && shared == student.len() => 0.3,
        Variant::Ablation2 => 0.3,
        Variant::Ablation4 => {
            let shared = f64::from(shared);
            let (precision, recall) = (shared / f64::from(student.len()), shared / f64::from(teacher.len));
            0.3 * (2.0 * precision * recall / (precision + recall))
        }
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests;
