//! Answers that are not expressions: units, words, choices, dates and times.

pub(crate) mod choice;
pub(crate) mod moment;
pub(crate) mod units;
pub(crate) mod words;
