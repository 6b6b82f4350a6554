//! What is put in: calls with what they returned.

use crate::json::Value;
use crate::parse::{Attempt, Call, Status};

/// What became of a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Outcome {
    /// It is not known, or nothing.
    #[default]
    Unknown,
    /// It failed.
    Failed,
    /// What it returned.
    Value(Value),
}

impl Outcome {
    /// What a tool's response in a text says: a text that begins with `Error:` that the call failed, as this package
    /// tells a model.
    #[must_use]
    pub fn of_text(response: Option<Value>) -> Self {
        match response {
            None | Some(Value::Null) => Self::Unknown,
            Some(Value::String(text)) if text.starts_with("Error:") => Self::Failed,
            Some(value) => Self::Value(value),
        }
    }
}

/// One call of a student's, borrowed.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The call; nothing for an attempt that is malformed or of an unknown tool.
    pub call: Option<&'a Call>,
    /// What became of it.
    pub outcome: &'a Outcome,
}

/// One call of a reference.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The call.
    pub call: Call,
    /// What became of it.
    pub outcome: Outcome,
}

/// One reference: a trajectory of the teacher's.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording {
    /// The calls in order.
    pub calls: Vec<Recorded>,
    /// The final answer, where it is known.
    pub answer: Option<String>,
}

static UNKNOWN: Outcome = Outcome::Unknown;

/// The steps of attempts whose outcomes are not known, invalid ones counted or left out.
#[must_use]
pub fn steps(attempts: &[Attempt], count_invalid: bool) -> Vec<Step<'_>> {
    let step = |attempt| step(attempt, &UNKNOWN, count_invalid);
    attempts.iter().filter_map(step).collect()
}

/// The steps of attempts and their outcomes; `outcomes` may be shorter.
#[must_use]
pub fn steps_with<'a>(
    attempts: &'a [Attempt],
    outcomes: &'a [Outcome],
    count_invalid: bool,
) -> Vec<Step<'a>> {
    let outcomes = outcomes.iter().chain(std::iter::repeat(&UNKNOWN));
    attempts
        .iter()
        .zip(outcomes)
        .filter_map(|(attempt, outcome)| step(attempt, outcome, count_invalid))
        .collect()
}

fn step<'a>(attempt: &'a Attempt, outcome: &'a Outcome, count_invalid: bool) -> Option<Step<'a>> {
    let call = attempt.call.as_ref().filter(|_| attempt.status == Status::Valid);
    (call.is_some() || count_invalid).then_some(Step { call, outcome })
}
