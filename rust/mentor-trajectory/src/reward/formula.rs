//! How a row's parts become its reward.

use crate::align::{SettingsError, named};

/// What the judge said of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is right.
    Right,
    /// It is wrong, or there is none.
    Wrong,
    /// The judge could not tell: never counted as wrong.
    Undecided,
}

impl Answer {
    pub(crate) fn value(self) -> f64 {
        match self {
            Self::Right => 1.0,
            Self::Wrong => 0.0,
            Self::Undecided => f64::NAN,
        }
    }
}

/// What makes a row's calls valid. A row without calls has validity 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validity {
    /// 1 if no attempt is malformed or of an unknown tool, else 0.
    All,
    /// The share of attempts that are valid.
    Share,
    /// 1 if no call is of an unknown tool, else 0: the published rule, blind to malformed attempts.
    Known,
}

impl Validity {
    const NAMED: [(&str, Self); 3] = [("all", Self::All), ("share", Self::Share), ("known", Self::Known)];

    /// Reads a rule's name.
    pub fn from_name(name: &str) -> Result<Self, SettingsError> {
        named("validity", name, &Self::NAMED)
    }

    pub(super) fn of(self, valid: u32, malformed: u32, unknown: u32) -> f64 {
        let all = valid + malformed + unknown;
        match self {
            Self::All => f64::from(u8::from(valid == all)),
            Self::Known => f64::from(u8::from(unknown == 0)),
            Self::Share if all == 0 => 1.0,
            Self::Share => f64::from(valid) / f64::from(all),
        }
    }
}

/// How the parts become one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Formula {
    /// `answer * correct + (alignment * a * (1 if correct else discount) + validity * v)`
    Weighted {
        /// The weight of a right answer.
        answer: f64,
        /// The weight of the alignment.
        alignment: f64,
        /// The weight of the validity.
        validity: f64,
        /// What is left of the alignment's weight where the answer is wrong.
        discount: f64,
    },
    /// `right` if the answer is right, else `wrong`.
    Outcome {
        /// The reward of a right answer.
        right: f64,
        /// The reward of a wrong one.
        wrong: f64,
    },
    /// 1 if the answer is right and the alignment complete, else 0.
    Strict,
}

impl Formula {
    /// The reward of these parts; NaN exactly if a part that can change it is not known.
    #[must_use]
    pub fn total(self, answer: Answer, aligned: f64, valid: f64) -> f64 {
        match self {
            Self::Weighted { answer: w_answer, alignment, validity, discount } => {
                let kept = match answer {
                    Answer::Right => 1.0,
                    Answer::Wrong => discount,
                    // Right or wrong is one if nothing is discounted.
                    Answer::Undecided if discount - 1.0 == 0.0 => 1.0,
                    Answer::Undecided => f64::NAN,
                };
                let guided = if kept == 0.0 { 0.0 } else { weigh(alignment, aligned * kept) };
                weigh(w_answer, answer.value()) + (guided + weigh(validity, valid))
            }
            Self::Outcome { right, wrong } => match answer {
                Answer::Right => right,
                Answer::Wrong => wrong,
                Answer::Undecided => f64::NAN,
            },
            Self::Strict if answer == Answer::Wrong || aligned < 1.0 => 0.0,
            Self::Strict => answer.value() * aligned,
        }
    }
}

/// A part without weight does not count, whether it is known or not.
fn weigh(weight: f64, part: f64) -> f64 {
    if weight == 0.0 { 0.0 } else { weight * part }
}
