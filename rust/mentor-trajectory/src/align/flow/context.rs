//! What is known of a row beside its references.

use crate::align::steps::Recording;
use std::collections::{BTreeMap, BTreeSet};

/// The task, and what re-execution or a declaration says of its tools.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    /// The task's text; without it, what the reference uses freely counts as given.
    pub task: Option<String>,
    /// The parameters of a tool that may be exchanged; of a single one, the items of the list that it holds.
    pub commutative: BTreeMap<String, Vec<String>>,
    /// The tools whose calls change what later calls see: their results are not all that they are called for.
    pub effects: BTreeSet<String>,
    /// For each reference, pairs of calls of which the second must follow the first, beyond what values say.
    pub order: Vec<Vec<(usize, usize)>>,
}

impl Context {
    /// Whether the order is one of these references; the path and the fault if not.
    pub(in crate::align) fn check(&self, recordings: &[Recording]) -> Result<(), (String, String)> {
        if self.order.len() > recordings.len() {
            let what = format!("{} lists of pairs for {} references", self.order.len(), recordings.len());
            return Err((".order".into(), what));
        }
        for (reference, (pairs, recording)) in self.order.iter().zip(recordings).enumerate() {
            let calls = recording.calls.len();
            for (place, &(first, second)) in pairs.iter().enumerate() {
                if first >= second || second >= calls {
                    let what = format!("expected two of {calls} calls in order, not ({first}, {second})");
                    return Err((format!(".order[{reference}][{place}]"), what));
                }
            }
        }
        Ok(())
    }
}
