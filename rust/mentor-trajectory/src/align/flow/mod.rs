//! Alignment by value flow: credit for what the teacher's steps achieved, whatever the order or the tool.
//!
//! ```text
//! calls and results --trace--> leaves (atoms) --origins--> which call made which value
//!                                             --ground---> which calls work on what the task gives
//! matching by values and origins (similar, 3 rounds) --+
//! milestones reached, ancestors covered (credit) ------+--> credits of all calls --> F of precision and recall
//! ```
//!
//! * [`atoms`]: scalars as numbers, equal by value; [`task`]: what a text gives; [`trace`]: a trajectory's leaves.
//! * [`origins`]: a value comes from where it appears first. [`ground`]: real work, and what it was done on.
//! * [`reference`]: all that can be known of a reference beforehand. [`similar`]: calls with the same provenance agree.
//! * [`credit`]: the score, and why.
//!
//! The rules, with their reasons, are in docs/alignment.md. Nothing here depends on what else is in a batch or a row.

mod atoms;
mod bits;
mod context;
mod credit;
mod ground;
mod origins;
mod reference;
mod row;
mod similar;
mod task;
mod trace;
mod weights;

pub use context::Context;
pub use credit::{Detail, Reached};
pub use row::{Row, Student};
pub use weights::Weights;

#[cfg(test)]
#[allow(clippy::float_cmp, reason = "scores that are exact by their definition")]
mod tests;
