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
use std::collections::HashSet;

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

/// What stands before the judge.
#[derive(Clone, Debug, PartialEq)]
pub enum Question {
    /// The score is known without asking.
    Settled(f64),
    /// The published code raises on this row's ground truth.
    Raises,
    /// Is this prediction right, given these ground truths, taken out of their boxes?
    Ask {
        /// The text in the student's box.
        prediction: String,
        /// The accepted answers.
        truths: Vec<String>,
    },
}

/// What is to be asked about each text: quirks 1 to 6 and 22 of the published code.
#[must_use]
pub fn questions(texts: &[&str], truths: &[Vec<&str>], eos_token: &str) -> Vec<Question> {
    let weight = texts.iter().map(|text| text.len()).sum();
    pool::map(texts, weight, |row, text| question(text, &truths[row], eos_token))
}

fn question(text: &str, truths: &[&str], eos_token: &str) -> Question {
    if !text.ends_with(eos_token) {
        return Question::Settled(0.0);
    }
    let Some(prediction) = boxed::last_boxed(text).and_then(boxed::unboxed) else {
        return Question::Settled(0.1);
    };
    if python::strip(prediction).is_empty() {
        return Question::Settled(0.1);
    }
    let unwrap = |truth: &&str| {
        if truth.contains("\\boxed{") {
            boxed::last_boxed(truth).and_then(boxed::unboxed)
        } else {
            Some(*truth)
        }
        .map(str::to_owned)
    };
    match truths.iter().map(unwrap).collect() {
        Some(truths) => Question::Ask { prediction: prediction.to_owned(), truths },
        None => Question::Raises,
    }
}

/// The scores, given the judge's word on each row that asked for it (what it says of others is not looked at).
#[must_use]
pub fn scores(
    variant: Variant,
    texts: &[&str],
    questions: &[Question],
    correct: &[bool],
    teachers: &[Vec<&str>],
) -> Vec<f64> {
    let weight = texts.iter().map(|text| text.len()).sum();
    pool::map(texts, weight, |row, text| match questions[row] {
        Question::Settled(score) => score,
        Question::Raises => f64::NAN,
        Question::Ask { .. } => score(variant, text, correct[row], &teachers[row]),
    })
}

/// The formulas; the order of the operations is the published one, to the last bit.
fn score(variant: Variant, text: &str, correct: bool, teacher: &[&str]) -> f64 {
    if variant == Variant::Sparse {
        return if correct { 1.0 } else { 0.1 };
    }
    let Some(used) = calls::tool_usage(text) else {
        return f64::NAN;
    };
    let answer = if correct { 0.7 } else { 0.0 };
    let known_only = if used.invalid { 0.0 } else { 0.1 };
    if variant == Variant::Ablation3 {
        return answer + known_only;
    }
    if teacher.is_empty() {
        return 0.1;
    }
    let teacher: HashSet<&str> = teacher.iter().copied().collect();
    let matching = if used.names.is_empty() { 0.0 } else { matching(variant, &teacher, &used.names) };
    let scaled = if correct { matching } else { matching * 0.2 };
    answer + if variant == Variant::Ablation2 { scaled } else { scaled + known_only }
}

fn matching(variant: Variant, teacher: &HashSet<&str>, student: &HashSet<&'static str>) -> f64 {
    let shared = teacher.intersection(student).count() as f64;
    match variant {
        Variant::Mentor if teacher == student => 0.3,
        Variant::Ablation2 if shared > 0.0 => 0.3,
        Variant::Ablation4 if shared > 0.0 => {
            let (precision, recall) = (shared / student.len() as f64, shared / teacher.len() as f64);
            0.3 * (2.0 * precision * recall / (precision + recall))
        }
        _ => 0.0,
    }
}

#[cfg(test)]
mod tests;
