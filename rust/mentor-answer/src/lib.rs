//! Whether two answers say the same. No Python in here.
//!
//! ```text
//! text --text--> cleaned --parse--> tree --compare--> equal | different | undecided, with the reason
//!                                     |  eval, real: values, exact or within bounds, at random points
//!                                     |  algebra: canonical forms, how close different numbers can be
//! ```
//!
//! "Different" is said of values only where they are apart for certain; "equal" where exact arithmetic, a canonical
//! form or a separation bound proves it, or where values agree to more than a hundred binary digits at random points,
//! which the reason then says. What is not known is undecided.
//!
//! Everything is a function of its arguments. Nothing here panics on input, nests deeper than a fixed bound, or
//! takes more than some milliseconds: powers, factorials and texts too large to compute with are not computed.
//!
//! ```
//! use mentor_answer::{Decision, Policy, judge, Reading};
//! let verdict = judge(&Policy::default(), &Reading::new("\\frac{\\sqrt{2}}{2}"), &Reading::new("1/\\sqrt 2"));
//! assert_eq!(verdict.decision, Decision::Equal);
//! ```

#![allow(
    clippy::many_single_char_names,
    clippy::similar_names,
    reason = "two sides of a comparison are a and b, their parts x and y"
)]
#![allow(
    clippy::cast_sign_loss,
    clippy::cast_possible_wrap,
    reason = "bit counts and small numbers change width next to the bounds that make it safe"
)]

mod algebra;
mod cache;
mod cached;
mod compare;
mod eval;
mod judge;
mod kinds;
mod node;
mod number;
mod parse;
mod points;
pub mod policy;
mod real;
mod rewrite;
mod text;
mod verdict;

pub use cache::Cache;
pub use cached::{Judge, forget};
pub use judge::{Normal, Reading, judge};
pub use policy::Policy;
pub use verdict::{Decision, Verdict};
