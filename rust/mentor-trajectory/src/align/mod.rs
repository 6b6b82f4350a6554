//! Calls against calls: how far a student's trajectory agrees with a reference, in [0, 1].
//!
//! ```text
//! recordings --References::new--> numbers --+
//!                                           +--> Relation --> score (scores/, flow/) --> explanation
//! steps --------References::read--> numbers +
//! ```
//!
//! Calls become numbers once ([`References`]): equal calls, tools, parameters and values of a row share one, so that
//! scores compare numbers. Where the [`compare::Rules`] ask for more than equality, they compare the values. With
//! several references the best one counts.

mod assign;
mod batch;
pub mod compare;
mod compiled;
mod distribution;
mod explain;
pub mod flow;
mod ids;
mod metric;
mod read;
mod references;
mod relation;
mod scores;
mod settings;
mod side;
mod steps;

pub use batch::{Calls, Entry, GivenRows, Prepared, prepare_batch, score_batch, score_prepared};
pub use compiled::{Compiled, FieldFault, Source};
pub use distribution::similarity_of_counts;
pub use explain::{Explanation, Pair, Why};
pub use metric::{Matching, Metric};
pub use read::recordings;
pub use references::{References, Student};
pub(crate) use settings::named;
pub use settings::{GAP, NGRAM, Settings, SettingsError};
pub use side::{Needs, Tokens};
pub use steps::{Outcome, Recorded, Recording, Step, steps, steps_with};

/// A student's score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// In [0, 1].
    pub score: f64,
    /// The reference that it was reached with.
    pub reference: usize,
}
