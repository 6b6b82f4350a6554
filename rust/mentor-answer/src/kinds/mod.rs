//! Answers that are not expressions: units, words, numerals, choices, dates and times, permutations, formulas.

pub(crate) mod choice;
pub(crate) mod formula;
pub(crate) mod moment;
pub(crate) mod numerals;
pub(crate) mod permutation;
pub(crate) mod units;
pub(crate) mod words;
