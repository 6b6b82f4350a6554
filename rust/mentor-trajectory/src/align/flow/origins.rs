//! Where values come from: a value's origin is its first appearance.
//!
//! What the task gives is given. What stands in a call's arguments before any call returned it is free: the model
//! brought it. Everything else was made by the first call that returned it. So a small number that a call happens to
//! return after it was used does not look as if it had flowed.

use super::trace::Trace;

/// Where a value appears first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Nowhere.
    None,
    /// In the task.
    Given,
    /// In the arguments of a call.
    Free,
    /// In what a call returned, at this place of it.
    Call { call: u32, place: u64 },
}

/// The origin of every atom; `given` says which are the task's.
pub(super) fn origins(trace: &Trace, given: &[bool]) -> Vec<Origin> {
    let first = |&given: &bool| if given { Origin::Given } else { Origin::None };
    let mut origins: Vec<Origin> = given.iter().map(first).collect();
    let mut meet = |atom: u32, origin: Origin| {
        let known = &mut origins[atom as usize];
        if *known == Origin::None {
            *known = origin;
        }
    };
    for call in 0..trace.len() {
        for leaf in trace.arguments_of(call) {
            meet(leaf.atom, Origin::Free);
        }
        for leaf in trace.result_leaves(call) {
            meet(leaf.atom, Origin::Call { call: call as u32, place: leaf.place });
        }
    }
    origins
}
