//! All that can be known of a reference before any student is seen.

use super::atoms::Atoms;
use super::bits::{Sets, is_empty};
use super::context::Context;
use super::ground::{Ground, Work, work};
use super::origins::{Origin, origins};
use super::task::Task;
use super::trace::Trace;
use crate::align::references::Trajectory;
use crate::align::steps::Outcome;

/// One reference, compiled.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub trace: Trace,
    /// Of the row's atoms: which are given, which need no source, and where each comes from.
    pub given: Vec<bool>,
    pub constant: Vec<bool>,
    pub origins: Vec<Origin>,
    pub work: Work,
    /// The calls that each call must follow, however many steps away.
    pub before: Sets,
    /// The calls that use each call's result.
    pub used_by: Sets,
    /// Whether a call leads to the answer, or is made for something else than a number that nobody uses.
    pub on_path: Vec<bool>,
    /// Whether reaching a call's result is worth something.
    pub milestone: Vec<bool>,
    /// Whether a call is needed only on the way to others.
    pub coverable: Vec<bool>,
    /// The parameters of each call that may be exchanged.
    pub commuting: Vec<Vec<u32>>,
}

/// What the references of a row share.
pub(super) struct Shared<'a> {
    pub atoms: &'a Atoms,
    pub task: Option<&'a Task>,
    /// Of the row's atoms, which the task gives.
    pub given: &'a [bool],
    pub constant: &'a [bool],
    pub context: &'a Context,
}

impl Reference {
    pub fn new(
        trajectory: &Trajectory,
        trace: Trace,
        commuting: Vec<Vec<u32>>,
        order: &[(usize, usize)],
        shared: &Shared<'_>,
    ) -> Self {
        let calls = trace.len();
        let mut given = shared.given.to_vec();
        let mut constant = shared.constant.to_vec();
        let mut from = origins(&trace, &given);
        for (atom, origin) in from.iter_mut().enumerate() {
            if *origin == Origin::Free && shared.task.is_none() {
                given[atom] = true;
                *origin = Origin::Given;
            }
            constant[atom] |= *origin == Origin::Free;
        }
        let ground =
            Ground { base: shared.atoms, own: None, given: &given, constant: &constant, is_reference: true };
        let work = work(&trace, &ground, |_| true, |_| false);
        let (before, used_by) = order_of(&trace, &from, order);
        let mut reference = Self {
            trace,
            given,
            constant,
            origins: from,
            work,
            before,
            used_by,
            on_path: vec![false; calls],
            milestone: vec![false; calls],
            coverable: vec![false; calls],
            commuting,
        };
        reference.judge_calls(trajectory, shared);
        reference
    }

    /// Which calls lead to the answer, are worth reaching, or only on the way.
    fn judge_calls(&mut self, trajectory: &Trajectory, shared: &Shared<'_>) {
        let calls = &trajectory.recording.calls;
        let in_answer = self.in_answer(trajectory.recording.answer.as_deref(), shared.atoms);
        let last = calls.iter().rposition(|recorded| recorded.outcome != Outcome::Failed);
        for call in (0..calls.len()).rev() {
            let failed = calls[call].outcome == Outcome::Failed;
            let effects = shared.context.effects.contains(&calls[call].call.name);
            let leaves = self.trace.result_leaves(call);
            let mut numbers = false;
            let mut answered = false;
            let mut handed_on = false;
            for leaf in leaves {
                let is_number = shared.atoms.value(leaf.atom).is_some();
                let answers = in_answer[leaf.atom as usize];
                numbers |= is_number;
                answered |= answers;
                handed_on |= is_number || answers || self.makes_for_others(call, leaf.atom);
            }
            let used = !is_empty(self.used_by.get(call));
            let leads_on = self.used_by.members(call).any(|user| self.on_path[user]);
            self.on_path[call] =
                !failed && (Some(call) == last || answered || leads_on || effects || !numbers);
            self.milestone[call] = !failed && !effects && handed_on;
            self.coverable[call] = used && !answered && !effects && Some(call) != last;
        }
    }

    /// Whether a later call uses this value of a call's result.
    fn makes_for_others(&self, call: usize, atom: u32) -> bool {
        matches!(self.origins[atom as usize], Origin::Call { call: maker, .. } if maker as usize == call)
            && self
                .used_by
                .members(call)
                .any(|user| self.trace.arguments_of(user).iter().any(|leaf| leaf.atom == atom))
    }

    /// The atoms, not given by the task, that the answer mentions.
    fn in_answer(&self, answer: Option<&str>, atoms: &Atoms) -> Vec<bool> {
        let mut mentioned = vec![false; self.given.len()];
        let Some(answer) = answer else {
            return mentioned;
        };
        let answer = Task::new(answer);
        for &(key, _) in answer.numbers() {
            if let Some(atom) = atoms.number(key) {
                mentioned[atom as usize] = true;
            }
        }
        for (text, atom) in atoms.texts() {
            mentioned[atom as usize] = answer.mentions(text);
        }
        for (mentioned, given) in mentioned.iter_mut().zip(&self.given) {
            *mentioned &= !given;
        }
        mentioned
    }
}

/// Which calls come before each, by the values that flow and the pairs that do not commute; and who uses whose result.
fn order_of(trace: &Trace, origins: &[Origin], order: &[(usize, usize)]) -> (Sets, Sets) {
    let calls = trace.len();
    let (mut before, mut used_by) = (Sets::new(calls, calls), Sets::new(calls, calls));
    for call in 0..calls {
        let follow = |before: &mut Sets, first: usize| {
            before.insert(call, first);
            before.insert_all(call, first);
        };
        for leaf in trace.arguments_of(call) {
            if let Origin::Call { call: maker, .. } = origins[leaf.atom as usize] {
                follow(&mut before, maker as usize);
                used_by.insert(maker as usize, call);
            }
        }
        for &(first, _) in order.iter().filter(|(_, second)| *second == call) {
            follow(&mut before, first);
        }
    }
    (before, used_by)
}
