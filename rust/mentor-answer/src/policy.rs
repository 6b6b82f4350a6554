//! The choices on which graders differ.

use std::fmt;
use std::str::FromStr;

/// What a percent sign means beside a number without one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Percent {
    /// `50%` equals both `50` and `0.5`.
    Either,
    /// `50%` equals `0.5`.
    Value,
    /// `50%` equals `50`.
    Drop,
}

/// What a unit means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Units {
    /// A unit on one side is dropped; two known units are converted, and differ if they measure different things.
    Convert,
    /// Units are dropped, whatever they are.
    Drop,
    /// Both sides need the same unit, or units that convert.
    Require,
}

/// How ratios and numbers in a base are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// Part by part, as written.
    Written,
    /// By value: `6:8` equals `3:4` and `3/4`; `101_2` equals `5`.
    Value,
}

/// Which number of a sentence is its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Prose {
    /// The one that is marked, or the only one.
    Only,
    /// The last one.
    Last,
}

/// What an answer may be at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Domain {
    /// Anything.
    Any,
    /// A whole number from 0 to 999.
    Aime,
}

/// The choices of a judge.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct Policy {
    /// What a percent sign means beside a number without one.
    pub percent: Percent,
    /// What a unit means.
    pub units: Units,
    /// Whether `x = 3` equals `3`.
    pub assignment: bool,
    /// Whether `x = 3` and `y = 3` are the same.
    pub ignore_names: bool,
    /// Whether bare lists are ordered.
    pub ordered_lists: bool,
    /// Whether tuples are ordered, and so differ from sets.
    pub ordered_tuples: bool,
    /// Whether the words of texts, and lone letters, are compared without regard to case.
    pub fold_text: bool,
    /// Whether `X` and `x` are the same variable.
    pub fold_variables: bool,
    /// How `6:8` and `3:4` compare.
    pub ratios: Form,
    /// How `101_2` and `5` compare.
    pub bases: Form,
    /// Whether `]0, 1[` is the open interval.
    pub outward_brackets: bool,
    /// Correct digits that make a decimal equal a number that no decimal writes.
    pub digits: u32,
    /// Largest relative difference of equal numbers; 0 for exact comparison.
    pub tolerance: f64,
    /// Which number of a sentence is its answer.
    pub prose: Prose,
    /// What an answer may be at all.
    pub domain: Domain,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            percent: Percent::Either,
            units: Units::Convert,
            assignment: true,
            ignore_names: false,
            ordered_lists: false,
            ordered_tuples: true,
            fold_text: true,
            fold_variables: false,
            ratios: Form::Written,
            bases: Form::Written,
            outward_brackets: false,
            digits: 12,
            tolerance: 0.0,
            prose: Prose::Only,
            domain: Domain::Any,
        }
    }
}

impl Policy {
    /// The conventions of a benchmark: `default`, `math`, `aime`, `gsm8k`, `bfcl`.
    #[must_use]
    pub fn preset(name: &str) -> Option<Self> {
        let base = Self::default();
        Some(match name {
            "default" => base,
            // The grader of MATH takes off percent signs, units and what stands before "=", and compares as text.
            "math" => Self {
                percent: Percent::Drop,
                units: Units::Drop,
                ignore_names: true,
                ordered_lists: true,
                ..base
            },
            // Three digits on a form.
            "aime" => Self {
                domain: Domain::Aime,
                units: Units::Drop,
                ignore_names: true,
                prose: Prose::Last,
                ..base
            },
            // The last number of the text, without commas, signs of currency and units.
            "gsm8k" => Self {
                percent: Percent::Drop,
                units: Units::Drop,
                ignore_names: true,
                prose: Prose::Last,
                ..base
            },
            // Tool arguments: strings without case and punctuation, lists and tuples in order, numbers by value.
            "bfcl" => Self {
                percent: Percent::Value,
                units: Units::Require,
                assignment: false,
                ordered_lists: true,
                ..base
            },
            _ => return None,
        })
    }
}

/// The names of the presets.
pub const PRESETS: [&str; 5] = ["default", "math", "aime", "gsm8k", "bfcl"];

/// A choice that there is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownChoice {
    /// What was asked for.
    pub value: String,
    /// What there is.
    pub known: &'static [&'static str],
}

impl fmt::Display for UnknownChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected one of {}, not {:?}", self.known.join(", "), self.value)
    }
}

impl std::error::Error for UnknownChoice {}

/// Gives the values of a choice names, both ways.
macro_rules! named {
    ($type:ty, $($name:literal => $value:path),+) => {
        impl FromStr for $type {
            type Err = UnknownChoice;

            fn from_str(name: &str) -> Result<Self, UnknownChoice> {
                match name {
                    $($name => Ok($value),)+
                    _ => Err(UnknownChoice { value: name.to_owned(), known: &[$($name),+] }),
                }
            }
        }

        impl $type {
            /// The name that it is chosen by.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $($value => $name,)+
                }
            }
        }
    };
}

named!(Percent, "either" => Self::Either, "value" => Self::Value, "drop" => Self::Drop);
named!(Units, "convert" => Self::Convert, "drop" => Self::Drop, "require" => Self::Require);
named!(Form, "written" => Self::Written, "value" => Self::Value);
named!(Prose, "only" => Self::Only, "last" => Self::Last);
named!(Domain, "any" => Self::Any, "aime" => Self::Aime);

#[cfg(test)]
mod tests {
    use super::{PRESETS, Percent, Policy};

    #[test]
    fn names() {
        assert!(PRESETS.iter().all(|name| Policy::preset(name).is_some()));
        assert_eq!(Policy::preset("default"), Some(Policy::default()));
        assert_eq!("drop".parse(), Ok(Percent::Drop));
        assert_eq!(Percent::Drop.name(), "drop");
        let error = "no".parse::<Percent>().unwrap_err();
        assert_eq!(error.to_string(), "expected one of either, value, drop, not \"no\"");
    }
}
